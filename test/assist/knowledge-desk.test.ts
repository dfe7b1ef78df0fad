import { describe, expect, it } from "vitest";
import { adviceLab, ScriptedAdvisor, ScriptedKnowledge } from "../support/advice-lab.ts";

const DOWN = { kind: "failed", failure: "unreachable" } as const;

function lab() {
  const source = new ScriptedKnowledge();
  const parts = adviceLab({ source });
  const told: string[] = [];
  parts.notices.watch(({ part, ok }) => told.push(`${part} ${ok}`));
  const outcomes = (outcome: string): number =>
    parts.metrics.total("trunkline_assist_knowledge_total", { outcome });
  return { ...parts, source, told, outcomes };
}

describe("a desk of knowledge with a service", () => {
  it("answers from the service's passages, and cites them", async () => {
    const { knowledge, source } = lab();
    const { hits, isFallback } = await knowledge.search("When is my piano tuned?", 3);
    expect(isFallback).toBe(false);
    expect(hits[0]).toMatchObject({
      answer: "Pianos are tuned on Mondays. A piano costs 900.",
      source: { title: "Pianos", uri: "https://kb.example.com/pianos" },
    });
    expect(source.asked[0]).toMatchObject({ maxPassages: 3, timeoutMs: 500 });
  });

  it("falls back to the folder at once, says so once, and is back without being asked", async () => {
    const { knowledge, source, told, clock, outcomes, logger } = lab();
    const works = source.outcome;
    source.outcome = DOWN;
    for (let turn = 0; turn < 3; turn += 1) {
      const { hits, isFallback } = await knowledge.search("What are your opening hours?", 3);
      expect([isFallback, hits[0]?.source.uri]).toEqual([true, "opening-hours.md"]);
    }
    expect([told, source.asked.length]).toEqual([["knowledge false"], 1]);
    await clock.advanceMs(1000 + 2000);
    expect(source.asked).toHaveLength(3);
    source.outcome = works;
    await clock.advanceMs(4000);
    expect(told).toEqual(["knowledge false", "knowledge true"]);
    expect((await knowledge.search("When is my piano tuned?", 3)).isFallback).toBe(false);
    expect([outcomes("unreachable"), outcomes("probed"), outcomes("found")]).toEqual([3, 1, 1]);
    expect(clock.pending).toBe(0);
    expect(JSON.stringify(logger.lines)).not.toMatch(/piano|opening/);
  });

  it("tries a service that stays away ever more rarely, and no more once it is closed", async () => {
    const { knowledge, source, clock } = lab();
    source.outcome = DOWN;
    await knowledge.search("What are your opening hours?", 1);
    await clock.advanceMs(600_000);
    const tries = source.asked.length;
    expect(tries).toBeGreaterThan(10);
    expect(tries).toBeLessThan(20);
    knowledge.close();
    await clock.advanceMs(600_000);
    expect([source.asked.length, clock.pending]).toEqual([tries, 0]);
  });

  it("asks only so many questions at a time; the next ones rest on the folder", async () => {
    const { knowledge, source, outcomes, told } = lab();
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { outcome } = source;
    source.retrieve = async () => {
      await gate;
      return outcome;
    };
    const first = [knowledge.search("piano", 1), knowledge.search("piano", 1)];
    expect((await knowledge.search("opening hours", 1)).isFallback).toBe(true);
    release();
    expect((await Promise.all(first)).map(({ isFallback }) => isFallback)).toEqual([false, false]);
    expect([outcomes("busy"), told]).toEqual([1, []]);
  });

  it("knows nothing where the service finds nothing: the folder is for its failures", async () => {
    const { knowledge, source } = lab();
    source.outcome = { kind: "found", passages: [] };
    expect((await knowledge.search("What are your opening hours?", 3)).hits).toEqual([]);
  });
});

describe("an answer that rests on a service", () => {
  it("says when it rests on the folder instead, also with a model", async () => {
    const source = new ScriptedKnowledge();
    source.outcome = DOWN;
    const alone = await adviceLab({ source }).desk.answer({ text: "What are your opening hours?" });
    expect(alone).toMatchObject({ by: "local", notice: expect.stringContaining("folder") });
    const advisor = new ScriptedAdvisor();
    const { desk } = adviceLab({ source, advisor });
    const answer = await desk.answer({ text: "What are your opening hours?" });
    expect(answer).toMatchObject({ by: "openai", notice: expect.stringContaining("folder") });
    expect(advisor.asked[0]?.knowledge[0]?.uri).toBe("opening-hours.md");
  });
});
