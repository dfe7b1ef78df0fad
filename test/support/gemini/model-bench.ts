/** One Gemini session on virtual time, with the stand-in's brain behind it and a caller who can speak. */
import { expect } from "vitest";
import { asCallId } from "../../../src/core/ids.ts";
import { GeminiModel, type GeminiModelOptions } from "../../../src/models/gemini-model.ts";
import { GEMINI_HEARS } from "../../../src/models/gemini-wire.ts";
import type {
  ModelSession,
  ModelSessionPlan,
  ToolDefinition,
} from "../../../src/ports/realtime-model.ts";
import { LineSink } from "../openai/line-sink.ts";
import { speakNotes } from "../openai/voice.ts";
import { SeededRandom } from "../seeded-random.ts";
import { VirtualClock } from "../virtual-clock.ts";
import { GOOD_KEY } from "./brain.ts";
import { createGeminiService, type MemoryConnection, type MemoryService } from "./memory-socket.ts";
import type { GeminiScript } from "./script.ts";

const TOOL: ToolDefinition = {
  name: "hang_up",
  description: "Ends the call.",
  parameters: { type: "object", properties: {}, additionalProperties: false },
};

/** What every bench asks for, unless a test says otherwise. */
export const GEMINI_PLAN: ModelSessionPlan = {
  callId: asCallId("call"),
  instructions: "Be kind.",
  voice: undefined,
  greeting: undefined,
  tools: [TOOL],
  dialogue: undefined,
};

/** A session, and everything around it. */
export class GeminiBench {
  readonly clock: VirtualClock;
  readonly service: MemoryService;
  readonly model: GeminiModel;
  readonly sink: LineSink;
  readonly session: ModelSession;

  /** `before`: a bench on whose clock and service this one goes on. */
  constructor(
    script: GeminiScript,
    options: {
      plan?: Partial<ModelSessionPlan>;
      model?: Partial<GeminiModelOptions>;
      before?: GeminiBench;
    } = {},
  ) {
    this.clock = options.before?.clock ?? new VirtualClock();
    this.service = options.before?.service ?? createGeminiService(this.clock, script);
    this.sink = new LineSink();
    this.model = new GeminiModel({
      name: "gemini",
      url: "wss://generativelanguage.googleapis.com/ws/x.BidiGenerateContent",
      model: "gemini-3.8-live",
      apiKey: GOOD_KEY,
      voice: "Kore",
      transcription: true,
      maxSessionMs: 600_000,
      clock: this.clock,
      random: new SeededRandom(1),
      openSocket: this.service.openSocket,
      ...options.model,
    });
    const plan = { ...GEMINI_PLAN, ...options.plan, format: GEMINI_HEARS };
    this.session = this.model.open(plan, this.sink);
  }

  /** The connection made last. */
  get connection(): MemoryConnection {
    const connection = this.service.connections.at(-1);
    if (connection === undefined) {
      throw new Error("no connection was opened");
    }
    return connection;
  }

  get brain(): MemoryConnection["brain"] {
    return this.connection.brain;
  }

  /** The caller speaks for `voiceMs`, then is silent for `silenceMs`, in frames of 20 ms. */
  async speak(voiceMs: number, silenceMs: number): Promise<void> {
    const voice = speakNotes(GEMINI_HEARS, 0, voiceMs);
    const whole = Buffer.concat([voice, Buffer.alloc(silenceMs * 32)]);
    for (let offset = 0; offset < whole.length; offset += 640) {
      this.session.pushAudio(whole.subarray(offset, offset + 640));
      await this.clock.advanceMs(20);
    }
  }

  async ready(): Promise<void> {
    await this.clock.advanceMs(50);
    expect(this.sink.lines[0]).toBe("ready");
  }

  /** A message of the service, as JSON. */
  push(message: unknown): void {
    this.connection.push(Buffer.from(JSON.stringify(message)));
  }

  json(): Record<string, unknown> {
    return this.session.toJSON() as Record<string, unknown>;
  }

  /** Ends the session, and finds nothing left of it. */
  async close(): Promise<void> {
    this.session.close();
    await this.clock.advanceMs(10);
    expect(this.clock.pending).toBe(0);
  }
}
