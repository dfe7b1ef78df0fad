/** One call as the page shows it: events go in, a new view comes out. */
import type {
  AssistEvent,
  AssistParticipant,
  AssistRole,
  AssistSource,
  PlaybookStep,
} from "../../../src/ports/assist-events.ts";
import { putLine } from "./timeline.ts";

type EventOf<Kind extends AssistEvent["kind"]> = Extract<AssistEvent, { readonly kind: Kind }>;

/** How somebody sounds. */
export type Mood = EventOf<"sentiment">["label"];

/** Something that was said, in its newest version. */
export interface Line {
  readonly utteranceId: string;
  readonly participantId: string;
  /** When it was said; {@link roleOf} knows whether it was corrected since. */
  readonly role: AssistRole;
  readonly text: string;
  readonly final: boolean;
  /** Milliseconds since the conversation began. */
  readonly startMs: number;
  readonly endMs: number;
}

/** Something that the agent may do or say. */
export interface Suggestion {
  readonly suggestionId: string;
  readonly category: EventOf<"suggestion">["category"];
  readonly text: string;
  readonly partial: boolean;
  readonly sources: readonly AssistSource[];
  readonly utteranceId: string | undefined;
}

/** Words that name a problem, or a category that the conversation fits. */
export interface Finding {
  readonly finding: EventOf<"finding">["finding"];
  readonly text: string;
}

/** All that is known of one call. */
export interface CallView {
  readonly callId: string;
  readonly contactId: string | undefined;
  /** `waiting`: nothing has said yet how it is. */
  readonly state: "waiting" | EventOf<"state">["state"];
  readonly participants: readonly AssistParticipant[];
  /** By the time they were begun, oldest first. */
  readonly lines: readonly Line[];
  /** Oldest first. */
  readonly suggestions: readonly Suggestion[];
  readonly playbook: { readonly name: string; readonly steps: readonly PlaybookStep[] } | undefined;
  readonly coaching: Omit<EventOf<"coaching">, "kind"> | undefined;
  readonly summary: Omit<EventOf<"summary">, "kind"> | undefined;
  /** What the transcription noticed, each once, oldest first. */
  readonly findings: readonly Finding[];
  /** By participant id, as they sounded last. */
  readonly moods: Readonly<Record<string, Mood>>;
  /** By utterance id: where a mood changed. */
  readonly moodMarks: Readonly<Record<string, Mood>>;
  /** By part, what is wrong. */
  readonly notices: Readonly<Record<string, string>>;
  /** Some of what was said is not here. */
  readonly hasGap: boolean;
}

/** More than these are not kept: the oldest go. */
const MAX_LINES = 3000;
const MAX_SUGGESTIONS = 200;
const MAX_FINDINGS = 50;

/** A call of which nothing is known yet. */
export function emptyView(callId: string): CallView {
  return {
    callId,
    contactId: undefined,
    state: "waiting",
    participants: [],
    lines: [],
    suggestions: [],
    playbook: undefined,
    coaching: undefined,
    summary: undefined,
    findings: [],
    moods: {},
    moodMarks: {},
    notices: {},
    hasGap: false,
  };
}

/** The view after an event; levels change nothing here. */
export function applyEvent(view: CallView, event: AssistEvent): CallView {
  switch (event.kind) {
    case "state":
      return { ...view, state: event.state, participants: event.participants };
    case "transcript": {
      const { kind: _, sentiment, ...line } = event;
      const after = { ...view, lines: putLine(view.lines, line, MAX_LINES) };
      return sentiment === undefined ? after : withMood(after, { ...line, label: sentiment });
    }
    case "suggestion": {
      const { kind: _, withdrawn, ...suggestion } = event;
      const others = view.suggestions.filter((one) => one.suggestionId !== event.suggestionId);
      const suggestions = withdrawn ? others : putSuggestion(view.suggestions, suggestion);
      return { ...view, suggestions };
    }
    case "sentiment":
      return withMood(view, event);
    case "finding":
      return { ...view, findings: putFinding(view.findings, event) };
    case "playbook":
      return { ...view, playbook: { name: event.name, steps: event.steps } };
    case "coaching": {
      const { kind: _, ...coaching } = event;
      return { ...view, coaching };
    }
    case "summary":
      return { ...view, summary: { text: event.text, disposition: event.disposition } };
    case "notice":
      return { ...view, notices: noticesAfter(view.notices, event) };
    case "level":
      return view;
  }
}

/** What is wrong after a notice: one that says `ok` takes away what its part had said. */
export function noticesAfter(
  notices: Readonly<Record<string, string>>,
  { part, ok, text }: EventOf<"notice">,
): Readonly<Record<string, string>> {
  const others = Object.fromEntries(Object.entries(notices).filter(([name]) => name !== part));
  return ok ? others : { ...others, [part]: text };
}

/** Who said it, as it is known now. */
export function roleOf(view: CallView, line: Line): AssistRole {
  return view.participants.find(({ id }) => id === line.participantId)?.role ?? line.role;
}

/** As the recording client has it; JSON has `null` where nobody knows. */
export function nameOf(
  participants: readonly AssistParticipant[],
  participantId: string,
): string | undefined {
  const name: string | null | undefined = participants.find(({ id }) => id === participantId)?.name;
  return name ?? undefined;
}

function withMood(
  view: CallView,
  { participantId, label, utteranceId }: Omit<EventOf<"sentiment">, "kind">,
): CallView {
  return {
    ...view,
    moods: { ...view.moods, [participantId]: label },
    moodMarks:
      utteranceId === undefined ? view.moodMarks : { ...view.moodMarks, [utteranceId]: label },
  };
}

function putFinding(
  findings: readonly Finding[],
  { finding, text }: EventOf<"finding">,
): readonly Finding[] {
  const isKnown = findings.some((one) => one.finding === finding && one.text === text);
  return isKnown ? findings : [...findings, { finding, text }].slice(-MAX_FINDINGS);
}

function putSuggestion(
  suggestions: readonly Suggestion[],
  suggestion: Suggestion,
): readonly Suggestion[] {
  const index = suggestions.findIndex(
    ({ suggestionId }) => suggestionId === suggestion.suggestionId,
  );
  return index === -1
    ? [...suggestions, suggestion].slice(-MAX_SUGGESTIONS)
    : suggestions.with(index, suggestion);
}
