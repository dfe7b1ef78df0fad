import { describe, expect, it } from "vitest";
import { ConversationAid } from "../../src/assist/conversation-aid.ts";
import type { AdviceOutcome, Advisor } from "../../src/ports/advisor.ts";
import type { AssistEvent } from "../../src/ports/assist-events.ts";
import { adviceLab, PLAYBOOK } from "../support/advice-lab.ts";

const state = (name: "live" | "held" | "ended"): AssistEvent => ({
  kind: "state",
  state: name,
  participants: [],
});

const said = (role: "customer" | "agent", text: string, startMs: number): AssistEvent => ({
  kind: "transcript",
  utteranceId: `u${startMs}`,
  participantId: role,
  role,
  text,
  final: true,
  startMs,
  endMs: startMs + 1000,
});

function bench(advisor?: Advisor) {
  const { desk } = adviceLab(advisor === undefined ? {} : { advisor });
  const told: AssistEvent[] = [];
  const aid = new ConversationAid({
    desk,
    playbook: PLAYBOOK,
    publish: (event) => told.push(event),
  });
  return { aid, told, kinds: () => told.map(({ kind }) => kind) };
}

describe("help within a spoken conversation", () => {
  it("goes between the events of the conversation, in order and at once", () => {
    const { aid, told, kinds } = bench();
    void aid.pass(state("live"));
    void aid.pass(said("agent", "Good morning", 0));
    void aid.pass(said("customer", "How long does a refund take?", 2000));
    void aid.pass(state("held"));
    void aid.pass(state("ended"));
    expect(kinds()).toEqual([
      "state",
      "playbook",
      "transcript",
      "playbook",
      "coaching",
      "transcript",
      "suggestion",
      "suggestion",
      "coaching",
      "state",
      "coaching",
      "summary",
      "state",
    ]);
    expect(told.at(-2)).toMatchObject({ kind: "summary", disposition: "refund" });
  });

  it("says nothing more after the end, though a model still answers", async () => {
    let answer: (outcome: AdviceOutcome) => void = () => undefined;
    const advise = (): Promise<AdviceOutcome> =>
      new Promise((resolve) => {
        answer = resolve;
      });
    const { aid, told } = bench({ kind: "openai", advise });
    void aid.pass(state("live"));
    const asked = aid.pass(said("customer", "How long does a refund take?", 0));
    void aid.pass(state("ended"));
    const count = told.length;
    answer({ kind: "advised", text: "Five days.", sources: [] });
    await asked;
    expect(told).toHaveLength(count);
    expect(told.at(-1)).toEqual(state("ended"));
  });
});
