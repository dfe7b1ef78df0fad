/** The port to what remains of a call: its record, found again by number, contact and time. */
import type { ErrorCode } from "../core/errors.ts";
import type { CallId } from "../core/ids.ts";
import type { TOOL_KINDS, TOOL_OUTCOMES } from "../core/tool-labels.ts";
import type { AssistParticipant, AssistRole } from "./assist-events.ts";
import type { ContactClueKind, ContactIdentity, ResultOutcome } from "./contact-directory.ts";
import type { LegStats, TurnTiming } from "./media-facts.ts";
import type { ModelUsage, Speaker } from "./realtime-model.ts";
import type { RecordingSummary } from "./recording-store.ts";

/** How a call ended, and who is to blame. */
export interface Verdict {
  /** `callee`: who answered, or refused, a call of ours. */
  readonly endedBy: "caller" | "callee" | "model" | "gateway" | "operator";
  /** From a closed set: `completed`, `cancelled`, `refused`, `mediaTimeout`, `modelFailed`, `serverLost`, `drained`, `failed`, `timeLimit`. */
  readonly outcome: Outcome;
  /** In plain words. */
  readonly reason: string;
}

/** The closed set of ways a call ends. */
export type Outcome =
  | "completed"
  | "cancelled"
  | "refused"
  | "mediaTimeout"
  | "modelFailed"
  | "serverLost"
  | "drained"
  | "failed"
  | "timeLimit";

/** One utterance. */
export interface TranscriptLine {
  readonly speaker: Speaker;
  readonly text: string;
  readonly atMs: number;
  /** Of a recording session: who spoke, and on which stream. */
  readonly role?: AssistRole | undefined;
  readonly participantId?: string | undefined;
}

/** The caller spoke over the model. */
export interface Interruption {
  readonly atMs: number;
  readonly playedMs: number;
  readonly unheardMs: number;
}

/** One session of a model, as long as the call spoke with it. Times are wall milliseconds. */
export interface ModelSpan {
  readonly model: string;
  readonly fromMs: number;
  /** `undefined`: it goes on. */
  readonly toMs: number | undefined;
  /** `renewed`: at its limit, by another session of the same model; `replaced`: it failed, and another model took over. */
  readonly ended: ModelSpanEnd | undefined;
  /** Of a failure. */
  readonly code: ErrorCode | undefined;
  /** Of a failure, in plain words. */
  readonly reason: string | undefined;
}

/** The closed set of ways a session of a model ends. */
export type ModelSpanEnd = "callEnded" | "renewed" | "replaced" | "failed";

/** What a provider counted over a call. */
export interface UsageTotal {
  readonly model: string;
  readonly usage: ModelUsage;
  /** US dollars; `undefined` where the model's prices are not configured. */
  readonly costUsd: number | undefined;
}

/** A tool that the model called. */
export interface ToolUse {
  /** As configured; `unknown` for one that the flow does not have. */
  readonly name: string;
  readonly kind: (typeof TOOL_KINDS)[number];
  readonly atMs: number;
  /** From the call to its answer. */
  readonly ms: number;
  readonly outcome: (typeof TOOL_OUTCOMES)[number];
}

/** Why a call may be recorded, or may not. */
export interface ConsentNote {
  readonly state: "assumed" | "announced" | "missing" | "given" | "refused";
  /** `client`: the recording client says that all know; `caller`: by a key. */
  readonly by: "flow" | "client" | "caller" | "operator";
  /** `undefined`: before the call. */
  readonly atMs: number | undefined;
}

/** The contact of Amazon Connect that a call belongs to, and what became of the results for it. */
export interface CallContact extends ContactIdentity {
  readonly foundBy: ContactClueKind;
  /** `undefined`: none were written. */
  readonly results: ResultOutcome | undefined;
}

/** All that is kept of a call. Times are wall milliseconds. */
export interface CallRecord {
  readonly callId: CallId;
  readonly sipCallId: string;
  readonly direction: "inbound" | "outbound";
  readonly flow: string;
  readonly mode: "agent" | "assist" | "bridge" | "echo";
  readonly model: string | undefined;
  readonly callingNumber: string;
  readonly calledNumber: string;
  /** Amazon Connect's contact, from `X-Amzn-ConnectContactId`, or found by a code or the caller's number. */
  readonly contactId: string | undefined;
  /** More of it; absent: it was not believed, or there is none. */
  readonly contact?: CallContact | undefined;
  /** Name of the trunk that the call came or went over; `undefined`: none. */
  readonly trunk: string | undefined;
  /** Headers of the invitation that the trunk keeps, what a call of ours was ordered with, and what the model set. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Kinesis Video stream of the call, where one is known. */
  readonly streamArn: string | undefined;
  readonly startedAtMs: number;
  readonly answeredAtMs: number | undefined;
  readonly endedAtMs: number;
  readonly verdict: Verdict;
  readonly transcript: readonly TranscriptLine[];
  readonly interruptions: readonly Interruption[];
  readonly turns: readonly TurnTiming[];
  /** Which models spoke when; those that were replaced before they said a word, too. */
  readonly models: readonly ModelSpan[];
  /** One entry for each model that counts. */
  readonly usage: readonly UsageTotal[];
  /** Absent: none. */
  readonly tools?: readonly ToolUse[] | undefined;
  /** Of a recording session, the streams with their roles, as they were last known; absent: it was none. */
  readonly participants?: readonly AssistParticipant[] | undefined;
  /** Absent: its flow does not record. */
  readonly consent?: ConsentNote | undefined;
  /** Absent: nothing was recorded. */
  readonly recording?: RecordingSummary | undefined;
  readonly stats: LegStats | undefined;
}

/** Which records are wanted; all given conditions must hold. */
export interface CallFilter {
  readonly callId?: string | undefined;
  /** Calling or called number, compared by digits. */
  readonly phoneNumber?: string | undefined;
  readonly contactId?: string | undefined;
  /** Calls that started at or after. */
  readonly fromMs?: number | undefined;
  /** Calls that started before. */
  readonly toMs?: number | undefined;
}

/** One page of records, newest first. */
export interface CallPage {
  readonly records: readonly CallRecord[];
  /** Opaque; `undefined` on the last page. */
  readonly nextCursor: string | undefined;
}

/**
 * The call store. Every method rejects with STORE_FAILED when the store cannot be used.
 *
 * - `saveCall` MUST be idempotent by call id: the last one wins.
 * - `listCalls` MUST be stable under new calls: a cursor never skips or repeats a record.
 */
export interface CallStore {
  open(): Promise<void>;
  saveCall(record: CallRecord): Promise<void>;
  findCall(callId: CallId): Promise<CallRecord | undefined>;
  /** `limit` is 1 … 200. */
  listCalls(filter: CallFilter, limit: number, cursor?: string): Promise<CallPage>;
  close(): Promise<void>;
  toJSON(): Readonly<Record<string, unknown>>;
}
