/** How a Gemini conversation outlives a connection: what ends it is announced, and the next one knows what was said. */
import { describe, expect, it } from "vitest";
import type { HistoryEntry } from "../../src/ports/realtime-model.ts";
import { GeminiBench } from "../support/gemini/model-bench.ts";

const HISTORY: readonly HistoryEntry[] = [
  { speaker: "model", text: "Welcome." },
  { speaker: "caller", text: "I want" },
  { speaker: "caller", text: "a pizza." },
  { speaker: "model", text: " " },
];
const TOLD = [
  { role: "model", parts: [{ text: "Welcome." }] },
  { role: "user", parts: [{ text: "I want" }, { text: "a pizza." }] },
];

describe("a conversation with Gemini that outlives a connection", () => {
  it("announces the end of the connection, which then is a failure of its own", async () => {
    const bench = new GeminiBench({ goAway: { afterMs: 3000, timeLeftMs: 9500 } });
    await bench.clock.advanceMs(4000);
    expect(bench.sink.lines.at(-1)).toBe("expiring in 9500 ms");
    await bench.clock.advanceMs(10_000);
    expect(bench.sink.failures).toEqual([
      { code: "MODEL_LOST", reason: "the service is going away (close code 1001)" },
    ]);
    expect(bench.clock.pending).toBe(0);
  });

  it("takes a session up by its handle, without greeting and without telling the history", async () => {
    const first = new GeminiBench({}, { plan: { greeting: "Welcome." } });
    await first.clock.advanceMs(2000);
    const { resumption } = first.session;
    expect(resumption).toMatch(/^handle-/);
    const plan = { greeting: "Welcome.", history: HISTORY, resumption };
    const second = new GeminiBench({}, { before: first, plan });
    await second.clock.advanceMs(2000);
    expect(second.sink.lines).toEqual(["ready"]);
    expect(second.brain.received).toEqual(["setup"]);
    expect(second.brain.said.at(-1)).toEqual({ role: "model", parts: [{ text: "Welcome." }] });
    await second.speak(400, 1500);
    expect(second.sink.lines).toContain("audio answer-1");
    first.session.close();
    await second.close();
  });

  it("has no handle to offer while the service says that it would lose something", async () => {
    const bench = new GeminiBench(
      { speed: 1 },
      { plan: { greeting: "A greeting of some length." } },
    );
    await bench.clock.advanceMs(800);
    expect(bench.session.resumption).toBeUndefined();
    await bench.clock.advanceMs(3000);
    expect(bench.session.resumption).toMatch(/^handle-/);
    await bench.close();
  });

  it("tells the history where there is no handle, is not answered, and hears the caller then", async () => {
    const bench = new GeminiBench({}, { plan: { greeting: "Welcome.", history: HISTORY } });
    await bench.clock.advanceMs(2000);
    expect(bench.brain.setup?.historyConfig).toEqual({ initialHistoryInClientContent: true });
    expect(bench.brain.said).toEqual(TOLD);
    expect(bench.sink.lines).toEqual(["ready"]);
    await bench.speak(400, 1500);
    expect(bench.sink.lines).toContain("audio answer-1");
    expect(bench.brain.errors).toEqual([]);
    await bench.close();
  });

  it("tells the history when the handle is not known any more", async () => {
    const plan = { history: HISTORY, resumption: "handle-of-yesterday" };
    const bench = new GeminiBench({}, { plan });
    await bench.clock.advanceMs(2000);
    expect(bench.sink.lines).toEqual(["ready"]);
    expect(bench.service.connections).toHaveLength(2);
    expect(bench.brain.said).toEqual(TOLD);
    expect(bench.json()).toMatchObject({ resumed: false, refusedHandles: 1 });
    await bench.close();
  });

  it("does not try a second time when the key is what is wrong", async () => {
    const plan = { resumption: "handle-1" };
    const bench = new GeminiBench({}, { plan, model: { apiKey: "AIza-wrong" } });
    await bench.clock.advanceMs(2000);
    expect(bench.service.connections).toHaveLength(1);
    expect(bench.sink.failures.map(({ code }) => code)).toEqual(["MODEL_REJECTED"]);
  });

  it("forgets the beginning of a history that is too long", async () => {
    const history: HistoryEntry[] = Array.from({ length: 300 }, (_, i) => ({
      speaker: i % 2 === 0 ? "caller" : "model",
      text: `${i} ${"x".repeat(996)}`,
    }));
    const bench = new GeminiBench({}, { plan: { history } });
    await bench.clock.advanceMs(100);
    const { said } = bench.brain;
    expect(said.length).toBeGreaterThan(90);
    expect(said.length).toBeLessThan(110);
    expect(said.at(-1)?.parts[0]?.text).toMatch(/^299 /);
    await bench.close();
  });
});
