/** What an agent's page is told about a conversation: plain data, numbered, on the bus topic `assist/<callId>`. */
import type { CallId } from "../core/ids.ts";

/** Who speaks, as far as rules, metadata or an agent said. */
export type AssistRole = "customer" | "agent" | "model" | "unknown";

/** The connection of one page or one machine follows events by this number, which rises by one per call. */
export interface AssistEnvelope {
  readonly eventId: number;
  readonly callId: CallId;
  /** Amazon Connect's contact, where one is known. */
  readonly contactId: string | undefined;
  /** Wall milliseconds. */
  readonly atMs: number;
  readonly event: AssistEvent;
}

/** One voice in the conversation. */
export interface AssistParticipant {
  /** Stable within the call: the stream's label, or `caller` and `model` of a call we answer. */
  readonly id: string;
  readonly role: AssistRole;
  /** Why it has this role, in plain words. */
  readonly because: string;
  readonly name: string | undefined;
}

/** Where an answer comes from. */
export interface AssistSource {
  readonly title: string;
  readonly uri: string | undefined;
  readonly excerpt: string;
}

/** How somebody feels who says something. */
export type Sentiment = "positive" | "neutral" | "negative" | "mixed";

/** One step of a playbook. */
export interface PlaybookStep {
  readonly id: string;
  readonly title: string;
  readonly done: boolean;
  /** The utterance that did it. */
  readonly utteranceId: string | undefined;
}

/** All that a page can be told. Offsets are milliseconds since the conversation began. */
export type AssistEvent =
  | {
      readonly kind: "state";
      readonly state: "live" | "held" | "ended";
      readonly participants: readonly AssistParticipant[];
    }
  | {
      readonly kind: "transcript";
      /** The same for all versions of an utterance; the final one replaces the partial ones. */
      readonly utteranceId: string;
      readonly participantId: string;
      readonly role: AssistRole;
      readonly text: string;
      readonly final: boolean;
      readonly startMs: number;
      readonly endMs: number;
      /** As the transcription heard it; absent: it does not say. */
      readonly sentiment?: Sentiment | undefined;
    }
  | {
      readonly kind: "suggestion";
      readonly suggestionId: string;
      readonly category: "answer" | "nextBestAction" | "coaching";
      readonly text: string;
      /** More of the same suggestion follows and replaces this. */
      readonly partial: boolean;
      readonly sources: readonly AssistSource[];
      /** The utterance that asked for it. */
      readonly utteranceId: string | undefined;
      /** What was shown of it was no suggestion after all: it goes from the page; the text is empty. */
      readonly withdrawn?: true | undefined;
    }
  | {
      readonly kind: "sentiment";
      readonly participantId: string;
      readonly label: Sentiment;
      readonly utteranceId: string | undefined;
    }
  /** What the transcription made of it: words that name a problem, or a category that the conversation fits. */
  | {
      readonly kind: "finding";
      readonly finding: "issue" | "category";
      readonly text: string;
      readonly participantId: string | undefined;
      readonly utteranceId: string | undefined;
    }
  | { readonly kind: "playbook"; readonly name: string; readonly steps: readonly PlaybookStep[] }
  | {
      readonly kind: "coaching";
      /** Share of speech, 0 … 1, by participant id. */
      readonly talkShare: Readonly<Record<string, number>>;
      readonly overtalkMs: number;
      readonly deadAirMs: number;
      readonly missedSteps: readonly string[];
    }
  | {
      readonly kind: "summary";
      readonly text: string;
      readonly disposition: string | undefined;
    }
  /**
   * How loud a stream of a recording session was: dBFS of pieces of `everyMs`, the newest last. On a topic of its own
   * ({@link FLEETING_PREFIX} of the bus), under the number of the event before it: never kept, and dropped first.
   */
  | {
      readonly kind: "level";
      readonly participantId: string;
      readonly levelsDbfs: readonly number[];
      readonly everyMs: number;
    }
  /** Something the page depends on failed, or is back. */
  | {
      readonly kind: "notice";
      readonly part: "transcriber" | "advisor" | "knowledge" | "bus" | "store" | "audio";
      readonly ok: boolean;
      readonly text: string;
    };
