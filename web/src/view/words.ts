/** The words of the page for what the gateway has codes for. */
import type { AssistRole } from "../../../src/ports/assist-events.ts";
import type { LinkStatus } from "../link/assist-link.ts";
import type { CallView, Mood, Suggestion } from "../state/call-view.ts";

/** Of a participant. */
export const ROLE_WORDS: Readonly<Record<AssistRole, string>> = {
  customer: "Customer",
  agent: "Agent",
  model: "Assistant",
  unknown: "Unknown",
};

/** Of a suggestion. */
export const CATEGORY_WORDS: Readonly<Record<Suggestion["category"], string>> = {
  answer: "Answer",
  nextBestAction: "Next step",
  coaching: "Coaching",
};

/** Of how somebody sounds. */
export const MOOD_WORDS: Readonly<Record<Mood, string>> = {
  positive: "sounds positive",
  neutral: "sounds neutral",
  negative: "sounds negative",
  mixed: "sounds mixed",
};

/** Of a call. */
export const STATE_WORDS: Readonly<Record<CallView["state"], string>> = {
  waiting: "Waiting",
  live: "Live",
  held: "On hold",
  ended: "Ended",
};

/** Of the connection, in few words. */
export function linkWords(status: LinkStatus): string {
  switch (status.kind) {
    case "idle":
      return "Ready";
    case "connecting":
      return "Connecting";
    case "live":
      return "Connected";
    case "retrying":
      return "Reconnecting";
    case "refused":
      return "Not let in";
  }
}

/** Whole seconds: `4 s`, `1:05`. */
export function spanWords(durationMs: number): string {
  const seconds = Math.round(durationMs / 1000);
  return seconds < 60
    ? `${seconds} s`
    : `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} min`;
}

/** An address that a browser may open from this page; `undefined`: it is shown as text. */
export function linkOf(uri: string | undefined): string | undefined {
  return uri !== undefined && /^https?:\/\//i.test(uri) && URL.canParse(uri) ? uri : undefined;
}
