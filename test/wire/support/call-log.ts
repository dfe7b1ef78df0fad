/** What the HTTP API shows of calls, as a user of it would write it down. Times are ISO 8601. */

/** One utterance. */
export interface SpokenLine {
  /** Of recording sessions. */
  readonly role?: string;
  readonly speaker: "caller" | "model";
  readonly text: string;
  readonly at: string;
}

/** One thing the caller heard. */
export interface LoggedTurn {
  readonly itemId: string;
  readonly source: "answer" | "filler" | "say" | "inject";
  readonly model: string | null;
  readonly lastCallerVoiceAt: string | null;
  readonly firstModelAudioAt: string;
  readonly firstPacketAt: string;
  readonly endedAt: string;
  readonly responseMs: number | null;
  readonly playedMs: number;
  readonly unheardMs: number;
  readonly interrupted: boolean;
  readonly truncatedToMs: number | null;
}

/** The caller spoke over the model. */
export interface LoggedInterruption {
  readonly at: string;
  readonly playedMs: number;
  readonly unheardMs: number;
}

/** A tool that the model called. */
export interface LoggedTool {
  readonly name: string;
  readonly kind: string;
  readonly at: string;
  readonly ms: number;
  readonly outcome: string;
}

/** An entry of `GET /calls`. */
export interface LiveCall {
  readonly callId: string;
  readonly state: string;
  readonly flow: string;
  readonly phoneNumber: string;
  readonly calledNumber: string;
  readonly trunk: string | null;
}

/** `GET /calls/ID`. */
export interface ShownCall extends LiveCall {
  readonly muted: { readonly caller: boolean; readonly model: boolean };
  readonly transcript: readonly SpokenLine[];
  readonly turns: readonly LoggedTurn[];
}

/** An entry of `GET /call-logs`. */
export interface CallLog {
  readonly sessionId: string;
  readonly sipCallId: string;
  readonly phoneNumber: string;
  readonly calledNumber: string;
  readonly trunk: string | null;
  readonly flow: string;
  readonly mode: string;
  readonly model: string | null;
  readonly start: string;
  readonly answered: string | null;
  readonly end: string;
  readonly durationMs: number;
  readonly verdict: {
    readonly endedBy: string;
    readonly outcome: string;
    readonly reason: string;
  };
  readonly transcript: readonly SpokenLine[];
  readonly modelResponses: readonly string[];
  readonly interruptions: readonly LoggedInterruption[];
  readonly turns: readonly LoggedTurn[];
  readonly tools: readonly LoggedTool[];
  readonly stats: {
    readonly packetsReceived: number;
    readonly packetsSent: number;
    readonly packetsLost: number;
  } | null;
}
