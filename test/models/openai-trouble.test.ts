/** The OpenAI model against the stand-in's brain, on virtual time: tools, and what goes wrong. */
import { describe, expect, it } from "vitest";
import { Bench } from "../support/openai/model-bench.ts";
import type { OpenAiScript } from "../support/openai/script.ts";

describe("tools", () => {
  const script: OpenAiScript = {
    answers: [
      {
        text: "One moment.",
        toolCalls: [
          { name: "look_up", arguments: '{"a":1}' },
          { name: "look_up", arguments: '{"a":2}' },
        ],
      },
      { text: "It is done." },
    ],
  };

  it("are called once each, and the answer waits for all of them", async () => {
    const bench = new Bench(script);
    await bench.ready();
    bench.session.pushDigit("#");
    await bench.clock.advanceMs(3000);
    const calls = bench.sink.lines.filter((line) => line.startsWith("tool"));
    expect(calls).toEqual(['tool call_0_0 look_up {"a":1}', 'tool call_0_1 look_up {"a":2}']);
    bench.session.toolResult("call_0_1", '{"ok":true}');
    await bench.clock.advanceMs(1000);
    expect(bench.brain.instructions).toHaveLength(1);
    bench.session.toolResult("call_0_0", '{"ok":false}');
    bench.session.toolResult("call_0_0", "{}");
    await bench.clock.advanceMs(3000);
    expect(bench.sink.finals.at(-1)?.text).toBe("It is done.");
    expect([...bench.brain.toolOutputs.values()]).toEqual(['{"ok":true}', '{"ok":false}']);
    expect(bench.json()["strayToolResults"]).toBe(1);
    expect(bench.brain.errors).toEqual([]);
  });

  it("may be answered from within the call", async () => {
    const bench = new Bench(script);
    bench.sink.onFact = (line) => {
      if (line.startsWith("tool")) {
        bench.session.toolResult(line.split(" ")[1] ?? "", "{}");
      }
    };
    await bench.ready();
    bench.session.pushDigit("#");
    await bench.clock.advanceMs(6000);
    expect(bench.sink.finals.at(-1)?.text).toBe("It is done.");
    expect(bench.brain.errors).toEqual([]);
  });
});

describe("trouble", () => {
  it("survives rubbish and counts it", async () => {
    const bench = new Bench({
      garbage: [
        "not json",
        "[]",
        '{"type":7}',
        '{"type":"response.something_new","x":1}',
        '{"type":"response.output_audio.delta","item_id":"i","delta":"%%%%"}',
        '{"type":"response.output_audio.delta","delta":"AAAA"}',
        '{"type":"response.done"}',
        Uint8Array.of(1, 2, 3),
      ],
    });
    await bench.ready();
    expect(bench.json()).toMatchObject({ state: "ready", unknownEvents: 1, malformedEvents: 7 });
    expect(bench.sink.lines).toEqual(["ready"]);
  });

  it("survives errors that only refuse one message", async () => {
    const bench = new Bench({ errorWhenReady: { type: "invalid_request_error", code: null } });
    await bench.ready();
    expect(bench.json()).toMatchObject({ state: "ready", survivedErrors: 1 });
  });

  it("asks again when the service says that it answers already", async () => {
    const bench = new Bench({});
    await bench.ready();
    bench.session.say("Meanwhile.");
    const error = { type: "x", code: "conversation_already_has_active_response" };
    bench.connection.push(
      JSON.stringify({ type: "error", error: { ...error, event_id: "answer-1" } }),
    );
    await bench.clock.advanceMs(5000);
    expect(bench.brain.instructions).toHaveLength(2);
    expect(bench.sink.finals.map((final) => final.text)).toEqual(["Meanwhile.", "Meanwhile."]);
    expect(bench.sink.failures).toEqual([]);
  });

  it("tries a failed answer once more, then gives up with the reason", async () => {
    const bench = new Bench({
      answers: [{ ends: { status: "failed", type: "server_error", code: "server_error" } }],
    });
    await bench.ready();
    bench.session.pushDigit("#");
    await bench.clock.advanceMs(5000);
    expect(bench.brain.instructions).toHaveLength(2);
    expect(bench.sink.failures).toEqual([
      { code: "MODEL_LOST", reason: "the model failed twice to answer (server_error)" },
    ]);
  });

  it("goes on after an answer that the content filter stopped", async () => {
    const bench = new Bench({
      answers: [
        { ends: { status: "incomplete", reason: "content_filter" } },
        { text: "Something else." },
      ],
    });
    await bench.ready();
    bench.session.pushDigit("#");
    await bench.clock.advanceMs(2000);
    expect(bench.json()).toMatchObject({ incompleteResponses: 1, lastTrouble: "content_filter" });
    bench.session.pushDigit("#");
    await bench.clock.advanceMs(3000);
    expect(bench.sink.finals.at(-1)?.text).toBe("Something else.");
  });

  it.each<[string, OpenAiScript, string]>([
    [
      "rate limit in an answer",
      { answers: [{ ends: { status: "failed", type: "tokens", code: "rate_limit_exceeded" } }] },
      "MODEL_RATE_LIMITED",
    ],
    [
      "expiry",
      { errorWhenReady: { type: "invalid_request_error", code: "session_expired" } },
      "MODEL_LOST",
    ],
    [
      "close in an answer",
      { answers: [{ text: "Cut off", closesAfterMs: { ms: 100, code: 1011 } }] },
      "MODEL_LOST",
    ],
    ["a stall in an answer", { answers: [{ text: "Stalled", stallsAfterMs: 100 }] }, "MODEL_LOST"],
  ])("fails once: %s", async (_name, script, code) => {
    const bench = new Bench(script);
    await bench.ready();
    bench.session.pushDigit("#");
    await bench.clock.advanceMs(40_000);
    expect(bench.sink.failures.map((failure) => failure.code)).toEqual([code]);
    expect(bench.clock.pending).toBe(0);
    bench.session.pushDigit("1");
    bench.session.say("x");
    bench.session.pushAudio(new Uint8Array(160));
    bench.session.close();
    expect(bench.clock.pending).toBe(0);
  });

  it("notices a dead connection, and leaves a quiet one alone", async () => {
    const bench = new Bench({});
    await bench.ready();
    await bench.clock.advanceMs(120_000);
    expect(bench.sink.failures).toEqual([]);
    bench.connection.answersPings = false;
    await bench.clock.advanceMs(25_000);
    expect(bench.sink.failures[0]?.reason).toContain("dead");
  });

  it("drops audio instead of letting it pile up in the socket", async () => {
    const bench = new Bench({});
    bench.session.pushAudio(new Uint8Array(160));
    await bench.ready();
    bench.connection.bufferedBytes = 256 * 1024 + 1;
    bench.session.pushAudio(new Uint8Array(320));
    bench.connection.bufferedBytes = 0;
    bench.session.pushAudio(new Uint8Array(480));
    await bench.clock.advanceMs(10);
    expect(bench.json()).toMatchObject({
      uplinkEarlyBytes: 160,
      uplinkDroppedBytes: 320,
      uplinkBytes: 480,
    });
    expect(bench.brain.appends).toBe(1);
  });

  it("tells nothing after close, whenever that is", async () => {
    for (const closeAfterMs of [0, 3, 8, 12, 18, 400, 700]) {
      const bench = new Bench({}, { greeting: "Hello there." });
      await bench.clock.advanceMs(closeAfterMs);
      const told = bench.sink.lines.length;
      bench.session.close();
      bench.session.close();
      await bench.clock.advanceMs(60_000);
      expect(bench.sink.lines).toHaveLength(told);
      expect(bench.clock.pending).toBe(0);
      expect(bench.connection.closedByClient).toBe("closed");
    }
  });
});
