/** What the steps of phone numbers ask of the service; a number that is refused does not stop the others. */
import type { PhoneNumberError } from "@aws-sdk/client-chime-sdk-voice";
import { listNumbers } from "./account-numbers.ts";
import { awaitNumbers, orderNumbers, searchNumbers } from "./number-orders.ts";
import { isMissing } from "./paced-calls.ts";
import type { RunState } from "./trunk-executor.ts";
import type { TrunkStep } from "./trunk-plan.ts";
import type { NumberOwner } from "./trunk-wish.ts";

/** Steps that concern numbers. */
export type NumberStep = Extract<
  TrunkStep,
  {
    readonly kind: "orderNumbers" | "associateNumbers" | "disassociateNumbers" | "releaseNumbers";
  }
>;

/** A number that could not be had, led or released. */
export interface NumberFailure {
  readonly number?: string | undefined;
  readonly reason: string;
}

/** @throws GatewayError PROVISION_REFUSED, PROVISION_UNREACHABLE. */
export async function runNumberStep(
  step: NumberStep,
  state: RunState,
): Promise<readonly NumberFailure[]> {
  switch (step.kind) {
    case "orderNumbers":
      return order(step, state);
    case "associateNumbers": {
      const { failed } = await awaitNumbers(step.coming, state);
      const lost = new Set(failed.map(({ number }) => number));
      const there = step.numbers.filter((number) => !lost.has(number));
      return [...failed, ...(await associate(step.owner, there, state))];
    }
    case "disassociateNumbers":
      return disassociate(step, state);
    case "releaseNumbers":
      return release(step.numbers, state);
  }
}

async function order(
  { owner, wanted }: Extract<NumberStep, { kind: "orderNumbers" }>,
  state: RunState,
): Promise<readonly NumberFailure[]> {
  const found = "prefix" in wanted ? await searchNumbers(wanted, state) : wanted;
  const shortage =
    "prefix" in wanted && found.length < wanted.count
      ? [
          {
            reason: `only ${found.length} of ${wanted.count} numbers with ${wanted.prefix} are free`,
          },
        ]
      : [];
  if (found.length === 0) {
    return shortage;
  }
  await orderNumbers(found, owner, state);
  const { there, failed } = await awaitNumbers(found, state);
  return [...shortage, ...failed, ...(await associate(owner, there, state))];
}

async function associate(
  owner: NumberOwner,
  numbers: readonly string[],
  state: RunState,
): Promise<readonly NumberFailure[]> {
  const { client, calls } = state.source;
  if (numbers.length === 0) {
    return [];
  }
  const E164PhoneNumbers = [...numbers];
  const isFresh = state.connectors.get(owner.key)?.isFresh === true;
  const answer =
    owner.kind === "connector"
      ? await calls.call(
          "AssociatePhoneNumbersWithVoiceConnector",
          () =>
            client.associatePhoneNumbersWithVoiceConnector({
              VoiceConnectorId: idOf(owner, state),
              E164PhoneNumbers,
              ForceAssociate: false,
            }),
          { isFresh },
        )
      : await calls.call(
          "AssociatePhoneNumbersWithVoiceConnectorGroup",
          () =>
            client.associatePhoneNumbersWithVoiceConnectorGroup({
              VoiceConnectorGroupId: idOf(owner, state),
              E164PhoneNumbers,
              ForceAssociate: false,
            }),
          { isFresh: true },
        );
  return failuresOf(answer.PhoneNumberErrors);
}

/** A number that leads there no longer is as it shall be. */
async function disassociate(
  { owner, ownerId, numbers }: Extract<NumberStep, { kind: "disassociateNumbers" }>,
  { source: { client, calls } }: RunState,
): Promise<readonly NumberFailure[]> {
  const E164PhoneNumbers = [...numbers];
  const answer =
    owner.kind === "connector"
      ? await calls.call("DisassociatePhoneNumbersFromVoiceConnector", () =>
          client.disassociatePhoneNumbersFromVoiceConnector({
            VoiceConnectorId: ownerId,
            E164PhoneNumbers,
          }),
        )
      : await calls.call("DisassociatePhoneNumbersFromVoiceConnectorGroup", () =>
          client.disassociatePhoneNumbersFromVoiceConnectorGroup({
            VoiceConnectorGroupId: ownerId,
            E164PhoneNumbers,
          }),
        );
  const refused = failuresOf(answer.PhoneNumberErrors);
  if (refused.length === 0) {
    return [];
  }
  const now = await listNumbers({ client, calls });
  const still = new Set(now.filter((each) => each.ownerId === ownerId).map(({ number }) => number));
  return refused.filter(({ number }) => number === undefined || still.has(number));
}

async function release(
  numbers: readonly string[],
  { source: { client, calls } }: RunState,
): Promise<readonly NumberFailure[]> {
  for (const number of numbers) {
    try {
      await calls.call("DeletePhoneNumber", () =>
        client.deletePhoneNumber({ PhoneNumberId: number }),
      );
    } catch (error) {
      if (!isMissing(error)) {
        throw error;
      }
    }
  }
  return [];
}

function idOf({ kind, key }: NumberOwner, state: RunState): string {
  const id = kind === "connector" ? state.connectors.get(key)?.id : state.groups.get(key);
  if (id === undefined) {
    throw new Error(`no ${kind} ${key} in this run`);
  }
  return id;
}

/** 200 does not mean that all went well: each number has its own verdict. */
function failuresOf(errors: readonly PhoneNumberError[] | undefined): readonly NumberFailure[] {
  return (errors ?? []).map(({ PhoneNumberId, ErrorCode }) => ({
    number: PhoneNumberId === undefined ? undefined : decodeURIComponent(PhoneNumberId),
    reason: `refused: ${ErrorCode ?? "no reason given"}`,
  }));
}
