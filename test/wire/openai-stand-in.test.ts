/** The OpenAI model and its stand-in over real WebSockets on loopback. */
import { createServer, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import WebSocket from "ws";
import { SystemClock } from "../../src/core/clock.ts";
import { asCallId } from "../../src/core/ids.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { systemRandom } from "../../src/core/random.ts";
import { OpenAiModel } from "../../src/models/openai-model.ts";
import type { AudioFormat, ModelSession } from "../../src/ports/realtime-model.ts";
import { LineSink } from "../support/openai/line-sink.ts";
import type { OpenAiScript } from "../support/openai/script.ts";
import { speakNotes } from "../support/openai/voice.ts";
import { STAND_IN_KEY, type StandIn, startOpenAiStandIn } from "../support/openai-stand-in.ts";

const PCMU: AudioFormat = { encoding: "pcmu", rateHz: 8000 };
const MIB = 1024 * 1024;
const clock = new SystemClock();
const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) {
    await close();
  }
  await until(() => clock.pending === 0);
});

async function until(predicate: () => boolean): Promise<void> {
  for (let turn = 0; turn < 600 && !predicate(); turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect(predicate()).toBe(true);
}

async function standIn(script: OpenAiScript): Promise<StandIn> {
  const started = await startOpenAiStandIn({ port: 0, script, clock });
  closers.push(() => started.close());
  return started;
}

function open(
  url: string,
  options: { key?: string; greeting?: string; format?: AudioFormat } = {},
): { readonly session: ModelSession; readonly sink: LineSink } {
  const sink = new LineSink();
  const model = new OpenAiModel({
    name: "openai",
    url,
    model: "gpt-realtime",
    apiKey: options.key ?? STAND_IN_KEY,
    voice: "marin",
    transcription: { model: "gpt-4o-mini-transcribe" },
    turnDetection: { type: "server_vad", silenceDurationMs: 500 },
    clock,
    random: systemRandom,
    logger: silentLogger,
    connectTimeoutMs: 1000,
  });
  const session = model.open(
    {
      callId: asCallId("call"),
      instructions: "Be kind.",
      voice: undefined,
      greeting: options.greeting,
      tools: [],
      dialogue: undefined,
      format: options.format ?? PCMU,
    },
    sink,
  );
  closers.push(() => session.close());
  return { session, sink };
}

describe("the OpenAI model over real sockets", () => {
  it.each<AudioFormat>([
    PCMU,
    { encoding: "pcma", rateHz: 8000 },
    { encoding: "pcm16", rateHz: 24_000 },
  ])("hears its greeting byte by byte in %o, and is heard", async (format) => {
    const service = await standIn({ speed: Number.POSITIVE_INFINITY, answers: [{ text: "Yes." }] });
    const { session, sink } = open(service.url, { format, greeting: "A greeting of some length." });
    await until(() => sink.lines.includes("audioDone item_answer_0"));
    const sent = speakNotes(format, 0, "A greeting of some length.".length * 60);
    expect(Buffer.concat(sink.audio).equals(sent)).toBe(true);
    const silence = new Uint8Array(speakNotes(format, 0, 20).length).fill(
      { pcmu: 0xff, pcma: 0xd5, pcm16: 0 }[format.encoding],
    );
    session.pushAudio(speakNotes(format, 0, 400));
    for (let i = 0; i < 40; i += 1) {
      session.pushAudio(silence);
    }
    await until(() => sink.lines.includes("model: Yes."));
    expect(sink.lines).toContain("speechStarted");
    expect(service.brains[0]?.errors).toEqual([]);
    expect(service.brains[0]?.appends).toBe(41);
  });

  it("frames pieces of any length so that the far end reads them", async () => {
    const service = await standIn({});
    const { session, sink } = open(service.url);
    await until(() => sink.lines.includes("ready"));
    const lengths = [1, 2, 3, 57, 58, 59, 160, 48_000, 49_118, 49_119, 60_000, 200_000];
    for (const length of lengths) {
      session.pushAudio(new Uint8Array(length).fill(0xff));
      session.pushDigit("1");
    }
    const brain = service.brains[0];
    await until(() => brain?.appends === lengths.length && brain.userTexts.length === 12);
    expect(brain?.errors).toEqual([]);
  });

  it.each<[string, OpenAiScript, string | undefined, string]>([
    ["a wrong key", {}, "sk-wrong", "MODEL_REJECTED"],
    ["too many sessions", { refuse: { status: 429, code: "x" } }, undefined, "MODEL_RATE_LIMITED"],
    [
      "a failing service",
      { refuse: { status: 503, code: "x" } },
      undefined,
      "MODEL_CONNECT_FAILED",
    ],
    ["a mute service", { mute: true }, undefined, "MODEL_CONNECT_FAILED"],
    ["refused settings", { refuseSettings: "invalid_value" }, undefined, "MODEL_REJECTED"],
    ["a message of 20 MiB", { garbage: [" ".repeat(20 * MIB)] }, undefined, "MODEL_PROTOCOL"],
  ])("fails once on %s", async (_name, script, key, code) => {
    const service = await standIn(script);
    const { sink } = open(service.url, key === undefined ? {} : { key });
    await until(() => sink.failures.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(sink.failures.map((failure) => failure.code)).toEqual([code]);
    expect(sink.lines.at(-1)).toBe(`failed ${code}`);
  });

  it.each([
    [1011, "MODEL_LOST"],
    [1006, "MODEL_LOST"],
    [1008, "MODEL_REJECTED"],
  ])("fails once when the service closes with %i in an answer", async (closeCode, code) => {
    const service = await standIn({
      answers: [{ text: "Cut off here.", closesAfterMs: { ms: 200, code: closeCode } }],
    });
    const { session, sink } = open(service.url);
    await until(() => sink.lines.includes("ready"));
    session.pushDigit("#");
    await until(() => sink.failures.length > 0);
    expect(sink.failures.map((failure) => failure.code)).toEqual([code]);
  });

  it("fails when nobody listens, and when somebody listens and says nothing", async () => {
    const held = new Set<Socket>();
    const deaf = createServer((socket) => held.add(socket));
    await new Promise<void>((resolve) => deaf.listen(0, "127.0.0.1", resolve));
    const address = deaf.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const hung = open(`ws://127.0.0.1:${port}/v1/realtime`);
    await until(() => hung.sink.failures.length > 0);
    expect(hung.sink.failures[0]).toMatchObject({
      code: "MODEL_CONNECT_FAILED",
      reason: "no session within 1000 ms",
    });
    for (const socket of held) {
      socket.destroy();
    }
    await new Promise((resolve) => deaf.close(resolve));
    const nobody = open(`ws://127.0.0.1:${port}/v1/realtime`);
    await until(() => nobody.sink.failures.length > 0);
    expect(nobody.sink.failures[0]?.reason).toContain("ECONNREFUSED");
  });

  it("leaves the far end in good order when it closes", async () => {
    const service = await standIn({});
    const { session, sink } = open(service.url, { greeting: "Hello." });
    await until(() => sink.answers.length > 0);
    const told = sink.lines.length;
    session.close();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(sink.lines).toHaveLength(told);
  });
});

describe("the stand-in", () => {
  async function ask(headers: Record<string, string>, messages: unknown[]): Promise<string[]> {
    const service = await standIn({});
    const socket = new WebSocket(`${service.url}?model=gpt-realtime`, { headers });
    closers.push(() => socket.terminate());
    const codes: string[] = [];
    socket.on("message", (data) => {
      const event = JSON.parse(String(data)) as { type: string; error?: { code: string } };
      codes.push(event.error?.code ?? event.type);
    });
    socket.on("error", (error) => codes.push(error.message));
    socket.on("open", () => {
      for (const message of messages) {
        socket.send(JSON.stringify(message));
      }
    });
    await until(
      () => codes.length > messages.length || codes[0]?.startsWith("Unexpected") === true,
    );
    return codes;
  }

  it("refuses the beta header, and a missing key", async () => {
    const key = { Authorization: `Bearer ${STAND_IN_KEY}` };
    expect(await ask({ ...key, "OpenAI-Beta": "realtime=v1" }, [])).toEqual([
      "Unexpected server response: 400",
    ]);
    expect(await ask({}, [])).toEqual(["Unexpected server response: 401"]);
  });

  it("refuses fields of the beta, and those nobody knows", async () => {
    const codes = await ask({ Authorization: `Bearer ${STAND_IN_KEY}` }, [
      { type: "session.update", session: { modalities: ["audio"] } },
      { type: "session.update", session: { type: "realtime", input_audio_format: "g711_ulaw" } },
      { type: "response.create", response: { modalities: ["audio"] } },
      { type: "conversation.item.truncate", item_id: "i", content_index: 0, audio_end_ms: 1.5 },
      { type: "response.cancel" },
      { type: "conversation.item.truncate", item_id: "i", content_index: 0, audio_end_ms: 1 },
      { type: "session.update", session: { type: "realtime" } },
    ]);
    expect(codes).toEqual([
      "session.created",
      "invalid_event",
      "invalid_event",
      "invalid_event",
      "invalid_event",
      "response_cancel_not_active",
      "item_truncate_invalid_item_id",
      "session.updated",
    ]);
  });
});
