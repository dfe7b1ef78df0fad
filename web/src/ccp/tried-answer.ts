/** A message tried out on `POST /processChat`, and what came of it, in plain words where it is no answer. */
import type { Suggestion } from "../state/call-view.ts";

/** What to show. */
export type TriedAnswer =
  | { readonly ok: true; readonly suggestion: Suggestion; readonly notice: string | undefined }
  | { readonly ok: false; readonly why: string };

/** Messages that customers write, for a try. */
export const SAMPLE_MESSAGES: readonly string[] = [
  "My toaster broke and I want my money back",
  "Where is my parcel?",
  "I was charged twice this month",
  "How long is the warranty?",
  "I would like to cancel my order",
];

/** `undefined`: there was no answer at all. */
export function readTriedAnswer(
  answer: { readonly status: number; readonly body: unknown } | undefined,
): TriedAnswer {
  if (answer === undefined) {
    return { ok: false, why: "The gateway cannot be reached just now." };
  }
  if (answer.status !== 200) {
    return { ok: false, why: WHY[answer.status] ?? `The gateway answered ${answer.status}.` };
  }
  const { suggestedAnswer, sources, notice } = (answer.body ?? {}) as Fields;
  if (typeof suggestedAnswer !== "string") {
    return { ok: false, why: "Nothing is known about this: the knowledge has no answer." };
  }
  const suggestion = {
    suggestionId: "tried",
    category: "answer",
    text: suggestedAnswer,
    partial: false,
    sources: (Array.isArray(sources) ? sources : []).flatMap(readSource),
    utteranceId: undefined,
  } as const;
  return { ok: true, suggestion, notice: typeof notice === "string" ? notice : undefined };
}

type Fields = Readonly<Record<string, unknown>>;

const WHY: Readonly<Record<number, string>> = {
  400: "The gateway does not take this message: it is empty or too long.",
  401: "This gateway answers only programs that have a token: a message cannot be tried here.",
  403: "This gateway answers only programs that have a token: a message cannot be tried here.",
  429: "Too many at a time. Wait a second.",
  500: "The model failed, and the knowledge has no answer.",
};

function readSource(source: Fields): Suggestion["sources"] {
  const { title, uri, excerpt } = source ?? {};
  return typeof title === "string" && typeof excerpt === "string"
    ? [{ title, uri: typeof uri === "string" ? uri : undefined, excerpt }]
    : [];
}
