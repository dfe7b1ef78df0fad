/** Amazon Transcribe and OpenAI's transcription keep the contract of models that listen, on virtual time. */
import { expect } from "vitest";
import { encodeG711 } from "../../src/audio/g711.ts";
import { asCallId } from "../../src/core/ids.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { OpenAiTranscriptionModel } from "../../src/models/openai-transcription-model.ts";
import { TranscribeModel } from "../../src/models/transcribe-model.ts";
import type { ModelSession, ModelSessionPlan } from "../../src/ports/realtime-model.ts";
import { listeningModelContract } from "../contract/listening-model.ts";
import { wordsFrom } from "../support/numbered-words.ts";
import { createBrainService } from "../support/openai/memory-socket.ts";
import {
  OpenAiTranscriptionBrain,
  type OpenAiTranscriptionScript,
} from "../support/openai-transcription/brain.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import { PCM8, wordBytes } from "../support/transcribe/bench.ts";
import { MemoryTranscribe } from "../support/transcribe/memory-stream.ts";
import type { TranscribeScript } from "../support/transcribe/script.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const PLAN: ModelSessionPlan = {
  callId: asCallId("call"),
  instructions: "",
  voice: undefined,
  greeting: undefined,
  tools: [],
  dialogue: undefined,
  heard: { role: "customer", streams: 1 },
};

/** Pushes in batches of 40 ms, then silence. */
function hearing(clock: VirtualClock, batchBytes: number, silence: number) {
  return async (session: ModelSession, audio: Uint8Array, durationMs: number) => {
    for (let passedMs = 0; passedMs < durationMs; passedMs += 40) {
      await clock.advanceMs(40);
      const piece = Buffer.alloc(batchBytes, silence);
      const from = (passedMs / 40) * batchBytes;
      piece.set(audio.subarray(from, from + batchBytes));
      session.pushAudio(piece);
    }
  };
}

for (const analytics of [false, true]) {
  const name = analytics ? "Transcribe Call Analytics" : "Amazon Transcribe";
  listeningModelContract(name, async () => {
    const clock = new VirtualClock();
    const model = (script: TranscribeScript) =>
      new TranscribeModel({
        name: "ears",
        region: "us-east-1",
        languages: ["en-US"],
        analytics,
        channels: "joined",
        clock,
        random: new SeededRandom(1),
        logger: silentLogger,
        openStream: new MemoryTranscribe(clock, script).openStream,
      });
    return {
      model: model({}),
      plan: PLAN,
      format: PCM8,
      speech: wordBytes(3, 3),
      hear: hearing(clock, 640, 0),
      openFailing: (sink) =>
        model({ refuse: { name: "AccessDeniedException", status: 403 } }).open(
          { ...PLAN, format: PCM8 },
          sink,
        ),
      close: async () => {
        await clock.advanceMs(3000);
        expect(clock.pending).toBe(0);
      },
    };
  });
}

listeningModelContract("OpenAI transcription", async () => {
  const clock = new VirtualClock();
  const format = { encoding: "pcmu", rateHz: 8000 } as const;
  const samples = wordsFrom(3, 3);
  const speech = new Uint8Array(samples.length);
  encodeG711("pcmu", samples, 0, samples.length, speech, 0);
  const model = (script: OpenAiTranscriptionScript) =>
    new OpenAiTranscriptionModel({
      name: "scribe",
      apiKey: "sk-test",
      transcription: { model: "gpt-4o-mini-transcribe" },
      turnDetection: { type: "server_vad" },
      clock,
      random: new SeededRandom(1),
      logger: silentLogger,
      openSocket: createBrainService({
        clock,
        createBrain: (_request, { send, close }) =>
          new OpenAiTranscriptionBrain({ clock, script, send, close }),
      }).openSocket,
    });
  return {
    model: model({}),
    plan: PLAN,
    format,
    speech,
    hear: hearing(clock, 320, 0xff),
    openFailing: (sink) =>
      model({ refuseSettings: "unknown_parameter" }).open({ ...PLAN, format }, sink),
    close: async () => {
      await clock.advanceMs(3000);
      expect(clock.pending).toBe(0);
    },
  };
});
