/** Nova Sonic by the client of AWS, and its stand-in, over real HTTP/2 on loopback. */
import { createServer, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type AwsAccess, STAND_IN_KEYS } from "../../src/core/aws-access.ts";
import { SystemClock } from "../../src/core/clock.ts";
import { asCallId } from "../../src/core/ids.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { createBedrockStreams } from "../../src/models/nova-bedrock.ts";
import { NovaModel } from "../../src/models/nova-model.ts";
import type { ModelSession } from "../../src/ports/realtime-model.ts";
import { PCM8 } from "../support/nova/nova-bench.ts";
import type { NovaScript } from "../support/nova/script.ts";
import { type NovaStandIn, startNovaStandIn } from "../support/nova-stand-in.ts";
import { wordsIn } from "../support/numbered-words.ts";
import { LineSink } from "../support/openai/line-sink.ts";
import { speakNotes } from "../support/openai/voice.ts";

const SECRET = "very/secret+key";
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
  for (let turn = 0; turn < 800 && !predicate(); turn += 1) {
    await passMs(10);
  }
  expect(predicate()).toBe(true);
}

async function standIn(script: NovaScript): Promise<NovaStandIn> {
  const started = await startNovaStandIn({ port: 0, script, clock });
  closers.push(() => started.close());
  return started;
}

interface Opened {
  readonly session: ModelSession;
  readonly sink: LineSink;
}

function open(
  address: Omit<AwsAccess, "region">,
  { greeting, model = "amazon.nova-2-sonic-v1:0" }: { greeting?: string; model?: string } = {},
): Opened {
  const sink = new LineSink();
  const region = "us-east-1";
  const nova = new NovaModel({
    name: "nova",
    region,
    model,
    clock,
    logger: silentLogger,
    connectTimeoutMs: 5000,
    openStream: createBedrockStreams({ region, ...address }, model),
  });
  const session = nova.open(
    {
      callId: asCallId("call"),
      instructions: "Be kind.",
      voice: undefined,
      greeting,
      tools: [],
      dialogue: undefined,
      format: PCM8,
    },
    sink,
  );
  closers.push(() => session.close());
  return { session, sink };
}

/** In real time: the service has no other. */
async function speak(session: ModelSession, voiceMs: number, silenceMs: number): Promise<void> {
  const whole = Buffer.concat([speakNotes(PCM8, 0, voiceMs), Buffer.alloc(silenceMs * 16)]);
  for (let offset = 0; offset < whole.length; offset += 640) {
    session.pushAudio(whole.subarray(offset, offset + 640));
    await passMs(40);
  }
}

async function failureOf(sink: LineSink) {
  await until(() => sink.failures.length > 0);
  return sink.failures[0];
}

describe("Nova Sonic over HTTP/2", () => {
  it("hears numbered words sample by sample, and is heard", async () => {
    const { endpoint, brains } = await standIn({ answers: [{ words: 6 }] });
    const { session, sink } = open({ endpoint });
    await until(() => sink.lines.includes("ready"));
    await speak(session, 400, 1400);
    await until(() => sink.answers[0]?.done === true);
    const bytes = Uint8Array.from(Buffer.concat(sink.audio));
    const words = wordsIn(new Int16Array(bytes.buffer));
    expect(words.map(({ number }) => number)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(brains[0]).toMatchObject({ violations: [], audioBytes: 1800 * 16 });
    session.close();
    await until(() => brains[0]?.isClosedInOrder === true);
  });

  it("shows a stand-in dummy keys, and no key of an account", async () => {
    const { endpoint, refusals } = await standIn({});
    const { sink } = open({ endpoint });
    await until(() => sink.lines.includes("ready"));
    expect(refusals).toEqual([]);
  });

  it.each([
    ["a wrong secret", { ...STAND_IN_KEYS, secretAccessKey: SECRET }, /look at secretAccessKey/],
    [
      "an unknown key",
      { accessKeyId: "AKIAUNKNOWN", secretAccessKey: SECRET },
      /does not know the access key/,
    ],
  ])("says in plain words that there is %s, and never the key", async (_what, keys, reason) => {
    const { endpoint } = await standIn({});
    const { session, sink } = open({ endpoint, keys });
    const failure = await failureOf(sink);
    expect(failure).toMatchObject({
      code: "MODEL_REJECTED",
      reason: expect.stringMatching(reason),
    });
    expect(JSON.stringify([session, failure, sink.lines])).not.toContain(SECRET);
  });

  it("says that no credentials were found, before anything is sent", async () => {
    const before = { ...process.env };
    Object.assign(process.env, { AWS_EC2_METADATA_DISABLED: "true", HOME: "/nonexistent" });
    for (const name of Object.keys(process.env).filter((key) => /^AWS_(?!EC2)/.test(key))) {
      delete process.env[name];
    }
    closers.push(() => Object.assign(process.env, before));
    const { sink } = open({ endpoint: "https://192.0.2.1" });
    expect(await failureOf(sink)).toMatchObject({
      code: "MODEL_REJECTED",
      reason: expect.stringMatching(/no AWS credentials were found: set accessKeyId/),
    });
  });

  it("says that a model does not exist", async () => {
    const { endpoint } = await standIn({});
    const { sink } = open({ endpoint }, { model: "amazon.nova-3" });
    expect(await failureOf(sink)).toMatchObject({
      code: "MODEL_REJECTED",
      reason: expect.stringMatching(/does not exist in this region/),
    });
  });

  it.each([
    ["AccessDeniedException", 403, "MODEL_REJECTED"],
    ["ThrottlingException", 429, "MODEL_RATE_LIMITED"],
    ["ServiceUnavailableException", 503, "MODEL_RATE_LIMITED"],
    ["ExpiredTokenException", 403, "MODEL_REJECTED"],
  ])("is refused with %s", async (name, status, code) => {
    const { endpoint } = await standIn({ refuse: { name, status } });
    expect(await failureOf(open({ endpoint }).sink)).toMatchObject({ code });
  });

  it.each([
    ["ThrottlingException", undefined, "MODEL_RATE_LIMITED"],
    ["ModelTimeoutException", undefined, "MODEL_LOST"],
    ["ValidationException", "Chat history is over max limit", "MODEL_PROTOCOL"],
    ["ValidationException", "RST_STREAM closed stream", "MODEL_LOST"],
    ["ExpiredTokenException", undefined, "MODEL_LOST"],
  ])("fails with its first message: %s %s", async (name, message, code) => {
    const exception = message === undefined ? { name } : { name, message };
    const { endpoint } = await standIn({ failAtOnce: exception });
    expect(await failureOf(open({ endpoint }).sink)).toMatchObject({ code });
  });

  it("fails in the middle of a word: by an exception, and by a broken connection", async () => {
    const text = "This is lost in the middle.";
    const exception = { name: "ModelStreamErrorException" };
    const failing = await standIn({ answers: [{ text, failsAfterMs: { ms: 300, exception } }] });
    const cut = await standIn({ answers: [{ text, cutsAfterMs: 300 }] });
    for (const { endpoint } of [failing, cut]) {
      const { session, sink } = open({ endpoint });
      await until(() => sink.lines.includes("ready"));
      await speak(session, 400, 1000);
      expect(await failureOf(sink)).toMatchObject({ code: "MODEL_LOST" });
      expect(sink.answers[0]?.bytes).toBeGreaterThan(0);
    }
  });

  it("survives a message of 20 MB", async () => {
    const content = Buffer.alloc(15_000_000).toString("base64");
    const garbage = [JSON.stringify({ event: { audioOutput: { contentId: "a", content } } })];
    const { endpoint } = await standIn({ garbage });
    const { session, sink } = open({ endpoint }, { greeting: "Still here." });
    await until(() => sink.finals.length > 0);
    expect(sink.finals[0]?.text).toBe("Still here.");
    expect(session.toJSON()).toMatchObject({ oversizedEvents: 1, state: "ready" });
  });

  it("does not wait for ever for a service that never answers, nor for one that is not there", async () => {
    const sockets: Socket[] = [];
    const hole = createServer((socket) => sockets.push(socket));
    await new Promise<void>((done) => hole.listen(0, "127.0.0.1", done));
    closers.push(
      () => hole.close(),
      () => sockets.map((socket) => socket.destroy()),
    );
    const { port } = hole.address() as { port: number };
    const silent = open({ endpoint: `http://127.0.0.1:${port}` });
    const absent = open({ endpoint: "http://127.0.0.1:1" });
    expect(await failureOf(absent.sink)).toMatchObject({
      code: "MODEL_CONNECT_FAILED",
      reason: expect.stringMatching(/^the service cannot be reached: look at endpoint/),
    });
    expect(await failureOf(silent.sink)).toMatchObject({ code: "MODEL_CONNECT_FAILED" });
  });
});
