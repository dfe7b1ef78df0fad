import { describe, expect, it } from "vitest";
import { ConversationAid } from "../../src/assist/conversation-aid.ts";
import type { AdviceOutcome, AdviceRequest, Advisor } from "../../src/ports/advisor.ts";
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
  const { desk, clock, notices } = adviceLab(advisor === undefined ? {} : { advisor });
  const told: AssistEvent[] = [];
  const aid = new ConversationAid({
    desk,
    playbook: PLAYBOOK,
    publish: (event) => told.push(event),
  });
  return { aid, told, clock, notices, kinds: () => told.map(({ kind }) => kind) };
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

describe("a card that grows", () => {
  /** Tells pieces when asked to, and answers when asked to. */
  class GrowingAdvisor implements Advisor {
    readonly kind = "bedrock";
    say: (text: string) => void = () => undefined;
    end: (outcome: AdviceOutcome) => void = () => undefined;

    advise({ onPartial }: AdviceRequest): Promise<AdviceOutcome> {
      this.say = (text) => onPartial?.(text);
      return new Promise((resolve) => {
        this.end = resolve;
      });
    }
  }

  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 10; turn += 1) {
      await Promise.resolve();
    }
  };

  async function growing(question = "How long does a refund take?") {
    const advisor = new GrowingAdvisor();
    const made = bench(advisor);
    void made.aid.pass(state("live"));
    const asked = made.aid.pass(said("customer", question, 0));
    await settle();
    const cards = () =>
      made.told.flatMap((event) =>
        event.kind === "suggestion" && event.category === "answer"
          ? [
              `${event.suggestionId} ${event.partial} ${event.text}${event.withdrawn ? "withdrawn" : ""}`,
            ]
          : [],
      );
    return { ...made, advisor, asked, cards };
  }

  it("is shown at once, five times a second, and is replaced by the final one", async () => {
    const { advisor, asked, cards, clock, told } = await growing();
    for (let word = 1; word <= 40; word += 1) {
      advisor.say("word ".repeat(word));
      await clock.advanceMs(25);
    }
    const grown = cards().length;
    expect(grown).toBeGreaterThanOrEqual(5);
    expect(grown).toBeLessThanOrEqual(6);
    const sources = [{ title: "Refunds", uri: "refunds.md", excerpt: "five" }];
    advisor.end({ kind: "advised", text: "Five days.", sources });
    await asked;
    expect(cards().at(-1)).toBe("s2 false Five days.");
    expect(new Set(cards().map((card) => card.slice(0, 2)))).toEqual(new Set(["s2"]));
    expect(told.at(-1)).toMatchObject({ sources });
    expect(clock.pending).toBe(0);
  });

  it("is replaced by the local answer when the model's is none in the end, with a notice", async () => {
    const { advisor, asked, cards, told } = await growing();
    advisor.say("Fi");
    advisor.end({ kind: "failed", failure: "badAnswer" });
    await asked;
    expect(cards()).toEqual(["s2 true Fi", expect.stringContaining("s2 false A refund is paid")]);
    expect(told.at(-2)).toMatchObject({ kind: "notice", part: "advisor", ok: false });
  });

  it("is taken back where there is no local answer either, and at the end of the conversation", async () => {
    const failing = await growing("Does your cat play the piano?");
    failing.advisor.say("It pl");
    failing.advisor.end({ kind: "failed", failure: "unreachable" });
    await failing.asked;
    expect(failing.cards()).toEqual(["s1 true It pl", "s1 false withdrawn"]);
    const ended = await growing();
    ended.advisor.say("Fi");
    void ended.aid.pass(state("ended"));
    const { length } = ended.told;
    expect(ended.cards()).toEqual(["s2 true Fi", "s2 false withdrawn"]);
    ended.advisor.say("Five");
    ended.advisor.end({ kind: "advised", text: "Five.", sources: [] });
    await ended.asked;
    expect(ended.told).toHaveLength(length);
  });
});

describe("what is out of order on the node", () => {
  it("is told to each conversation when it begins and when it changes, and to none that ended", async () => {
    const { aid, told, notices } = bench();
    notices.tell("store", false, "down");
    void aid.pass(state("live"));
    notices.tell("store", false, "still down");
    notices.tell("knowledge", false, "gone");
    notices.tell("store", true, "up");
    const shown = () =>
      told.flatMap((event) => (event.kind === "notice" ? [`${event.part} ${event.ok}`] : []));
    expect(shown()).toEqual(["store false", "knowledge false", "store true"]);
    void aid.pass(state("ended"));
    expect(notices.watchers).toBe(0);
    notices.tell("knowledge", true, "back");
    expect(shown()).toHaveLength(3);
  });

  it("is told no more to a conversation that is forgotten", () => {
    const { aid, notices } = bench();
    void aid.pass(state("live"));
    expect(notices.watchers).toBe(1);
    aid.close();
    expect(notices.watchers).toBe(0);
  });
});
