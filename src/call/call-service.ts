/** What a call does for its caller once SIP and RTP stand: a model that talks, an echo. */
import type { CallRecord, Verdict } from "../ports/call-store.ts";
import type { MediaFact } from "../ports/media-facts.ts";
import type { MediaCommand, MediaResult } from "../ports/media-host.ts";

import type { CallRecordBuilder } from "./call-record.ts";
import type { TransferRequest } from "./call-transfer.ts";
import type { TransferOutcome } from "./hand-over.ts";

type WithoutLeg<C> = C extends MediaCommand ? Omit<C, "callId" | "legId"> : never;

/** A media command for the call's own leg. */
export type LegCommandOf = WithoutLeg<MediaCommand>;

/** The call, as its service sees it. */
export interface CallLine {
  /** Aborts when the call starts to end. */
  readonly signal: AbortSignal;
  /** What is known of the call, and where tools note what they did. */
  readonly record: Pick<
    CallRecordBuilder,
    | "origin"
    | "answeredAtMs"
    | "attributes"
    | "noted"
    | "setAttribute"
    | "addTool"
    | "setContact"
    | "setResults"
  >;
  /** Tells the caller that it rings, until `prepare` resolves. */
  ring(): void;
  /** The same, with audio both ways before the answer (183 with our SDP); just rings when the caller sent no offer. */
  openEarly(): Promise<void>;
  execute<C extends LegCommandOf>(
    command: C,
  ): Promise<MediaResult<Extract<MediaCommand, { kind: C["kind"] }>>>;
  /** Ends the call at once. */
  end(verdict: Verdict): void;
  /** Plays what is queued, then ends the call. */
  farewell(verdict: Verdict): void;
  /** Asks the peer to call somebody else; the call goes on whatever comes of it. Never rejects. */
  transfer(request: TransferRequest): Promise<TransferOutcome>;
}

/** One kind of conversation. */
export interface CallService {
  readonly mode: CallRecord["mode"];
  readonly model: string | undefined;
  /** Before the answer; rejects with a catalogue error to refuse the invitation. */
  prepare(line: CallLine): Promise<void>;
  /** Every fact of the leg, in order. */
  onFact(fact: MediaFact): void;
  /** Before our BYE, once everything was said; bounded in time, and MUST NOT reject. */
  conclude?(verdict: Verdict): Promise<void>;
}
