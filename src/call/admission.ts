/** Who may call: an ordered list of small deciders, each with a name that is logged and counted. */
import type { ErrorCode } from "../core/errors.ts";
import { isLoopback } from "../core/ip-address.ts";
import type { Invitation } from "../ports/signaling-server.ts";

/** What the gateway looks like at the moment of the invitation. */
export interface AdmissionState {
  readonly activeCalls: number;
  readonly maxCalls: number;
  readonly draining: boolean;
}

/** Why an invitation is refused. */
export interface Refusal {
  readonly decider: string;
  readonly code: Extract<ErrorCode, "CALL_NOT_ADMITTED" | "CALL_CAP_REACHED" | "CALL_DRAINING">;
}

type Decider = (invitation: Invitation, state: AdmissionState) => Refusal["code"] | undefined;

const DECIDERS: Readonly<Record<string, Decider>> = {
  source: ({ source }) => (isLoopback(source.address) ? undefined : "CALL_NOT_ADMITTED"),
  drain: (_invitation, { draining }) => (draining ? "CALL_DRAINING" : undefined),
  cap: (_invitation, { activeCalls, maxCalls }) =>
    activeCalls >= maxCalls ? "CALL_CAP_REACHED" : undefined,
};

/** The first decider's refusal, or `undefined` when all let the invitation pass. */
export function refusalOf(invitation: Invitation, state: AdmissionState): Refusal | undefined {
  for (const [decider, decide] of Object.entries(DECIDERS)) {
    const code = decide(invitation, state);
    if (code !== undefined) {
      return { decider, code };
    }
  }
  return undefined;
}
