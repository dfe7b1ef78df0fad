/** Phone numbers are searched, ordered, and come when the service is done with the order. */
import type { SearchAvailablePhoneNumbersRequest } from "@aws-sdk/client-chime-sdk-voice";
import { sleep } from "../core/clock.ts";
import { listNumbers } from "./account-numbers.ts";
import { allPages } from "./paced-lists.ts";
import type { RunState } from "./trunk-executor.ts";
import { type NumberOwner, type NumberSearch, ownName } from "./trunk-wish.ts";

/** Which numbers came, and which did not. */
export interface Arrival {
  readonly there: readonly string[];
  readonly failed: readonly { readonly number: string; readonly reason: string }[];
}

const FIRST_POLL_MS = 1000;
const MAX_POLL_MS = 15_000;
/** What was just ordered may not be listed at once. */
const UNLISTED_MS = 5000;

/** Up to `count` free numbers, as the service offers them. */
export async function searchNumbers(
  { country, type, prefix, count }: NumberSearch,
  { source: { client, calls } }: Pick<RunState, "source">,
): Promise<readonly string[]> {
  const request: SearchAvailablePhoneNumbersRequest = {
    Country: country,
    PhoneNumberType: type === "tollFree" ? "TollFree" : "Local",
    MaxResults: count,
    ...(type === "tollFree" ? { TollFreePrefix: prefix } : { AreaCode: prefix }),
  };
  const found = await allPages(
    (NextToken) =>
      calls.call("SearchAvailablePhoneNumbers", async () => {
        const page = await client.searchAvailablePhoneNumbers({ ...request, ...NextToken });
        return { items: page.E164PhoneNumbers, next: page.NextToken };
      }),
    count,
  );
  return found.slice(0, count);
}

/** Ordered once: where the answer is lost, the numbers are looked for before they are ordered again. */
export async function orderNumbers(
  numbers: readonly string[],
  owner: NumberOwner,
  { source, provision }: RunState,
): Promise<void> {
  const { client, calls } = source;
  await calls.call(
    "CreatePhoneNumberOrder",
    () =>
      client.createPhoneNumberOrder({
        ProductType: "VoiceConnector",
        E164PhoneNumbers: [...numbers],
        Name: ownName(provision.deployment, owner),
      }),
    {
      alreadyDone: async () => {
        const known = new Set((await listNumbers(source)).map(({ number }) => number));
        return numbers.some((number) => known.has(number)) ? true : undefined;
      },
    },
  );
}

/** Waits until none of the numbers is on its way any more, for at most `orderLimitMs`. */
export async function awaitNumbers(
  numbers: readonly string[],
  { source, clock, onProgress, orderLimitMs }: RunState,
): Promise<Arrival> {
  const startUs = clock.nowUs();
  const untilUs = startUs + orderLimitMs * 1000;
  let told = -1;
  for (let pollMs = FIRST_POLL_MS; numbers.length > 0; pollMs = Math.min(MAX_POLL_MS, pollMs * 2)) {
    const all = new Map((await listNumbers(source)).map((each) => [each.number, each]));
    const mayBeUnlisted = clock.nowUs() < startUs + UNLISTED_MS * 1000;
    const isComing = (number: string): boolean =>
      all.get(number)?.state === "coming" || (mayBeUnlisted && !all.has(number));
    const coming = numbers.filter(isComing);
    const there = numbers.filter((number) => isThere(all.get(number)?.state));
    if (there.length !== told) {
      told = there.length;
      onProgress(`  ${told} of ${numbers.length} ordered numbers are there`);
    }
    if (coming.length === 0 || clock.nowUs() >= untilUs) {
      const missing = numbers.filter((number) => !there.includes(number));
      const failed = missing.map((number) => ({
        number,
        reason: coming.includes(number)
          ? "still being ordered: apply again later"
          : `the order failed: ${all.get(number)?.status ?? "not in the account"}`,
      }));
      return { there, failed };
    }
    await sleep(clock, pollMs);
  }
  return { there: [], failed: [] };
}

function isThere(state: string | undefined): boolean {
  return state === "free" || state === "used";
}
