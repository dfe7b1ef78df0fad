/** The OpenAI model against the stand-in's brain, on virtual time and without sockets. */
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { asCallId } from "../../src/core/ids.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { OpenAiModel } from "../../src/models/openai-model.ts";
import type { AudioFormat, ModelSession, ToolDefinition } from "../../src/ports/realtime-model.ts";
import { createMemoryService, type MemoryConnection } from "../support/openai/memory-socket.ts";
import { RecordingSink } from "../support/openai/recording-sink.ts";
import type { OpenAiScript } from "../support/openai/script.ts";
import { speakNotes } from "../support/openai/voice.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const KEY = "sk-very-secret";
const PCMU: AudioFormat = { encoding: "pcmu", rateHz: 8000 };
const TOOL: ToolDefinition = {
  name: "hang_up",
  description: "Ends the call.",
  parameters: { type: "object", properties: {} },
};

class Bench {
  readonly clock = new VirtualClock();
  readonly sink = new RecordingSink();
  readonly model: OpenAiModel;
  readonly session: ModelSession;
  readonly connection: MemoryConnection;

  constructor(
    script: OpenAiScript,
    options: { greeting?: string; format?: AudioFormat; timeoutMs?: number } = {},
  ) {
    const service = createMemoryService(this.clock, script);
    this.model = new OpenAiModel({
      name: "openai",
      model: "gpt-realtime",
      apiKey: KEY,
      voice: "marin",
      transcriptionModel: "gpt-4o-mini-transcribe",
      clock: this.clock,
      random: new SeededRandom(1),
      logger: silentLogger,
      connectTimeoutMs: options.timeoutMs,
      openSocket: service.openSocket,
    });
    this.session = this.model.open(
      {
        callId: asCallId("call"),
        instructions: "Be kind.",
        voice: undefined,
        greeting: options.greeting,
        tools: [TOOL],
        dialogue: undefined,
        format: options.format ?? PCMU,
      },
      this.sink,
    );
    const connection = service.connections[0];
    if (connection === undefined) {
      throw new Error("no connection was opened");
    }
    this.connection = connection;
  }

  get brain(): MemoryConnection["brain"] {
    return this.connection.brain;
  }

  /** The caller speaks for `voiceMs`, then is silent for `silenceMs`, in frames of 20 ms. */
  async speak(voiceMs: number, silenceMs: number): Promise<void> {
    const voice = speakNotes(PCMU, 0, voiceMs);
    const whole = Buffer.concat([voice, Buffer.alloc(silenceMs * 8, 0xff)]);
    for (let offset = 0; offset < whole.length; offset += 160) {
      this.session.pushAudio(whole.subarray(offset, offset + 160));
      await this.clock.advanceMs(20);
    }
  }

  async ready(): Promise<void> {
    await this.clock.advanceMs(50);
    expect(this.sink.lines[0]).toBe("ready");
  }

  json(): Record<string, unknown> {
    return this.session.toJSON() as Record<string, unknown>;
  }
}

describe("setting up", () => {
  it("is ready only when its settings hold, and greets then", async () => {
    const bench = new Bench({ readyDelayMs: 300 }, { greeting: "Good morning." });
    await bench.clock.advanceMs(290);
    expect(bench.sink.lines).toEqual([]);
    await bench.clock.advanceMs(3000);
    expect(bench.sink.lines).toEqual([
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
    const sink = new RecordingSink();
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
    expect(bench.sink.lines).toEqual([
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
    expect(bench.brain.received).not.toContain("response.cancel");
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

  it("cancels the answer itself when the service did not hear the caller", async () => {
    const bench = new Bench({ speed: 1 }, { greeting: "A long enough greeting." });
    await bench.clock.advanceMs(600);
    bench.session.interrupt("item_answer_0", 100);
    await bench.clock.advanceMs(50);
    expect(bench.brain.received.slice(-2)).toEqual([
      "conversation.item.truncate",
      "response.cancel",
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

  it("asks again when the service was answering by itself at that moment", async () => {
    const bench = new Bench({ answers: [{ text: "On my own." }, { text: "On request." }] });
    await bench.ready();
    bench.sink.onFact = (line) => {
      if (line === "speechStopped") {
        bench.session.say("Meanwhile.");
      }
    };
    await bench.speak(400, 800);
    await bench.clock.advanceMs(5000);
    expect(bench.brain.errors).toHaveLength(1);
    expect(bench.sink.finals.map((final) => final.text)).toContain("Meanwhile.");
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
