/** One session with Nova Sonic on virtual time, with the stand-in's brain behind it and a caller who can speak. */
import { expect } from "vitest";
import { asCallId } from "../../../src/core/ids.ts";
import { silentLogger } from "../../../src/core/logger.ts";
import { NovaModel } from "../../../src/models/nova-model.ts";
import type {
  AudioFormat,
  HistoryEntry,
  ModelSession,
  ToolDefinition,
} from "../../../src/ports/realtime-model.ts";
import { LineSink } from "../openai/line-sink.ts";
import { speakNotes } from "../openai/voice.ts";
import { VirtualClock } from "../virtual-clock.ts";
import { createMemoryBedrock, type MemoryStream } from "./memory-stream.ts";
import type { StandInGeneration } from "./protocol.ts";
import type { NovaScript } from "./script.ts";

export const PCM8: AudioFormat = { encoding: "pcm16", rateHz: 8000 };
const TOOL: ToolDefinition = {
  name: "hang_up",
  description: "Ends the call.",
  parameters: { type: "object", properties: {} },
};

/** What differs between sessions. */
export interface BenchOptions {
  readonly generation?: StandInGeneration;
  readonly greeting?: string;
  readonly history?: readonly HistoryEntry[];
  readonly instructions?: string;
  readonly timeoutMs?: number;
}

/** A session, and everything around it. */
export class NovaBench {
  readonly clock = new VirtualClock();
  readonly sink = new LineSink();
  readonly session: ModelSession;
  readonly stream: MemoryStream;

  constructor(script: NovaScript, options: BenchOptions = {}) {
    const generation = options.generation ?? "v2";
    const service = createMemoryBedrock(this.clock, script, generation);
    const model = new NovaModel({
      name: "nova",
      region: "us-east-1",
      model: generation === "v1" ? "amazon.nova-sonic-v1:0" : "amazon.nova-2-sonic-v1:0",
      endpointingSensitivity: "high",
      clock: this.clock,
      logger: silentLogger,
      connectTimeoutMs: options.timeoutMs,
      openStream: service.openStream,
    });
    this.session = model.open(
      {
        callId: asCallId("call"),
        instructions: options.instructions ?? "Be kind.",
        voice: undefined,
        greeting: options.greeting,
        tools: [TOOL],
        dialogue: undefined,
        format: PCM8,
        history: options.history,
      },
      this.sink,
    );
    const stream = service.streams[0];
    if (stream === undefined) {
      throw new Error("no stream was opened");
    }
    this.stream = stream;
  }

  get brain(): MemoryStream["brain"] {
    return this.stream.brain;
  }

  /** The caller speaks for `voiceMs`, then is silent for `silenceMs`, in batches of 40 ms. */
  async speak(voiceMs: number, silenceMs: number): Promise<void> {
    const whole = Buffer.concat([speakNotes(PCM8, 0, voiceMs), Buffer.alloc(silenceMs * 16)]);
    for (let offset = 0; offset < whole.length; offset += 640) {
      this.session.pushAudio(whole.subarray(offset, offset + 640));
      await this.clock.advanceMs(40);
    }
  }

  async ready(): Promise<void> {
    await this.clock.advanceMs(20);
    expect(this.sink.lines[0]).toBe("ready");
  }

  /** Sends an event of the service now. */
  push(name: string, body: Record<string, unknown>): void {
    this.stream.push(JSON.stringify({ event: { [name]: body } }));
  }

  json(): Record<string, unknown> {
    return this.session.toJSON() as Record<string, unknown>;
  }
}
