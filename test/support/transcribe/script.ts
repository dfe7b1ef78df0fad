/** What the Transcribe stand-in does: what it claims to hear, how it feels about it, and what goes wrong. */

/** An exception of the service. */
export interface ScriptedException {
  /** For example `LimitExceededException`. */
  readonly name: string;
  readonly message?: string;
}

/** Names of the service. */
export type StandInSentiment = "POSITIVE" | "NEGATIVE" | "NEUTRAL" | "MIXED";

/** A text that a stand-in sent. */
export interface SentText {
  readonly text: string;
  readonly final: boolean;
  /** When the message came that brought it about, and when the text was sent; by the clock of the stand-in. */
  readonly heardUs: number;
  readonly sentUs: number;
}

/** The behaviour of one stand-in; every stream starts at its beginning. */
export interface TranscribeScript {
  /** Answers the request with this HTTP status. */
  readonly refuse?: ScriptedException & { readonly status: number };
  /** Never answers. */
  readonly mute?: boolean;
  /** Texts in place of what is heard, by channel, in order; after the last one, what is heard. */
  readonly lines?: readonly (readonly string[])[];
  /** Of Call Analytics; what is not named is neutral. */
  readonly sentiments?: Readonly<Record<string, StandInSentiment>>;
  /** Words that Call Analytics takes for a problem. */
  readonly issue?: string;
  /** A category that the conversation fits after its first utterance. */
  readonly category?: string;
  /** From the end of an utterance to its final version. */
  readonly finalDelayMs?: number;
  /** A sample as loud as this is the last one of its utterance, whose final version follows at once. */
  readonly endsAtSample?: number;
  /** Hears of each version when it was sent. */
  readonly onSent?: (sent: SentText) => void;
  /** Ends the stream by an exception after so much audio. */
  readonly failsAfterMs?: { readonly ms: number; readonly exception: ScriptedException };
  /** Breaks the connection after so much audio, which a client sees as an end without error. */
  readonly cutsAfterMs?: number;
  /** Without audio for so long, the stream ends. */
  readonly idleLimitMs?: number;
  /** Ends the stream after this time, as the service does after 4 hours. */
  readonly sessionLimitMs?: number;
  /** Sent once audio comes; what is not an event of the service. */
  readonly garbage?: readonly unknown[];
}

/** Scripts that can be named on the command line. */
export const TRANSCRIBE_SCRIPTS: Readonly<Record<string, TranscribeScript>> = {
  default: {},
  lines: {
    lines: [
      ["Hello, my order is broken and I am angry.", "How long does a refund take?", "Thank you."],
      ["Good morning, what can I do for you?", "I am sorry to hear that.", "Goodbye."],
    ],
    sentiments: { "Hello, my order is broken and I am angry.": "NEGATIVE" },
    issue: "my order is broken",
    category: "damaged-goods",
  },
  "cut-later": { cutsAfterMs: 5000 },
  "one-minute": { sessionLimitMs: 60_000 },
  "rate-limit": { refuse: { status: 429, name: "LimitExceededException" } },
  "refuse-access": { refuse: { status: 403, name: "AccessDeniedException" } },
  mute: { mute: true },
};
