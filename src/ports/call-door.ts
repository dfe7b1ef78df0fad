/** The port of doors that are not SIP: whoever stands there becomes a call like any other. */
import type { CallId } from "../core/ids.ts";
import type { AssistRole } from "./assist-events.ts";
import type { Verdict } from "./call-store.ts";
import type { MediaFact } from "./media-facts.ts";
import type { PcmLine } from "./pcm-line.ts";

/** Which door. */
export type DoorName = "a2a" | "kinesisVideo";

/** Who stands there, and what they want. */
export interface Arrival {
  readonly door: DoorName;
  /** What takes the call. */
  readonly flow: string;
  /** In place of the flow's own; `undefined`: that. */
  readonly model: string | undefined;
  /** Amazon Connect's contact, where one is known. */
  readonly contactId: string | undefined;
  /** Empty: not known. */
  readonly callingNumber: string;
  readonly calledNumber: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** For the model's prompt: what was said before, in plain words; empty: nothing. */
  readonly about: string;
  /** Kinesis Video stream that is listened to. */
  readonly streamArn: string | undefined;
  /** Its owner closes it when the call has ended. */
  readonly line: PcmLine;
  /** Who speaks on each stream of the line, by its label; only where they are listened to and nobody is answered. */
  readonly roles: Readonly<Record<string, Extract<AssistRole, "customer" | "agent">>> | undefined;
}

/**
 * Hears what becomes of an arrival; all methods are called synchronously.
 *
 * - Either `refuse`, or `accept` and later `onEnded`; `onEnded` also follows a refusal of a call that had begun.
 * - `accept` MUST settle when `signal` aborts.
 */
export interface Visitor {
  /** All is ready. Resolves when the peer may hear us; a rejection gives the call up. */
  accept(callId: CallId, signal: AbortSignal): Promise<void>;
  /** The call is not taken, for instance because the model cannot be reached; says so with the status that SIP has for it. */
  refuse(status: number, reason: string): void;
  /** Every fact of a call that talks. */
  onFact(fact: MediaFact): void;
  /** Asks the peer to take the call over, and says why; `false`: it does not. Absent: it cannot. */
  handOver?(reason: string): boolean;
  onEnded(verdict: Verdict): void;
}

/** A call, as its door moves it. */
export interface Visit {
  readonly callId: CallId;
  /** A key that the caller pressed. */
  pressDigit(digit: string): void;
  /** The peer is gone; idempotent. `server`: it is lost rather than finished. */
  leave(by: "peer" | "server", reason: string | undefined): void;
}

/** Lets arrivals in. */
export interface CallDoor {
  /** Throws CALL_DRAINING, CALL_CAP_REACHED, ROUTE_NOT_FOUND or MODEL_UNKNOWN, and then the visitor hears nothing. */
  enter(arrival: Arrival, visitor: Visitor): Visit;
}
