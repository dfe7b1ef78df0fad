/** What the Gemini stand-in does: answers, pace, and what goes wrong. */

/** One answer of the model. */
export interface GeminiAnswer {
  /** What its transcript says. */
  readonly text?: string;
  /** Length of its audio; by default 60 ms per character of `text`. */
  readonly durationMs?: number;
  /** Functions it calls after it spoke; an answer without `text` only calls. The next answer follows their results. */
  readonly toolCalls?: readonly { readonly name: string; readonly args?: unknown }[];
  /** Stops sending in the middle and says nothing more. */
  readonly stallsAfterMs?: number;
  /** Closes the socket in the middle; 1006 cuts it. */
  readonly closesAfterMs?: { readonly ms: number; readonly code: number; readonly reason?: string };
  /** Interrupts itself after so much audio, as if it had heard somebody. */
  readonly interruptsItselfAfterMs?: number;
}

/** The behaviour of one stand-in; every session starts at its beginning. */
export interface GeminiScript {
  /** Answers the upgrade with this HTTP status and Google API error. */
  readonly refuse?: { readonly status: number; readonly error: string; readonly message: string };
  /** Answers the setup by closing. */
  readonly refuseSetup?: { readonly code: number; readonly reason: string };
  /** Takes the setup and says nothing. */
  readonly mute?: boolean;
  readonly readyDelayMs?: number;
  /** Answers in order; the last one repeats. */
  readonly answers?: readonly GeminiAnswer[];
  /** From the end of the caller's turn to the first audio. */
  readonly thinkMs?: number;
  /** Audio per message. */
  readonly chunkMs?: number;
  /** Speed of generation over real time; `Infinity`: the whole answer at once. */
  readonly speed?: number;
  /** Messages are late by up to this much. */
  readonly jitterMs?: number;
  /** Raw messages sent once the session is ready. */
  readonly garbage?: readonly (string | Uint8Array)[];
  readonly vad?: { readonly onsetMs?: number; readonly silenceMs?: number };
  /** Announces the end of the connection, and then ends it. */
  readonly goAway?: { readonly afterMs: number; readonly timeLeftMs: number };
  /** Handles of sessions before are not known any more. */
  readonly forgets?: boolean;
}

/** Scripts that can be named on the command line. */
export const GEMINI_SCRIPTS: Readonly<Record<string, GeminiScript>> = {
  default: {
    answers: [
      { text: "You are speaking with the stand-in. Please go on." },
      { text: "I heard you, and this is my second answer." },
      { text: "And this is yet another answer, a little longer than those before it." },
    ],
  },
  slow: { thinkMs: 4000, speed: 1 },
  realtime: { speed: 1, chunkMs: 40 },
  burst: { speed: Number.POSITIVE_INFINITY, chunkMs: 200 },
  jitter: { speed: 1.2, jitterMs: 180, chunkMs: 60 },
  "stop-mid-word": {
    answers: [{ text: "This answer will never come to its", stallsAfterMs: 700 }],
  },
  "close-mid-answer": {
    answers: [
      { text: "This answer is cut off in the middle", closesAfterMs: { ms: 700, code: 1011 } },
    ],
  },
  "interrupt-itself": {
    answers: [{ text: "This answer stops as if you had spoken", interruptsItselfAfterMs: 900 }],
  },
  "refuse-model": {
    refuseSetup: {
      code: 1008,
      reason: "models/x is not found for API version v1beta, or is not supported for bidiGenerate",
    },
  },
  "rate-limit": {
    refuseSetup: { code: 1011, reason: "You exceeded your current quota, please check your plan" },
  },
  "hang-up": {
    answers: [
      { text: "Goodbye.", toolCalls: [{ name: "hang_up", args: { reason: "done" } }] },
      { text: "Bye." },
    ],
  },
  "go-away": { goAway: { afterMs: 50_000, timeLeftMs: 10_000 } },
  mute: { mute: true },
};
