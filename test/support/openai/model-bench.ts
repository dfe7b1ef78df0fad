/** One OpenAI model session on virtual time, with the stand-in's brain behind it and a caller who can speak. */
import { expect } from "vitest";
import { asCallId } from "../../../src/core/ids.ts";
import { silentLogger } from "../../../src/core/logger.ts";
import { OpenAiModel, type OpenAiModelOptions } from "../../../src/models/openai-model.ts";
import type {
  AudioFormat,
  HistoryEntry,
  ModelSession,
  ToolDefinition,
} from "../../../src/ports/realtime-model.ts";
import { SeededRandom } from "../seeded-random.ts";
import { VirtualClock } from "../virtual-clock.ts";
import { LineSink } from "./line-sink.ts";
import { createMemoryService, type MemoryConnection } from "./memory-socket.ts";
import type { OpenAiScript } from "./script.ts";
import { speakNotes } from "./voice.ts";

export const KEY = "sk-very-secret";
export const PCMU: AudioFormat = { encoding: "pcmu", rateHz: 8000 };
const TOOL: ToolDefinition = {
  name: "hang_up",
  description: "Ends the call.",
  parameters: { type: "object", properties: {} },
};

/** What differs from bench to bench. */
export interface BenchOptions {
  readonly greeting?: string;
  readonly format?: AudioFormat;
  readonly timeoutMs?: number;
  readonly history?: readonly HistoryEntry[];
  readonly model?: Partial<OpenAiModelOptions>;
}

/** A session, and everything around it. */
export class Bench {
  readonly clock = new VirtualClock();
  readonly sink = new LineSink();
  readonly model: OpenAiModel;
  readonly session: ModelSession;
  readonly connection: MemoryConnection;

  constructor(script: OpenAiScript, options: BenchOptions = {}) {
    const service = createMemoryService(this.clock, script);
    this.model = new OpenAiModel({
      name: "openai",
      model: "gpt-realtime",
      apiKey: KEY,
      voice: "marin",
      transcription: { model: "gpt-4o-mini-transcribe" },
      clock: this.clock,
      random: new SeededRandom(1),
      logger: silentLogger,
      connectTimeoutMs: options.timeoutMs,
      openSocket: service.openSocket,
      ...options.model,
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
        history: options.history,
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
