/** Transcriptions by OpenAI on virtual time: G.711 as it comes, texts in the order of speech, and a service that fails. */
import { afterEach, describe, expect, it } from "vitest";
import { encodeG711 } from "../../src/audio/g711.ts";
import { asCallId } from "../../src/core/ids.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { OpenAiTranscriptionModel } from "../../src/models/openai-transcription-model.ts";
import type { ModelSession } from "../../src/ports/realtime-model.ts";
import { wordsFrom, wordsIn } from "../support/numbered-words.ts";
import { createBrainService, type MemoryService } from "../support/openai/memory-socket.ts";
import {
  OpenAiTranscriptionBrain,
  type OpenAiTranscriptionScript,
} from "../support/openai-transcription/brain.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import { ListeningSink } from "../support/transcribe/bench.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const KEY = "sk-a-secret";
const BATCH_BYTES = 320;

class Bench {
  readonly clock = new VirtualClock();
  readonly sink = new ListeningSink();
  readonly service: MemoryService<OpenAiTranscriptionBrain>;
  readonly session: ModelSession;
  script: OpenAiTranscriptionScript;
  audio: Buffer = Buffer.alloc(0);

  constructor(script: OpenAiTranscriptionScript = {}, maxSessionMs?: number) {
    this.script = script;
    const { clock } = this;
    this.service = createBrainService({
      clock,
      refuse: script.refuse === undefined ? undefined : { type: "error", ...script.refuse },
      createBrain: (_request, { send, close }) =>
        new OpenAiTranscriptionBrain({ clock, script: this.script, send, close }),
    });
    const model = new OpenAiTranscriptionModel({
      name: "scribe",
      apiKey: KEY,
      transcription: { model: "gpt-4o-mini-transcribe", language: "en" },
      turnDetection: { type: "server_vad", silenceDurationMs: 400 },
      maxSessionMs,
      clock,
      random: new SeededRandom(3),
      logger: silentLogger,
      openSocket: this.service.openSocket,
    });
    this.session = model.open(
      {
        callId: asCallId("call"),
        instructions: "",
        voice: undefined,
        greeting: undefined,
        tools: [],
        dialogue: undefined,
        format: { encoding: "pcmu", rateHz: 8000 },
        heard: { role: "customer", streams: 2 },
      },
      this.sink,
    );
  }

  async run(durationMs: number): Promise<void> {
    for (let passedMs = 0; passedMs < durationMs; passedMs += 40) {
      await this.clock.advanceMs(40);
      const piece = Buffer.alloc(BATCH_BYTES, 0xff);
      this.audio.copy(piece, 0, 0, BATCH_BYTES);
      this.audio = this.audio.subarray(BATCH_BYTES);
      this.session.pushAudio(piece);
    }
  }

  get numbers(): number[] {
    return this.sink.finals.flatMap((text) =>
      [...text.matchAll(/word (\d+)/g)].map((match) => Number(match[1])),
    );
  }
}

function spoken(first: number, count: number, silenceMs = 0): Buffer {
  const samples = wordsFrom(first, count);
  const codes = Buffer.alloc(samples.length + silenceMs * 8, 0xff);
  encodeG711("pcmu", samples, 0, samples.length, codes, 0);
  return codes;
}

function range(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

let bench: Bench;

afterEach(async () => {
  bench.session.close();
  await bench.clock.advanceMs(2000);
  expect(bench.clock.pending).toBe(0);
});

describe("a transcription by OpenAI", () => {
  it("gets the line's own codec, whole and in order, and asks for no answers", async () => {
    bench = new Bench();
    await bench.run(400);
    bench.audio = spoken(0, 8);
    await bench.run(4500);
    const [connection] = bench.service.connections;
    expect(connection?.request.url).toBe("wss://api.openai.com/v1/realtime?intent=transcription");
    expect(connection?.brain.errors).toEqual([]);
    expect(connection?.brain.received).toEqual(["session.update"]);
    const heard = wordsIn(connection?.brain.heard ?? new Int16Array());
    expect(heard.map(({ number }) => number)).toEqual(range(0, 8));
    expect(bench.numbers).toEqual(range(0, 8));
    expect(JSON.stringify(bench.session.toJSON())).not.toContain(KEY);
  });

  it("tells partial and final versions under one name, with times of the call, and what it took", async () => {
    bench = new Bench();
    await bench.run(2000);
    const saidAtMs = bench.clock.wallMs();
    bench.audio = spoken(0, 5);
    await bench.run(3500);
    const { told } = bench.sink;
    expect(told.length).toBeGreaterThan(1);
    expect(new Set(told.map(({ itemId }) => itemId)).size).toBe(1);
    expect(told.at(-1)?.final).toBe(true);
    expect(Math.abs((told[0]?.details?.startedAtMs ?? 0) - saidAtMs)).toBeLessThan(100);
    expect(bench.sink.all("usage").map(({ usage }) => usage)).toEqual([
      {
        inputTextTokens: 5,
        inputAudioTokens: 15,
        cachedTokens: 0,
        outputTextTokens: 10,
        outputAudioTokens: 0,
      },
    ]);
  });

  it("tells utterances in the order of speech, though the service finishes a later one first", async () => {
    bench = new Bench({ slowMs: 2500 });
    await bench.run(400);
    bench.audio = Buffer.concat([spoken(0, 2, 800), spoken(10, 2, 800), spoken(20, 2, 800)]);
    await bench.run(9000);
    expect(bench.numbers).toEqual([0, 1, 10, 11, 20, 21]);
  });

  it("is renewed before its limit without a word lost", async () => {
    bench = new Bench({ sessionMs: 12_000 }, 12_000);
    await bench.run(500);
    bench.audio = Buffer.concat(range(0, 8).map((turn) => spoken(turn * 4, 4, 1400)));
    await bench.run(27_000);
    expect(bench.service.connections.length).toBeGreaterThanOrEqual(2);
    expect(bench.sink.service).toEqual([]);
    expect(bench.numbers).toEqual(range(0, 32));
  });

  it("comes back after a break with the audio that was kept", async () => {
    bench = new Bench({ cutsAfterMs: 3000 });
    await bench.run(500);
    bench.audio = spoken(0, 15);
    await bench.run(2000);
    bench.script = {};
    await bench.run(9000);
    expect(bench.sink.service).toEqual(["MODEL_LOST", "recovered"]);
    expect([...new Set(bench.numbers)]).toEqual(range(0, 15));
  });

  it.each([
    [{ refuse: { status: 401, code: "invalid_api_key" } }, "the API key or token was refused"],
    [{ refuseSettings: "unknown_parameter" }, "the settings of the session were refused"],
  ] as const)("fails for good when it is refused: %j", async (script, reason) => {
    bench = new Bench(script);
    await bench.run(400);
    const [failed] = bench.sink.all("failed");
    expect(failed?.failure).toMatchObject({
      code: "MODEL_REJECTED",
      reason: expect.stringContaining(reason),
    });
  });
});
