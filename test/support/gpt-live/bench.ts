/** One GPT-Live session on virtual time, with the stand-in's brain behind it and a caller who can speak. */
import { expect } from "vitest";
import { asCallId } from "../../../src/core/ids.ts";
import { silentLogger } from "../../../src/core/logger.ts";
import { LiveModel, type LiveModelOptions } from "../../../src/models/gpt-live-model.ts";
import type { AudioFormat, HistoryEntry, ModelSession } from "../../../src/ports/realtime-model.ts";
import { LineSink } from "../openai/line-sink.ts";
import {
  createBrainService,
  type MemoryConnection,
  type MemoryService,
} from "../openai/memory-socket.ts";
import { speakNotes } from "../openai/voice.ts";
import { SeededRandom } from "../seeded-random.ts";
import { VirtualClock } from "../virtual-clock.ts";
import { LiveBrain, type LiveScript } from "./brain.ts";

export const LIVE_KEY = "sk-very-secret-live";
const PCMU: AudioFormat = { encoding: "pcmu", rateHz: 8000 };

/** GPT-Live in memory. */
export function createLiveService(
  clock: VirtualClock,
  script: LiveScript,
): MemoryService<LiveBrain> {
  return createBrainService({
    clock,
    refuse: script.refuse,
    createBrain: (_request, outlet) =>
      new LiveBrain({ ...outlet, clock, script, random: new SeededRandom(7) }),
  });
}

/** What differs from bench to bench. */
export interface LiveBenchOptions {
  readonly greeting?: string;
  readonly history?: readonly HistoryEntry[];
  readonly model?: Partial<LiveModelOptions>;
}

/** A session, and everything around it. */
export class LiveBench {
  readonly clock = new VirtualClock();
  readonly sink = new LineSink();
  readonly model: LiveModel;
  readonly session: ModelSession;
  readonly connection: MemoryConnection<LiveBrain>;

  constructor(script: LiveScript, options: LiveBenchOptions = {}) {
    const service = createLiveService(this.clock, script);
    this.model = new LiveModel({
      name: "live",
      url: "wss://api.openai.com/v1/live/sessions",
      model: "gpt-live-1",
      apiKey: LIVE_KEY,
      toolModel: "gpt-5",
      clock: this.clock,
      random: new SeededRandom(1),
      logger: silentLogger,
      openSocket: service.openSocket,
      ...options.model,
    });
    this.session = this.model.open(
      {
        callId: asCallId("call"),
        instructions: "Be kind.",
        voice: undefined,
        greeting: options.greeting,
        history: options.history,
        tools: [{ name: "look_up", description: "d", parameters: { type: "object" } }],
        dialogue: undefined,
        format: PCMU,
      },
      this.sink,
    );
    const connection = service.connections[0];
    if (connection === undefined) {
      throw new Error("no connection was opened");
    }
    this.connection = connection;
  }

  get brain(): LiveBrain {
    return this.connection.brain;
  }

  /** The caller speaks for `voiceMs`, then is silent for `silenceMs`, in frames of 20 ms. */
  async speak(voiceMs: number, silenceMs: number): Promise<void> {
    const whole = Buffer.concat([speakNotes(PCMU, 0, voiceMs), Buffer.alloc(silenceMs * 8, 0xff)]);
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
