/** Functions that Gemini calls: told once, answered once, taken back without harm. */
import { describe, expect, it } from "vitest";
import { GeminiBench } from "../support/gemini/model-bench.ts";

const CALLS = [{ name: "hang_up", args: { reason: "done" } }, { name: "hang_up" }];

describe("the functions of a session with Gemini", () => {
  it("are called with their arguments as JSON, and answered before the model goes on", async () => {
    const answers = [{ text: "Bye.", toolCalls: CALLS }, { text: "Gone." }];
    const bench = new GeminiBench({ answers });
    await bench.ready();
    bench.session.pushDigit("#");
    await bench.clock.advanceMs(1000);
    expect(bench.sink.lines.filter((line) => line.startsWith("tool"))).toEqual([
      'tool function-call-0-0 hang_up {"reason":"done"}',
      "tool function-call-0-1 hang_up {}",
    ]);
    bench.session.toolResult("function-call-0-0", '{"ok":true}');
    bench.session.toolResult("function-call-0-1", "not json");
    bench.session.toolResult("function-call-0-1", "{}");
    await bench.clock.advanceMs(2000);
    expect(Object.fromEntries(bench.brain.toolOutputs)).toEqual({
      "function-call-0-0": { ok: true },
      "function-call-0-1": { output: "not json" },
    });
    expect(bench.sink.finals.map(({ text }) => text)).toEqual(["Bye.Gone."]);
    expect(bench.brain.errors).toEqual([]);
    expect(bench.json()).toMatchObject({ openTools: 0, strayToolResults: 1 });
    await bench.close();
  });

  it.each(["[1,2]", '"text"', "3", "null"])("may return %s", async (output) => {
    const bench = new GeminiBench({ answers: [{ toolCalls: CALLS.slice(0, 1) }, { text: "OK." }] });
    await bench.ready();
    bench.session.pushDigit("#");
    await bench.clock.advanceMs(1000);
    bench.session.toolResult("function-call-0-0", output);
    await bench.clock.advanceMs(1000);
    const sent = bench.brain.toolOutputs.get("function-call-0-0");
    expect(sent).toEqual({ output: JSON.parse(output) });
    await bench.close();
  });

  it("are taken back when the caller speaks; their results are not sent", async () => {
    const bench = new GeminiBench({ answers: [{ toolCalls: CALLS }, { text: "Yes?" }] });
    await bench.ready();
    bench.session.pushDigit("#");
    await bench.clock.advanceMs(1000);
    await bench.speak(400, 1500);
    bench.session.toolResult("function-call-0-0", "{}");
    await bench.clock.advanceMs(1000);
    expect(bench.brain.received).not.toContain("toolResponse");
    expect(bench.json()).toMatchObject({ cancelledTools: 2, strayToolResults: 1 });
    expect(bench.sink.failures).toEqual([]);
    await bench.close();
  });

  it("are passed on whatever the arguments are, once per id", async () => {
    const bench = new GeminiBench({});
    await bench.ready();
    const functionCalls = [
      { id: "a", name: "f", args: "text" },
      { id: "b", name: "f", args: null },
      { id: "a", name: "f", args: {} },
      { name: "without an id", args: {} },
      { id: "", name: "f" },
      17,
    ];
    bench.push({ toolCall: { functionCalls } });
    bench.push({ toolCall: "nonsense" });
    expect(bench.sink.lines).toEqual(["ready", 'tool a f "text"', "tool b f {}"]);
    expect(bench.json()).toMatchObject({ malformedEvents: 4, refusedToolCalls: 1, openTools: 2 });
    await bench.close();
  });

  it("are refused beyond a number that only a model in circles reaches", async () => {
    const bench = new GeminiBench({});
    await bench.ready();
    for (let i = 0; i < 300; i += 1) {
      bench.push({ toolCall: { functionCalls: [{ id: `call-${i}`, name: "f" }] } });
    }
    expect(bench.sink.lines.filter((line) => line.startsWith("tool"))).toHaveLength(256);
    await bench.close();
  });
});
