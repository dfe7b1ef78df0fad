/** A call as its registry sees it, whatever kind it is of. */
import type { RoleCorrection } from "../ports/call-directory.ts";
import type { CallRecord, Verdict } from "../ports/call-store.ts";
import type { MediaFact } from "../ports/media-facts.ts";
import type { CallRecordBuilder } from "./call-record.ts";
import type { OperatedCall } from "./operate-call.ts";

/** Ends once, whoever ends it, and leaves one record. */
export interface LiveCall extends OperatedCall {
  readonly record: CallRecordBuilder;
  /** Aborts when the call starts to end. */
  readonly signal: AbortSignal;
  /** Takes the invitation to its answer or its refusal; never rejects. */
  start(): Promise<void>;
  /** Of a recording session: all participants as they are then. Throws CALL_NOT_RECORDED or CALL_PARTICIPANT_UNKNOWN. */
  correctRole?(correction: RoleCorrection): NonNullable<CallRecord["participants"]>;
  onFact(fact: MediaFact): void;
  end(verdict: Verdict): void;
  toJSON(): Readonly<Record<string, unknown>>;
}
