/** The OpenAI model on virtual time: settings, history, usage and the end of a session. */
import { describe, expect, it } from "vitest";
import { parseServerEvent } from "../../src/models/openai-events.ts";
import type { HistoryEntry } from "../../src/ports/realtime-model.ts";
import { Bench } from "../support/openai/model-bench.ts";

describe("settings", () => {
  it("reach the service", async () => {
    const bench = new Bench(
      {},
      {
        model: {
          noiseReduction: "far_field",
          transcription: { model: "m", language: "de", prompt: "Trunkline" },
          turnDetection: { type: "semantic_vad", eagerness: "high" },
        },
      },
    );
    await bench.ready();
    expect(bench.brain.session?.audio?.input).toMatchObject({
      noise_reduction: { type: "far_field" },
      transcription: { model: "m", language: "de", prompt: "Trunkline" },
      turn_detection: { type: "semantic_vad", eagerness: "high" },
    });
  });
});

describe("a session with history", () => {
  const history: HistoryEntry[] = [
    { speaker: "model", text: "Good morning." },
    { speaker: "caller", text: "I would like to book." },
    { speaker: "model", text: " " },
    { speaker: "model", text: "For when" },
  ];

  it("is told it before all else, and does not greet", async () => {
    const bench = new Bench({}, { greeting: "Good morning.", history });
    bench.session.pushDigit("7");
    await bench.clock.advanceMs(3000);
    expect(bench.brain.messages).toEqual([
      "assistant: Good morning.",
      "user: I would like to book.",
      "assistant: For when",
      "user: (The caller pressed 7)",
    ]);
    expect(bench.sink.finals.map(({ text }) => text)).not.toContain("Good morning.");
    expect(bench.brain.errors).toEqual([]);
  });

  it("keeps the newest of what is too long", async () => {
    const long = Array.from({ length: 500 }, (_, i) => ({
      speaker: "caller" as const,
      text: `${i} ${"x".repeat(400)}`,
    }));
    const bench = new Bench({}, { history: long });
    await bench.ready();
    expect(bench.brain.messages.length).toBeLessThan(200);
    expect(bench.brain.messages.at(-1)).toMatch(/^user: 499 /);
    expect(bench.brain.messages.join("").length).toBeLessThan(41_000);
  });
});

describe("usage", () => {
  it("is told once per answer, cached tokens apart", async () => {
    const bench = new Bench({ answers: [{ text: "Ten chars." }] });
    await bench.ready();
    bench.session.pushDigit("#");
    await bench.clock.advanceMs(3000);
    expect(bench.sink.usages).toEqual([
      {
        inputTextTokens: 50,
        inputAudioTokens: 20,
        cachedTokens: 50,
        outputTextTokens: 10,
        outputAudioTokens: 6,
      },
    ]);
  });

  it.each([
    ["none", undefined, undefined],
    ["a number", 7, undefined],
    ["negative tokens", { input_token_details: { text_tokens: -1 } }, undefined],
    [
      "cached tokens without details",
      { input_token_details: { text_tokens: 10, audio_tokens: 30, cached_tokens: 25 } },
      [0, 15, 25, 0, 0],
    ],
    [
      "more cached than there is",
      { input_token_details: { text_tokens: 10, cached_tokens: 99 }, output_token_details: {} },
      [0, 0, 10, 0, 0],
    ],
  ])("is read with care: %s", (_name, usage, expected) => {
    const event = parseServerEvent(
      JSON.stringify({ type: "response.done", response: { status: "completed", usage } }),
    );
    const told = event.kind === "responseDone" ? event.outcome.usage : "malformed";
    expect(told === undefined ? told : Object.values(told)).toEqual(expected);
  });
});

describe("the end of a session", () => {
  it("is announced a minute before, and is then a loss", async () => {
    const bench = new Bench({ sessionMs: 300_000 });
    await bench.clock.advanceMs(238_000);
    expect(bench.sink.lines).toEqual(["ready"]);
    await bench.clock.advanceMs(3000);
    expect(bench.sink.lines).toEqual([
      "ready",
      expect.stringMatching(/^expiring in (60000|59\d+) ms/),
    ]);
    await bench.clock.advanceMs(61_000);
    expect(bench.sink.failures).toEqual([
      { code: "MODEL_LOST", reason: "the session reached its longest duration" },
    ]);
    expect(bench.clock.pending).toBe(0);
  });

  it("is announced at once when it is near", async () => {
    const bench = new Bench({ sessionMs: 20_000 });
    await bench.clock.advanceMs(100);
    expect(bench.sink.lines.some((line) => line.startsWith("expiring"))).toBe(true);
  });

  it.each([0, -1, 3, 1e15, "soon", null])(
    "is not believed when it makes no sense: %s",
    async (at) => {
      const bench = new Bench({});
      await bench.ready();
      bench.connection.push(
        JSON.stringify({ type: "session.updated", session: { expires_at: at } }),
      );
      await bench.clock.advanceMs(1000);
      expect(bench.sink.lines).toEqual(["ready"]);
      bench.session.close();
      expect(bench.clock.pending).toBe(0);
    },
  );

  it("can be set below the service's own, never above", () => {
    const limitOf = (maxSessionMs: number): number | undefined =>
      new Bench({}, { model: { maxSessionMs } }).model.capabilities.maxSessionMs;
    expect([limitOf(60_000), limitOf(9e9)]).toEqual([60_000, 3_600_000]);
  });
});
