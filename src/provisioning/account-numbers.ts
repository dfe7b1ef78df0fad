/** The phone numbers that an account has, or has ordered. */
import type { ChimeSDKVoice, PhoneNumber } from "@aws-sdk/client-chime-sdk-voice";
import type { PacedCalls } from "./paced-calls.ts";
import { allPages } from "./paced-lists.ts";
import type { AccountNumber, NumberState } from "./trunk-account.ts";

/** Who is asked. */
export interface NumberSource {
  readonly client: ChimeSDKVoice;
  readonly calls: PacedCalls;
}

/** Numbers of the account and those of orders that are not done yet. */
export async function listNumbers({
  client,
  calls,
}: NumberSource): Promise<readonly AccountNumber[]> {
  const orders = await allPages((NextToken) =>
    calls.call("ListPhoneNumberOrders", async () => {
      const page = await client.listPhoneNumberOrders({ ...NextToken, MaxResults: 99 });
      return { items: page.PhoneNumberOrders, next: page.NextToken };
    }),
  );
  const listed = await allPages((NextToken) =>
    calls.call("ListPhoneNumbers", async () => {
      const page = await client.listPhoneNumbers({ ...NextToken, MaxResults: 99 });
      return { items: page.PhoneNumbers, next: page.NextToken };
    }),
  );
  const numbers = new Map(
    listed
      .map(numberFrom)
      .flatMap((number) => (number === undefined ? [] : [[number.number, number] as const])),
  );
  for (const { OrderedPhoneNumbers } of orders) {
    for (const { E164PhoneNumber: number, Status } of OrderedPhoneNumbers ?? []) {
      if (number !== undefined && Status === "Processing" && !numbers.has(number)) {
        numbers.set(number, { number, state: "coming", status: "Processing" });
      }
    }
  }
  return [...numbers.values()];
}

const STATE_OF: Readonly<Record<string, NumberState>> = {
  AcquireInProgress: "coming",
  Unassigned: "free",
  Assigned: "used",
};

function numberFrom(listed: PhoneNumber): AccountNumber | undefined {
  const { E164PhoneNumber: number, Status: status = "unknown", Associations, Name } = listed;
  const ownerId = Associations?.find(({ Value }) => Value !== undefined)?.Value;
  return number === undefined
    ? undefined
    : {
        number,
        state: STATE_OF[status] ?? "stuck",
        status,
        ownerId,
        name: Name === "" ? undefined : Name,
      };
}
