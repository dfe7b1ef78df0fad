/** A conversation as pages are told of it, event by event, for tests that need every part of the page. */
import type { AssistEvent, AssistRole } from "../../../src/ports/assist-events.ts";

type Told<Kind extends AssistEvent["kind"]> = Extract<AssistEvent, { readonly kind: Kind }>;

/** A participant with the role that a rule gave. */
export function participant(
  id: string,
  role: AssistRole,
  name?: string,
  because = "rule 1 (first)",
) {
  return { id, role, because, name };
}

/** Both parties, and how the call is. */
export function state(
  is: Told<"state">["state"],
  participants = [participant("1", "customer", "Pat Miller"), participant("2", "agent", "Alex")],
): AssistEvent {
  return { kind: "state", state: is, participants };
}

/** One line, two seconds after the one before it. */
export function line(
  index: number,
  text: string,
  { participantId = "1", final = true, role = "customer" as AssistRole } = {},
): AssistEvent {
  const startMs = index * 2000;
  const utteranceId = `u${index}`;
  const when = { startMs, endMs: startMs + 1500 };
  return { kind: "transcript", utteranceId, participantId, role, text, final, ...when };
}

/** An answer with a source that can be opened. */
export function answer(suggestionId: string, text: string): Told<"suggestion"> {
  return {
    kind: "suggestion",
    suggestionId,
    category: "answer",
    text,
    partial: false,
    sources: [
      {
        title: "Refunds and returns",
        uri: "https://knowledge.example.com/refunds",
        excerpt: "An order can be sent back within 30 days of delivery.",
      },
    ],
    utteranceId: "u1",
  };
}

/** Two seconds of speech, as loud as speech is. */
export function levels(participantId: string, seed: number): AssistEvent {
  const levelsDbfs = Array.from({ length: 60 }, (_, index) => {
    const wave = Math.sin((index + seed) / 2.3) * Math.sin((index + seed) / 7);
    return wave < -0.1 ? -58 : -44 + 30 * Math.abs(wave);
  });
  return { kind: "level", participantId, levelsDbfs, everyMs: 100 };
}

/** A call in full swing. */
export const STORY: readonly AssistEvent[] = [
  state("live"),
  line(0, "Good morning, this is Alex at the help desk. What can I do for you?", {
    participantId: "2",
    role: "agent",
  }),
  line(1, "My toaster broke after a week and nobody answers my letters. This is ridiculous."),
  { kind: "sentiment", participantId: "1", label: "negative", utteranceId: "u1" },
  answer(
    "s1",
    "Faulty goods are exchanged or refunded within two years, whatever the customer prefers.",
  ),
  {
    kind: "suggestion",
    suggestionId: "s2",
    category: "nextBestAction",
    text: "Apologise once, repeat the problem in your own words, and say what you will do about it.",
    partial: false,
    sources: [],
    utteranceId: "u1",
  },
  line(2, "I am sorry to hear that. Can you tell me your order number?", {
    participantId: "2",
    role: "agent",
  }),
  line(3, "It is four seven one", { final: false }),
  {
    kind: "playbook",
    name: "Support",
    steps: [
      { id: "greet", title: "Greet, and say who you are", done: true, utteranceId: "u0" },
      { id: "identify", title: "Ask for the order number", done: true, utteranceId: "u2" },
      {
        id: "resolve",
        title: "Say what will be done, and by when",
        done: false,
        utteranceId: undefined,
      },
    ],
  },
  {
    kind: "coaching",
    talkShare: { "1": 0.62, "2": 0.38 },
    overtalkMs: 1400,
    deadAirMs: 65_000,
    missedSteps: [],
  },
  {
    kind: "suggestion",
    suggestionId: "s3",
    category: "coaching",
    text: "Let the customer finish.",
    partial: false,
    sources: [],
    utteranceId: undefined,
  },
];
