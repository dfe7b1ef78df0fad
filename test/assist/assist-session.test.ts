import { describe, expect, it } from "vitest";
import { AssistSession, type Utterance } from "../../src/assist/assist-session.ts";
import { sentimentOf } from "../../src/assist/sentiment.ts";
import { KNOWLEDGE, PLAYBOOK } from "../support/advice-lab.ts";

let serial = 0;

function said(role: Utterance["role"], text: string, changes: Partial<Utterance> = {}): Utterance {
  serial += 1;
  const utteranceId = `u${serial}`;
  const times = { startMs: serial * 1000, endMs: serial * 1000 + 800 };
  return {
    kind: "transcript",
    utteranceId,
    participantId: role,
    role,
    text,
    final: true,
    ...times,
    ...changes,
  };
}

const session = (): AssistSession =>
  new AssistSession({ playbook: PLAYBOOK, knowledge: KNOWLEDGE });
const kinds = (events: readonly { readonly kind: string }[]): string[] =>
  events.map(({ kind }) => kind);

describe("a session of assistance", () => {
  it("answers a customer's question with its source", () => {
    const question = said("customer", "When are you open on Sunday?");
    expect(session().hear(question)).toContainEqual({
      kind: "suggestion",
      suggestionId: "s1",
      category: "answer",
      text: "We are open from Monday to Friday, 8 am to 8 pm. On Sunday we are closed.",
      partial: false,
      sources: [expect.objectContaining({ title: "Opening hours", uri: "opening-hours.md" })],
      utteranceId: question.utteranceId,
    });
  });

  it("does not answer agents, nor what is not final, nor the same twice within two minutes", () => {
    const one = session();
    const text = "When are you open on Sunday?";
    expect(kinds(one.hear(said("agent", text)))).not.toContain("suggestion");
    expect(one.hear(said("customer", text, { final: false }))).toEqual([]);
    expect(kinds(one.hear(said("customer", text)))).toContain("suggestion");
    expect(kinds(one.hear(said("customer", text)))).not.toContain("suggestion");
    const later = said("customer", text, { startMs: 9_000_000, endMs: 9_001_000 });
    expect(kinds(one.hear(later))).toContain("suggestion");
  });

  it("checks steps off by whole words of the right speaker, and says what was passed over", () => {
    const one = session();
    expect(one.hear(said("customer", "Hello"))).not.toContainEqual(
      expect.objectContaining({ kind: "playbook" }),
    );
    const greeting = said("agent", "Good   MORNING!");
    expect(one.hear(greeting)).toContainEqual({
      kind: "playbook",
      name: "Support",
      steps: [
        { id: "greet", title: "Greet", done: true, utteranceId: greeting.utteranceId },
        { id: "number", title: "Ask for the order number", done: false, utteranceId: undefined },
        { id: "close", title: "Ask for more", done: false, utteranceId: undefined },
      ],
    });
    expect(one.hear(said("agent", "Is there anything else?"))).toContainEqual(
      expect.objectContaining({ kind: "coaching", missedSteps: ["Ask for the order number"] }),
    );
  });

  it("suggests by keyword once, unless other words speak against it", () => {
    const of = (text: string): unknown[] =>
      session()
        .hear(said("customer", text))
        .filter((event) => event.kind === "suggestion" && event.category === "nextBestAction");
    expect(of("I want my MONEY back.")).toHaveLength(1);
    expect(of("I already got my money back")).toHaveLength(0);
    expect(of("Moneybackish")).toHaveLength(0);
  });

  it("measures shares, overtalk and dead air", () => {
    const one = session();
    one.hear(said("agent", "one", { startMs: 0, endMs: 3000 }));
    one.hear(said("customer", "two", { startMs: 2500, endMs: 3500 }));
    const events = one.hear(said("agent", "three", { startMs: 10_000, endMs: 14_000 }));
    expect(events).toContainEqual({
      kind: "coaching",
      talkShare: { agent: 0.88, customer: 0.13 },
      overtalkMs: 500,
      deadAirMs: 6500,
      missedSteps: [],
    });
  });

  it("tells an agent once who talks nearly all the time", () => {
    const one = session();
    one.hear(said("customer", "one", { startMs: 0, endMs: 1000 }));
    const advice = [60_000, 120_000, 180_000].flatMap((endMs) =>
      one
        .hear(said("agent", "two", { startMs: endMs - 58_000, endMs }))
        .filter((event) => event.kind === "suggestion"),
    );
    expect(advice).toEqual([expect.objectContaining({ category: "coaching" })]);
  });

  it("says when the customer's mood changes, not each time it stays", () => {
    const one = session();
    const moods = ["This is terrible", "Really awful", "Ok", "That is great, thanks"].flatMap(
      (text) =>
        one
          .hear(said("customer", text))
          .flatMap((event) => (event.kind === "sentiment" ? [event.label] : [])),
    );
    expect(moods).toEqual(["negative", "neutral", "positive"]);
  });

  it("ends with the customer's own words, steps and a disposition, once", () => {
    const one = session();
    one.hear(said("customer", "Hello. My toaster is broken and I want a refund for the toaster."));
    one.hear(said("agent", "Good morning, tell me your order number."));
    const ending = one.end();
    expect(ending.at(-1)).toEqual({
      kind: "summary",
      text: [
        "The customer said: “My toaster is broken and I want a refund for the toaster.”",
        "Done: Greet; Ask for the order number.",
        "Left out: Ask for more.",
        "Mood at the end: negative.",
      ].join("\n"),
      disposition: "refund",
    });
    expect(one.end()).toEqual([]);
    expect(one.hear(said("customer", "refund"))).toEqual([]);
  });

  it("says the same for the same conversation", () => {
    const lines = [
      said("customer", "My refund is late"),
      said("agent", "Hello"),
      said("customer", "When are you open?"),
    ];
    const run = (): unknown => {
      const one = session();
      return [...one.begin(), ...lines.flatMap((line) => one.hear(line)), ...one.end()];
    };
    expect(run()).toEqual(run());
  });

  it("stays bounded and quick in a conversation without end", () => {
    const one = session();
    const startedMs = performance.now();
    let suggestions = 0;
    for (let turn = 0; turn < 3000; turn += 1) {
      const times = { startMs: turn * 300_000, endMs: turn * 300_000 + 1000 };
      const text = `When are you open on Sunday? ${"word ".repeat(200)}`;
      const events = one.hear(
        said("customer", turn % 2 === 0 ? "refund please" : text, {
          ...times,
          participantId: `p${turn}`,
        }),
      );
      suggestions += events.filter(({ kind }) => kind === "suggestion").length;
    }
    expect(suggestions).toBeLessThanOrEqual(200);
    expect((performance.now() - startedMs) / 3000).toBeLessThan(20);
    expect(JSON.stringify(one.end()).length).toBeLessThan(5000);
  });
});

describe("the mood of a sentence", () => {
  it.each([
    ["That is great", "positive"],
    ["This is not good", "negative"],
    ["I don't hate it", "positive"],
    ["Great service but a horrible product", "mixed"],
    ["The parcel is blue", "neutral"],
  ])("of %s is %s", (text, label) => {
    expect(sentimentOf(text)).toBe(label);
  });
});
