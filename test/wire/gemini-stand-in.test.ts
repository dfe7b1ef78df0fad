/** The Gemini model and its stand-in over real WebSockets on loopback. */
import { afterEach, describe, expect, it } from "vitest";
import WebSocket from "ws";
import { SystemClock } from "../../src/core/clock.ts";
import { systemRandom } from "../../src/core/random.ts";
import { GeminiModel } from "../../src/models/gemini-model.ts";
import { GEMINI_HEARS, GEMINI_SPEAKS } from "../../src/models/gemini-wire.ts";
import type { ModelSession, ModelSessionPlan } from "../../src/ports/realtime-model.ts";
import { GOOD_KEY } from "../support/gemini/brain.ts";
import { GEMINI_PLAN } from "../support/gemini/model-bench.ts";
import type { GeminiScript } from "../support/gemini/script.ts";
import { type GeminiStandIn, startGeminiStandIn } from "../support/gemini-stand-in.ts";
import { LineSink } from "../support/openai/line-sink.ts";
import { speakNotes } from "../support/openai/voice.ts";

const MIB = 1024 * 1024;
const clock = new SystemClock();
const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) {
    await close();
  }
  await until(() => clock.pending === 0);
});

function passMs(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}

async function until(predicate: () => boolean): Promise<void> {
  for (let turn = 0; turn < 600 && !predicate(); turn += 1) {
    await passMs(10);
  }
  expect(predicate()).toBe(true);
}

async function standIn(script: GeminiScript): Promise<GeminiStandIn> {
  const started = await startGeminiStandIn({ port: 0, script, clock });
  closers.push(() => started.close());
  return started;
}

function open(
  url: string,
  plan: Partial<ModelSessionPlan> = {},
  apiKey = GOOD_KEY,
): { readonly session: ModelSession; readonly sink: LineSink } {
  const sink = new LineSink();
  const model = new GeminiModel({
    name: "gemini",
    url,
    model: "gemini-3.8-live",
    apiKey,
    voice: "Kore",
    transcription: true,
    activityDetection: { startSensitivity: "high", prefixPaddingMs: 100 },
    maxSessionMs: 600_000,
    clock,
    random: systemRandom,
    connectTimeoutMs: 1000,
  });
  const session = model.open({ ...GEMINI_PLAN, ...plan, format: GEMINI_HEARS }, sink);
  closers.push(() => session.close());
  return { session, sink };
}

describe("the Gemini model over real sockets", () => {
  it("hears its greeting byte by byte, and is heard", async () => {
    const service = await standIn({ speed: Number.POSITIVE_INFINITY, answers: [{ text: "Yes." }] });
    const { session, sink } = open(service.url, { greeting: "A greeting." });
    await until(() => sink.lines.includes("audioDone answer-1"));
    const spoken = speakNotes(GEMINI_SPEAKS, 0, "A greeting.".length * 60);
    expect(Buffer.concat(sink.audio).equals(spoken)).toBe(true);
    session.pushAudio(speakNotes(GEMINI_HEARS, 0, 400));
    for (let i = 0; i < 40; i += 1) {
      session.pushAudio(new Uint8Array(640));
    }
    await until(() => sink.lines.includes("model: Yes."));
    expect(sink.lines).toContain("caller: This is turn 1.");
    expect(service.brains[0]?.errors).toEqual([]);
    expect(service.brains[0]?.audioMessages).toBe(41);
  });

  it("frames pieces of any length so that the far end reads them, and says when they pause", async () => {
    const service = await standIn({});
    const { session, sink } = open(service.url);
    await until(() => sink.lines.includes("ready"));
    const lengths = [2, 4, 58, 60, 160, 640, 48_000, 49_118, 60_000, 200_000];
    for (const length of lengths) {
      session.pushAudio(new Uint8Array(length));
    }
    const brain = service.brains[0];
    await until(() => brain?.audioMessages === lengths.length && brain.streamEnds === 1);
    expect(brain?.errors).toEqual([]);
  });

  it("survives 20 MB and goes on", async () => {
    const service = await standIn({ garbage: [" ".repeat(20 * MIB), "nonsense"] });
    const { session, sink } = open(service.url, { greeting: "Still here." });
    await until(() => sink.lines.includes("model: Still here."));
    expect(session.toJSON()).toMatchObject({ malformedEvents: 2 });
  });

  it("takes up a session over another connection, and tells the history where it cannot", async () => {
    const service = await standIn({ speed: 50 });
    const first = open(service.url, { greeting: "Welcome." });
    await until(() => first.session.resumption !== undefined && first.sink.finals.length > 0);
    const { resumption } = first.session;
    const history = [{ speaker: "caller", text: "Hello." }] as const;
    const second = open(service.url, { history, resumption });
    await until(() => second.sink.lines.includes("ready"));
    expect(service.brains[1]?.said.at(-1)?.parts).toEqual([{ text: "Welcome." }]);
    const third = open(service.url, { history, resumption: "of yesterday" });
    await until(() => third.sink.lines.includes("ready"));
    const told = service.brains.at(-1);
    await until(() => told?.said.length === 1);
    expect(told?.userTexts).toEqual(["Hello."]);
  });

  it.each<[string, GeminiScript, string, string, string]>([
    ["a wrong key", {}, "AIza-wrong", "MODEL_REJECTED", "models.gemini.apiKey"],
    [
      "too many sessions",
      { refuse: { status: 429, error: "RESOURCE_EXHAUSTED", message: "" } },
      GOOD_KEY,
      "MODEL_RATE_LIMITED",
      "quota",
    ],
    [
      "a quota that is used up",
      { refuseSetup: { code: 1011, reason: "You exceeded your current quota" } },
      GOOD_KEY,
      "MODEL_RATE_LIMITED",
      "quota",
    ],
    ["a mute service", { mute: true }, GOOD_KEY, "MODEL_CONNECT_FAILED", "1000 ms"],
    [
      "more than can be taken",
      { garbage: [" ".repeat(33 * MIB)] },
      GOOD_KEY,
      "MODEL_PROTOCOL",
      "too long",
    ],
  ])("fails once on %s", async (_what, script, key, code, reason) => {
    const service = await standIn(script);
    const { sink } = open(service.url, {}, key);
    await until(() => sink.failures.length > 0);
    await passMs(50);
    expect(sink.failures.map((failure) => failure.code)).toEqual([code]);
    expect(sink.failures[0]?.reason).toContain(reason);
    expect(sink.lines.at(-1)).toBe(`failed ${code}`);
  });

  it.each([
    [1011, "MODEL_LOST"],
    [1006, "MODEL_LOST"],
    [1007, "MODEL_PROTOCOL"],
  ])("fails once when the service closes with %i in an answer", async (closeCode, code) => {
    const closesAfterMs = { ms: 200, code: closeCode, reason: "in the middle" };
    const service = await standIn({ answers: [{ text: "Cut off here.", closesAfterMs }] });
    const { session, sink } = open(service.url);
    await until(() => sink.lines.includes("ready"));
    session.pushDigit("#");
    await until(() => sink.failures.length > 0);
    expect(sink.failures.map((failure) => failure.code)).toEqual([code]);
  });

  it("fails when nobody listens", async () => {
    const { sink } = open("ws://127.0.0.1:45299/");
    await until(() => sink.failures.length > 0);
    expect(sink.failures[0]?.reason).toContain("ECONNREFUSED");
  });
});

describe("the stand-in", () => {
  async function ask(path: string, messages: readonly unknown[]): Promise<string> {
    const service = await standIn({});
    const socket = new WebSocket(`${service.url}${path}`, {
      headers: { "x-goog-api-key": GOOD_KEY },
    });
    closers.push(() => socket.terminate());
    socket.on("open", () => {
      for (const message of messages) {
        socket.send(JSON.stringify(message));
      }
    });
    return new Promise((resolve) => {
      socket.on("close", (code, reason) => resolve(`${code} ${reason}`));
      socket.on("error", (error) => resolve(error.message));
    });
  }

  const setup = {
    model: "models/gemini-3.8-live",
    generationConfig: { responseModalities: ["AUDIO"] },
    realtimeInputConfig: { automaticActivityDetection: {} },
    sessionResumption: {},
    contextWindowCompression: { slidingWindow: {} },
  };

  it.each<[string, string, readonly unknown[], RegExp]>([
    ["a key in the address", "?key=x", [], /404/],
    [
      "anything before the setup",
      "",
      [{ clientContent: { turns: [], turnComplete: true } }],
      /^1007/,
    ],
    [
      "audio before it is ready",
      "",
      [{ setup }, { realtimeInput: { audioStreamEnd: true } }],
      /^1007/,
    ],
    ["a second setup", "", [{ setup }, { setup }], /^1007/],
    ["a model without its prefix", "", [{ setup: { ...setup, model: "gemini" } }], /^1007/],
    ["a field that nobody knows", "", [{ setup: { ...setup, voice: "Kore" } }], /^1007/],
    ["two things in a message", "", [{ setup, toolResponse: { functionResponses: [] } }], /^1007/],
  ])("refuses %s", async (_what, path, messages, closure) => {
    expect(await ask(path, messages)).toMatch(closure);
  });
});
