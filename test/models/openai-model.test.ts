/** The OpenAI model against the stand-in's brain, on virtual time: setting up, and turns. */
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { asCallId } from "../../src/core/ids.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { OpenAiModel } from "../../src/models/openai-model.ts";
import { LineSink } from "../support/openai/line-sink.ts";
import { Bench, KEY, PCMU } from "../support/openai/model-bench.ts";
import type { OpenAiScript } from "../support/openai/script.ts";
import { speakNotes } from "../support/openai/voice.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

describe("setting up", () => {
  it("is ready only when its settings hold, and greets then", async () => {
    const bench = new Bench({ readyDelayMs: 300 }, { greeting: "Good morning." });
    await bench.clock.advanceMs(290);
    expect(bench.sink.lines).toEqual([]);
    await bench.clock.advanceMs(3000);
    expect(bench.sink.heard).toEqual([
      "ready",
      "audio item_answer_0",
      "audioDone item_answer_0",
      "model: Good morning.",
    ]);
    expect(bench.brain.instructions[0]).toContain("Good morning.");
    expect(bench.brain.errors).toEqual([]);
  });

  it("sends the key as a bearer token and no beta header", () => {
    const { request } = new Bench({}).connection;
    expect(request.headers).toEqual({ Authorization: `Bearer ${KEY}` });
    expect(request.url).toBe("wss://api.openai.com/v1/realtime?model=gpt-realtime");
  });

  it.each([
    [PCMU, { type: "audio/pcmu" }],
    [{ encoding: "pcma", rateHz: 8000 }, { type: "audio/pcma" }],
    [
      { encoding: "pcm16", rateHz: 24_000 },
      { type: "audio/pcm", rate: 24_000 },
    ],
  ] as const)("asks for %o in both directions", async (format, wire) => {
    const bench = new Bench({}, { format });
    await bench.ready();
    expect(bench.brain.session?.audio?.input?.format).toEqual(wire);
    expect(bench.brain.session?.audio?.output).toEqual({ format: wire, voice: "marin" });
    expect(bench.brain.session?.tools?.[0]?.name).toBe("hang_up");
  });

  it("shows the key nowhere", async () => {
    const bench = new Bench({ refuse: { status: 401, code: "invalid_api_key" } });
    await bench.clock.advanceMs(50);
    const shown = [
      JSON.stringify(bench.json()),
      JSON.stringify(bench.model),
      inspect(bench.model, { depth: 9 }),
      inspect(bench.session, { depth: 9 }),
      bench.model.describe(),
      JSON.stringify(bench.sink.failures),
    ].join("\n");
    expect(shown).not.toContain(KEY);
  });

  it.each<[string, OpenAiScript, string, RegExp]>([
    ["401", { refuse: { status: 401, code: "invalid_api_key" } }, "MODEL_REJECTED", /API key/],
    ["403", { refuse: { status: 403, code: "" } }, "MODEL_REJECTED", /may not use/],
    ["404", { refuse: { status: 404, code: "model_not_found" } }, "MODEL_REJECTED", /model/],
    ["429", { refuse: { status: 429, code: "x" } }, "MODEL_RATE_LIMITED", /429/],
    [
      "no quota",
      { refuse: { status: 429, code: "insufficient_quota" } },
      "MODEL_REJECTED",
      /quota/,
    ],
    ["503", { refuse: { status: 503, code: "" } }, "MODEL_CONNECT_FAILED", /503/],
    ["bad settings", { refuseSettings: "invalid_value" }, "MODEL_REJECTED", /invalid_value/],
    ["silence", { mute: true }, "MODEL_CONNECT_FAILED", /within 10000 ms/],
  ])("says why there is no session: %s", async (_name, script, code, reason) => {
    const bench = new Bench(script);
    await bench.clock.advanceMs(20_000);
    expect(bench.sink.lines).toEqual([`failed ${code}`]);
    expect(bench.sink.failures[0]?.reason).toMatch(reason);
    expect(bench.clock.pending).toBe(0);
  });

  it("reports a URL that cannot be used, later and to the sink", async () => {
    const clock = new VirtualClock();
    const sink = new LineSink();
    const model = new OpenAiModel({
      name: "openai",
      url: "not a url",
      model: "m",
      apiKey: KEY,
      clock,
      random: new SeededRandom(1),
      logger: silentLogger,
    });
    const plan = { instructions: "", voice: undefined, greeting: undefined, dialogue: undefined };
    model.open({ ...plan, callId: asCallId("c"), tools: [], format: PCMU }, sink);
    expect(sink.lines).toEqual([]);
    await clock.advanceMs(1);
    expect(sink.lines).toEqual(["failed MODEL_REJECTED"]);
  });
});

describe("a turn", () => {
  it("hears the caller, answers, and writes down both", async () => {
    const bench = new Bench({ answers: [{ text: "Certainly." }] });
    await bench.ready();
    await bench.speak(600, 600);
    await bench.clock.advanceMs(2000);
    expect(bench.sink.heard).toEqual([
      "ready",
      "speechStarted",
      "speechStopped",
      "caller: turn 1 of 1040 ms",
      "audio item_answer_0",
      "audioDone item_answer_0",
      "model: Certainly.",
    ]);
    expect(bench.sink.answers).toEqual([{ itemId: "item_answer_0", bytes: 600 * 8, done: true }]);
    expect(bench.sink.failures).toEqual([]);
  });

  it.each(["typeFirst", "eventIdFirst", "typeLast"] as const)(
    "hears every byte with keys in the order %s",
    async (keyOrder) => {
      const bench = new Bench({ keyOrder, chunkMs: 33 }, { greeting: "To be heard exactly." });
      await bench.clock.advanceMs(5000);
      const sent = speakNotes(PCMU, 0, "To be heard exactly.".length * 60);
      expect(Buffer.concat(bench.sink.audio).equals(sent)).toBe(true);
    },
  );

  it("trims the model's memory to what was heard, and drops what comes late", async () => {
    const bench = new Bench({ speed: 1 }, { greeting: "A very long greeting that is cut short." });
    await bench.clock.advanceMs(1000);
    bench.sink.onFact = (line) => {
      if (line === "speechStarted") {
        bench.session.interrupt("item_answer_0", 412.7);
      }
    };
    await bench.speak(300, 0);
    const heard = bench.sink.answers[0]?.bytes;
    expect(bench.brain.truncations).toMatchObject([{ itemId: "item_answer_0", audioEndMs: 412 }]);
    expect(bench.brain.received.slice(-2)).toEqual([
      "response.cancel",
      "conversation.item.truncate",
    ]);
    bench.connection.push(
      '{"type":"response.output_audio.delta","item_id":"item_answer_0","delta":"AAAA"}',
    );
    expect(bench.sink.answers[0]?.bytes).toBe(heard);
    expect(bench.json()["lateDroppedBytes"]).toBe(3);
    expect(bench.brain.errors).toEqual([]);
  });

  it("never claims that more was heard than had come", async () => {
    const bench = new Bench({ speed: 1, chunkMs: 100 }, { greeting: "A long enough greeting." });
    await bench.clock.advanceMs(600);
    const cameMs = (bench.sink.answers[0]?.bytes ?? 0) / 8;
    bench.session.interrupt("item_answer_0", 60_000);
    await bench.clock.advanceMs(50);
    expect(bench.brain.truncations[0]?.audioEndMs).toBe(cameMs);
  });

  it("cancels the answer when the service did not hear the caller, too", async () => {
    const bench = new Bench({ speed: 1 }, { greeting: "A long enough greeting." });
    await bench.clock.advanceMs(600);
    bench.session.interrupt("item_answer_0", 100);
    await bench.clock.advanceMs(50);
    expect(bench.brain.received.slice(-2)).toEqual([
      "response.cancel",
      "conversation.item.truncate",
    ]);
    expect(bench.sink.lines).not.toContain("audioDone item_answer_0");
    bench.session.say("Go on.");
    await bench.clock.advanceMs(3000);
    expect(bench.sink.lines).toContain("model: Go on.");
  });

  it("says one text after the other", async () => {
    const bench = new Bench({ speed: 1 }, { greeting: "First." });
    bench.session.say("Second.");
    bench.session.say("Third.");
    await bench.clock.advanceMs(10_000);
    const said = bench.sink.finals.map((final) => final.text);
    expect(said.sort()).toEqual(["First.", "Second.", "Third."]);
    expect(bench.brain.errors).toEqual([]);
  });

  it("answers keys pressed together once, and ends an entry at #", async () => {
    const bench = new Bench({});
    await bench.ready();
    for (const digit of "12") {
      bench.session.pushDigit(digit);
      await bench.clock.advanceMs(200);
    }
    bench.session.pushDigit("#");
    await bench.clock.advanceMs(5000);
    expect(bench.brain.userTexts).toEqual([
      "(The caller pressed 1)",
      "(The caller pressed 2)",
      "(The caller pressed #)",
    ]);
    expect(bench.brain.instructions).toEqual([undefined]);
    bench.session.pushDigit("5");
    await bench.clock.advanceMs(5000);
    expect(bench.brain.instructions).toHaveLength(2);
  });
});
