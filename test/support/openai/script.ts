/** What the OpenAI stand-in does: answers, pace, and what goes wrong. */

/** One answer of the model. */
export interface ScriptedAnswer {
  /** What its transcript says. */
  readonly text?: string;
  /** Length of its audio; by default 60 ms per character of `text`. */
  readonly durationMs?: number;
  /** A WAV file (PCM16 mono at the session's rate, or 8 kHz for G.711) to speak in place of tones. */
  readonly wavPath?: string;
  /** Functions it calls after it spoke; an answer without `text` only calls. */
  readonly toolCalls?: readonly { readonly name: string; readonly arguments: string }[];
  /** Ends otherwise than complete, before any audio. */
  readonly ends?:
    | { readonly status: "failed"; readonly type: string; readonly code?: string }
    | { readonly status: "incomplete"; readonly reason: "content_filter" | "max_output_tokens" };
  /** Stops sending in the middle and says nothing more. */
  readonly stallsAfterMs?: number;
  /** Claims to hear the caller in the middle of it, and the end of their turn a moment later. */
  readonly hearsCallerAfterMs?: number;
  /** Closes the socket in the middle; 1006 cuts it. */
  readonly closesAfterMs?: { readonly ms: number; readonly code: number };
}

/** The behaviour of one stand-in; every session starts at its beginning. */
export interface OpenAiScript {
  /** Answers the upgrade with this HTTP status. */
  readonly refuse?: { readonly status: number; readonly code: string; readonly type?: string };
  /** Never answers after the upgrade. */
  readonly mute?: boolean;
  /** Refuses the settings with this error code. */
  readonly refuseSettings?: string;
  readonly readyDelayMs?: number;
  /** The session ends by itself after this, and says so from the beginning. */
  readonly sessionMs?: number;
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
  readonly keyOrder?: "typeFirst" | "eventIdFirst" | "typeLast";
  /** Raw messages sent once the session is ready. */
  readonly garbage?: readonly (string | Uint8Array)[];
  /** Sends this error event once ready. */
  readonly errorWhenReady?: { readonly type: string; readonly code: string | null };
  readonly vad?: { readonly onsetMs?: number; readonly silenceMs?: number };
}

/** Scripts that can be named on the command line. */
export const OPENAI_SCRIPTS: Readonly<Record<string, OpenAiScript>> = {
  default: {
    answers: [
      { text: "You are speaking with the stand-in. Please go on." },
      { text: "I heard you, and this is my second answer." },
      { text: "And this is yet another answer, a little longer than those before it." },
    ],
  },
  slow: { thinkMs: 4000, speed: 1 },
  realtime: { speed: 1, chunkMs: 20 },
  burst: { speed: Number.POSITIVE_INFINITY, chunkMs: 200 },
  "jitter-100": { speed: 1.5, jitterMs: 80, chunkMs: 100 },
  jitter: { speed: 1.2, jitterMs: 180, chunkMs: 60 },
  "stop-mid-word": {
    answers: [{ text: "This answer will never come to its", stallsAfterMs: 700 }],
  },
  "close-mid-answer": {
    answers: [
      { text: "This answer is cut off in the middle", closesAfterMs: { ms: 700, code: 1011 } },
    ],
  },
  "refuse-key": { refuse: { status: 401, code: "invalid_api_key" } },
  "rate-limit": { refuse: { status: 429, code: "rate_limit_exceeded" } },
  "rate-limit-later": {
    answers: [{ ends: { status: "failed", type: "tokens", code: "rate_limit_exceeded" } }],
  },
  "rate-limit-event": { errorWhenReady: { type: "tokens", code: "rate_limit_exceeded" } },
  "session-limit": { sessionMs: 60_000 },
  interrupt: {
    answers: [
      { text: "The service hears somebody in the middle of this.", hearsCallerAfterMs: 800 },
    ],
  },
  filtered: { answers: [{ ends: { status: "incomplete", reason: "content_filter" } }] },
  "hang-up": {
    answers: [
      { text: "Goodbye.", toolCalls: [{ name: "hang_up", arguments: '{"reason":"done"}' }] },
    ],
  },
  mute: { mute: true },
};
