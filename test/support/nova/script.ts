/** What the Nova Sonic stand-in does: answers, pace, and what goes wrong. */

/** An exception of the service. */
export interface ScriptedException {
  /** For example `ThrottlingException`. */
  readonly name: string;
  readonly message?: string;
}

/** One answer of the model. */
export interface ScriptedAnswer {
  /** What it says; spoken sentence by sentence. */
  readonly text?: string;
  /** Says this many numbered words in place of `text`, going on from the last one said, which may be in the history. */
  readonly words?: number;
  /** Length of its audio; by default 60 ms per character of `text`. */
  readonly durationMs?: number;
  /** Functions it calls after it spoke; an answer without `text` only calls. */
  readonly toolCalls?: readonly { readonly name: string; readonly arguments: string }[];
  /** The calls end as interrupted, before they are complete. */
  readonly cancelsTools?: boolean;
  /** Stops sending in the middle and says nothing more. */
  readonly stallsAfterMs?: number;
  /** Breaks the connection in the middle, which a client sees as an end without error. */
  readonly cutsAfterMs?: number;
  /** Fails in the middle. */
  readonly failsAfterMs?: { readonly ms: number; readonly exception: ScriptedException };
  /** Claims in the middle that the caller interrupted. */
  readonly interruptsAfterMs?: number;
}

/** The behaviour of one stand-in; every session starts at its beginning. */
export interface NovaScript {
  /** Answers the request with this HTTP status. */
  readonly refuse?: ScriptedException & { readonly status: number };
  /** Accepts the request, then fails with its first message. */
  readonly failAtOnce?: ScriptedException;
  /** Never answers the request. */
  readonly mute?: boolean;
  /** From the request to the headers of the answer. */
  readonly acceptDelayMs?: number;
  /** Answers in order; the last one repeats. */
  readonly answers?: readonly ScriptedAnswer[];
  /** From the end of the caller's turn to the first audio. */
  readonly thinkMs?: number;
  /** Audio per message. */
  readonly chunkMs?: number;
  /** Speed of generation over real time; `Infinity`: the whole answer at once. */
  readonly speed?: number;
  /** Messages are late by up to this much. */
  readonly jitterMs?: number;
  /** Raw payloads sent once audio is open. */
  readonly garbage?: readonly (string | Uint8Array)[];
  /** Says that it speaks at this rate. */
  readonly claimsRateHz?: number;
  /** Tells texts of the client again, as said by the caller. */
  readonly echoesText?: boolean;
  /** Which signals of an interruption are sent. */
  readonly interruptionSignals?: "both" | "text" | "stopReason";
  /** Ends the session after this time, as the service does after 8 minutes. */
  readonly sessionLimitMs?: number;
  /** Ends the session after this time without audio. */
  readonly idleLimitMs?: number;
  readonly vad?: { readonly onsetMs?: number; readonly silenceMs?: number };
}

/** Scripts that can be named on the command line. */
export const NOVA_SCRIPTS: Readonly<Record<string, NovaScript>> = {
  default: {
    answers: [
      { text: "You are speaking with the stand-in of Nova Sonic. Please go on." },
      { text: "I heard you. This is my second answer." },
      { text: "And this is yet another answer. It is a little longer than those before it." },
    ],
  },
  words: { answers: [{ words: 10 }] },
  slow: { thinkMs: 4000, speed: 1 },
  realtime: { speed: 1, chunkMs: 32 },
  burst: { speed: Number.POSITIVE_INFINITY, chunkMs: 200 },
  jitter: { speed: 1.2, jitterMs: 180, chunkMs: 60 },
  "stop-mid-word": {
    answers: [{ text: "This answer will never come to its end.", stallsAfterMs: 700 }],
  },
  "cut-mid-word": {
    answers: [{ text: "This answer is cut off in the middle.", cutsAfterMs: 700 }],
  },
  "fail-mid-word": {
    answers: [
      {
        text: "This answer fails in the middle.",
        failsAfterMs: { ms: 700, exception: { name: "ModelStreamErrorException" } },
      },
    ],
  },
  "refuse-key": { refuse: { status: 403, name: "UnrecognizedClientException" } },
  "refuse-access": { refuse: { status: 403, name: "AccessDeniedException" } },
  "rate-limit": { refuse: { status: 429, name: "ThrottlingException" } },
  "rate-limit-later": { failAtOnce: { name: "ThrottlingException" } },
  interrupts: { answers: [{ words: 10, interruptsAfterMs: 1500 }] },
  "hang-up": {
    answers: [
      { text: "Goodbye.", toolCalls: [{ name: "hang_up", arguments: '{"reason":"done"}' }] },
    ],
  },
  "one-minute": { answers: [{ words: 10 }], sessionLimitMs: 60_000 },
  mute: { mute: true },
};
