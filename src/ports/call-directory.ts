/** The port through which people and programs see the calls in progress. */
import type { CallId } from "../core/ids.ts";
import type { CallRecord } from "./call-store.ts";
import type { Inject, Mute, Say, SendDigits } from "./media-host.ts";

/** A call in progress, in short. Times are wall milliseconds. */
export interface CallSummary {
  readonly callId: CallId;
  readonly state: string;
  readonly direction: "inbound" | "outbound";
  readonly flow: string;
  readonly mode: CallRecord["mode"];
  readonly model: string | undefined;
  readonly callingNumber: string;
  readonly calledNumber: string;
  readonly contactId: string | undefined;
  /** Name of the trunk that the call came or went over. */
  readonly trunk: string | undefined;
  readonly startedAtMs: number;
  readonly answeredAtMs: number | undefined;
}

/** A call in progress, with what was said so far. */
export interface CallDetail extends CallSummary {
  readonly transcript: CallRecord["transcript"];
  readonly interruptions: CallRecord["interruptions"];
  readonly turns: CallRecord["turns"];
  readonly models: CallRecord["models"];
  readonly usage: CallRecord["usage"];
  readonly muted: MutedSides;
  readonly tools?: CallRecord["tools"];
  readonly participants?: CallRecord["participants"];
  readonly contact?: CallRecord["contact"];
  readonly attributes: CallRecord["attributes"];
  readonly consent?: CallRecord["consent"];
  readonly recording?: CallRecord["recording"];
}

/** Who is muted: see {@link Mute}. */
export interface MutedSides {
  readonly caller: boolean;
  readonly model: boolean;
}

/** What is done about a recording; `consent`: those who speak agreed to it; `stop` before that: they did not. */
export type RecordAction = "pause" | "resume" | "stop" | "consent";

/** What an operator has a call do. */
export type OperatorCommand =
  | { readonly kind: "record"; readonly action: RecordAction }
  | Pick<Say, "kind" | "text" | "by">
  | Pick<Inject, "kind" | "samples">
  | Pick<Mute, "kind" | "who" | "on">
  | Pick<SendDigits, "kind" | "digits">;

/** What a person knows better than rules and metadata. */
export interface RoleCorrection {
  readonly participantId: string;
  readonly role: "customer" | "agent" | "unknown";
}

/** The calls in progress. */
export interface CallDirectory {
  list(): readonly CallSummary[];
  find(callId: CallId): CallDetail | undefined;
  /** Ends the call as the operator's wish; `false` when there is no such call. */
  hangUp(callId: CallId): boolean;
  /**
   * Resolves when the call has taken the command, which is before it is carried out; `undefined` when there is no such call.
   * Rejects with CALL_NOT_TALKING, MODEL_CANNOT_SAY, VOICE_CANNOT_SAY, MEDIA_CLIPS_FULL, MEDIA_NO_DIGITS or
   * RECORDING_NOT_ACTIVE.
   */
  operate(callId: CallId, command: OperatorCommand): Promise<void> | undefined;
  /**
   * Who somebody is, from now on and for what was said; `undefined` when there is no such call, otherwise all participants.
   * Throws CALL_NOT_RECORDED or CALL_PARTICIPANT_UNKNOWN.
   */
  correctRole(
    callId: CallId,
    correction: RoleCorrection,
  ): NonNullable<CallRecord["participants"]> | undefined;
  /** Every `toJSON()` and `describe()` of the call. */
  dump(callId: CallId): Readonly<Record<string, unknown>> | undefined;
  /** `true` from the moment new calls are refused for shutdown. */
  readonly draining: boolean;
}
