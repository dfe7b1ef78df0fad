/** GPT-Live against the stand-in's brain, on virtual time: answers out of a stream, texts, tools, and what goes wrong. */
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { isAudible } from "../../src/models/audible.ts";
import { parseLiveEvent } from "../../src/models/gpt-live-events.ts";
import { LIVE_KEY, LiveBench } from "../support/gpt-live/bench.ts";
import type { LiveScript } from "../support/gpt-live/brain.ts";
import { speakNotes } from "../support/openai/voice.ts";

describe("setting up", () => {
  it("says all in the first message, and is ready when the session started", async () => {
    const bench = new LiveBench({ readyDelayMs: 200 }, { model: { voice: "cedar" } });
    await bench.clock.advanceMs(190);
    expect(bench.sink.lines).toEqual([]);
    await bench.clock.advanceMs(100);
    expect(bench.sink.lines).toEqual(["ready"]);
    expect(bench.connection.request.url).toBe("wss://api.openai.com/v1/live/sessions");
    expect(bench.connection.request.headers).toEqual({ Authorization: `Bearer ${LIVE_KEY}` });
    expect(bench.brain.session).toMatchObject({
      model: "gpt-live-1",
      instructions: "Be kind.",
      audio: { format: { type: "audio/pcmu", rate: 8000 }, output: { voice: "cedar" } },
      delegation: {
        type: "responses",
        responses: { model: "gpt-5", tools: [{ name: "look_up" }] },
      },
    });
    expect(bench.brain.errors).toEqual([]);
  });

  it("has no tools without a model that calls them", async () => {
    const bench = new LiveBench({}, { model: { toolModel: undefined } });
    await bench.ready();
    expect(bench.model.capabilities.tools).toBe(false);
    expect(bench.brain.session?.delegation).toBeNull();
  });

  it("takes history in place of the greeting, 128 messages at most", async () => {
    const history = Array.from({ length: 300 }, (_, i) => ({
      speaker: i % 2 === 0 ? ("caller" as const) : ("model" as const),
      text: `Sentence ${i}.`,
    }));
    const bench = new LiveBench({}, { greeting: "Good morning.", history });
    await bench.ready();
    await bench.clock.advanceMs(3000);
    expect(bench.brain.session?.input).toHaveLength(128);
    expect(bench.brain.session?.input?.at(-1)).toMatchObject({
      role: "assistant",
      content: [{ text: "Sentence 299." }],
    });
    expect(bench.brain.commentary).toEqual([]);
    expect(bench.brain.errors).toEqual([]);
  });

  it("shows the key nowhere", async () => {
    const bench = new LiveBench({ refuse: { status: 401, code: "invalid_api_key" } });
    await bench.clock.advanceMs(50);
    const shown = [
      JSON.stringify([bench.json(), bench.sink.failures, bench.model]),
      inspect([bench.model, bench.session], { depth: 9 }),
      bench.model.describe(),
    ].join("\n");
    expect(bench.sink.failures[0]?.reason).toContain("API key or token was refused");
    expect(shown).not.toContain(LIVE_KEY);
  });
});

describe("answers", () => {
  it.each([false, true])(
    "are cut out of the stream, byte by byte; endless: %s",
    async (sendsSilence) => {
      const bench = new LiveBench(
        { sendsSilence, answers: [{ text: "Yes." }] },
        { greeting: "Hi!" },
      );
      await bench.clock.advanceMs(4000);
      await bench.speak(400, 2500);
      expect(bench.sink.lines).toEqual([
        "ready",
        "audio live-1",
        "model: Hi!",
        "audioDone live-1",
        expect.stringMatching(/^caller: turn 1/),
        "audio live-2",
        "model: Yes.",
        "audioDone live-2",
      ]);
      const [first] = bench.sink.answers;
      const spoken = speakNotes({ encoding: "pcmu", rateHz: 8000 }, 0, 180);
      expect(Buffer.concat(bench.sink.audio).subarray(0, spoken.length).equals(spoken)).toBe(true);
      // Silence that belongs to the gap may have been passed on until it was one.
      expect(first?.bytes).toBeGreaterThanOrEqual(spoken.length);
      expect(first?.bytes).toBeLessThanOrEqual(spoken.length + 800 * 8);
    },
  );

  it("go on over a pause between two words", async () => {
    const bench = new LiveBench({});
    await bench.ready();
    const notes = Buffer.from(speakNotes({ encoding: "pcmu", rateHz: 8000 }, 0, 100));
    const message = JSON.stringify({
      type: "session.output_audio.delta",
      delta: notes.toString("base64"),
    });
    for (const pauseMs of [0, 300, 600]) {
      await bench.clock.advanceMs(pauseMs);
      bench.connection.push(message);
    }
    await bench.clock.advanceMs(690);
    expect(bench.sink.lines).toEqual(["ready", "audio live-1"]);
    await bench.clock.advanceMs(20);
    expect(bench.sink.lines.at(-1)).toBe("audioDone live-1");
    bench.connection.push(message);
    expect(bench.sink.lines.at(-1)).toBe("audio live-2");
    bench.session.close();
    await bench.clock.advanceMs(10);
    expect(bench.clock.pending).toBe(0);
  });

  it("end where the model hears the caller and stops by itself", async () => {
    const bench = new LiveBench({ yieldsAfterMs: 200 }, { greeting: "A greeting ".repeat(10) });
    await bench.clock.advanceMs(1500);
    await bench.speak(600, 1500);
    const [greeting] = bench.sink.answers;
    expect(greeting?.done).toBe(true);
    expect(greeting?.bytes).toBeLessThan(3000 * 8);
    expect(bench.sink.lines).toContain("audio live-2");
    expect(bench.brain.errors).toEqual([]);
  });

  it("are heard whole when they come all at once", async () => {
    const script: LiveScript = { speed: Number.POSITIVE_INFINITY, chunkMs: 200 };
    const bench = new LiveBench(script, { greeting: "x".repeat(167) });
    await bench.clock.advanceMs(3000);
    expect(bench.sink.answers).toEqual([{ itemId: "live-1", bytes: 167 * 60 * 8, done: true }]);
  });
});

describe("texts", () => {
  it("of the caller are one item until they pause", async () => {
    const bench = new LiveBench({});
    await bench.ready();
    const say = (delta: string, start_ms: number, end_ms: number): void => {
      const type = "session.input_transcript.delta";
      bench.connection.push(JSON.stringify({ type, delta, start_ms, end_ms }));
    };
    say("I would", 1000, 1400);
    say(" like to", 1500, 2000);
    say("Hello?", 4000, 4300);
    await bench.clock.advanceMs(3000);
    expect(bench.sink.lines).toEqual(["ready", "caller: I would like to", "caller: Hello?"]);
  });
});

describe("keys, texts and tools", () => {
  it("tell pressed keys together", async () => {
    const bench = new LiveBench({});
    await bench.ready();
    for (const digit of "12#") {
      bench.session.pushDigit(digit);
    }
    await bench.clock.advanceMs(1000);
    expect(bench.brain.addedInstructions).toEqual([expect.stringContaining("pressed 12#")]);
  });

  it("split a long text into pieces the service takes", async () => {
    const bench = new LiveBench({});
    await bench.ready();
    bench.session.say("word ".repeat(800));
    await bench.clock.advanceMs(100);
    expect(bench.brain.commentary.join("")).toBe("word ".repeat(800));
    expect(bench.brain.errors).toEqual([]);
  });

  it("answer delegated calls, and let the work go on when all are answered", async () => {
    const bench = new LiveBench({
      answers: [
        {
          text: "One moment.",
          toolCalls: [
            { name: "look_up", arguments: '{"a":1}' },
            { name: "look_up", arguments: "not json" },
          ],
        },
        { text: "Found." },
      ],
    });
    await bench.ready();
    await bench.speak(400, 3500);
    const calls = bench.sink.lines.filter((line) => line.startsWith("tool"));
    expect(calls).toEqual(['tool call_0_0 look_up {"a":1}', "tool call_0_1 look_up not json"]);
    bench.session.toolResult("call_0_0", '{"ok":1}');
    await bench.clock.advanceMs(500);
    expect(bench.brain.received).not.toContain("response.create");
    bench.session.toolResult("call_0_1", "{}");
    bench.session.toolResult("call_0_1", "{}");
    await bench.clock.advanceMs(3000);
    expect(bench.sink.finals.at(-1)?.text).toBe("Found.");
    expect(bench.json()).toMatchObject({ strayToolResults: 1, openTools: 0, toolCalls: 2 });
    expect(bench.brain.errors).toEqual([]);
  });
});

describe("trouble", () => {
  it("is survived and counted", async () => {
    const bench = new LiveBench({
      garbage: [
        "not json",
        "[]",
        '{"type":7}',
        '{"type":"session.something_new"}',
        '{"type":"session.output_audio.delta","delta":"%%%%"}',
        '{"delta":"%%%%","type":"session.output_audio.delta"}',
        '{"type":"session.output_transcript.delta","delta":"x"}',
        '{"type":"response.event","event":{"type":"response.output_item.done","item":{"type":"function_call"}}}',
        '{"type":"response.event","event":{"type":"response.created"}}',
        Uint8Array.of(1, 2, 3),
      ],
      errorWhenReady: { type: "invalid_request_error", code: "unknown_parameter" },
    });
    await bench.ready();
    expect(bench.json()).toMatchObject({
      state: "ready",
      unknownEvents: 1,
      malformedEvents: 8,
      survivedErrors: 1,
    });
    expect(bench.sink.lines).toEqual(["ready"]);
  });

  it.each<[string, LiveScript, string, RegExp]>([
    [
      "a wrong key",
      { refuse: { status: 401, code: "invalid_api_key" } },
      "MODEL_REJECTED",
      /key or token/,
    ],
    ["a rate limit", { refuse: { status: 429, code: "x" } }, "MODEL_RATE_LIMITED", /429/],
    [
      "a rate limit later",
      { errorWhenReady: { type: "tokens", code: "rate_limit_exceeded" } },
      "MODEL_RATE_LIMITED",
      /rate limit/,
    ],
    ["refused settings", { refuseSettings: "unknown_parameter" }, "MODEL_REJECTED", /unknown_par/],
    ["a mute service", { mute: true }, "MODEL_CONNECT_FAILED", /no session within/],
    ["its longest duration", { sessionMs: 90_000 }, "MODEL_LOST", /longest duration/],
  ])("ends the session once: %s", async (_name, script, code, reason) => {
    const bench = new LiveBench(script);
    await bench.clock.advanceMs(100_000);
    expect(bench.sink.failures).toEqual([{ code, reason: expect.stringMatching(reason) }]);
    expect(bench.clock.pending).toBe(0);
  });

  it("is a loss when the service breaks off in an answer", async () => {
    const bench = new LiveBench({
      answers: [{ text: "Cut off here.", closesAfterMs: { ms: 200, code: 1006 } }],
    });
    await bench.ready();
    await bench.speak(400, 2000);
    expect(bench.sink.failures.map(({ code }) => code)).toEqual(["MODEL_LOST"]);
    expect(bench.clock.pending).toBe(0);
  });

  it("is announced a minute before the session expires", async () => {
    const bench = new LiveBench({ sessionMs: 300_000 });
    await bench.clock.advanceMs(242_000);
    expect(bench.sink.lines).toEqual(["ready", expect.stringMatching(/^expiring in \d+ ms/)]);
  });

  it("is not made by leaving: the session is closed in words", async () => {
    const bench = new LiveBench({});
    await bench.ready();
    bench.session.close();
    expect(bench.connection.sent.at(-1)).toContain('"session.close"');
    expect(bench.connection.closedByClient).toBe("closed");
    await bench.clock.advanceMs(1000);
    expect(bench.sink.lines).toEqual(["ready"]);
  });
});

describe("what can be heard", () => {
  it.each([
    ["pcmu", 8000],
    ["pcma", 8000],
    ["pcm16", 16_000],
  ] as const)("is told from silence in %s", (encoding, rateHz) => {
    const voice = speakNotes({ encoding, rateHz }, 0, 100);
    expect(isAudible(voice, encoding)).toBe(true);
    const silent = { pcmu: [0xff, 0x7f, 0xfe], pcma: [0xd5, 0x55, 0xd4], pcm16: [0, 0, 100, 0] };
    expect(isAudible(Uint8Array.from(silent[encoding]), encoding)).toBe(false);
    expect(isAudible(new Uint8Array(0), encoding)).toBe(false);
  });

  it("is told from events that are none, whatever comes", () => {
    for (const text of ["", "1", "null", '{"type":null}', '{"type":"x"}']) {
      expect(parseLiveEvent(text).kind).toMatch(/malformed|unknown/);
    }
  });
});
