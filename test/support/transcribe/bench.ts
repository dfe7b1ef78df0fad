/** Streams of one call with Amazon Transcribe on virtual time, with the stand-in's brain behind them and people who can speak. */
import { asCallId } from "../../../src/core/ids.ts";
import { silentLogger } from "../../../src/core/logger.ts";
import {
  TranscribeModel,
  type TranscribeModelOptions,
} from "../../../src/models/transcribe-model.ts";
import type {
  AudioFormat,
  HeardStream,
  ModelFailure,
  ModelFinding,
  ModelSession,
  ModelSessionOptions,
  UtteranceDetails,
} from "../../../src/ports/realtime-model.ts";
import { wordsFrom } from "../numbered-words.ts";
import { RecordingSink } from "../recording-sink.ts";
import { SeededRandom } from "../seeded-random.ts";
import { VirtualClock } from "../virtual-clock.ts";
import { MemoryTranscribe } from "./memory-stream.ts";
import type { TranscribeScript } from "./script.ts";

export const PCM8: AudioFormat = { encoding: "pcm16", rateHz: 8000 };
/** What legs push at a time. */
const BATCH_MS = 40;
const BATCH_BYTES = BATCH_MS * 16;

/** A text that was told last of an utterance. */
export interface ToldUtterance {
  readonly itemId: string;
  readonly text: string;
  readonly final: boolean;
  readonly details: UtteranceDetails | undefined;
}

/** A sink that also knows what only models that listen say. */
export class ListeningSink extends RecordingSink {
  readonly told: ToldUtterance[] = [];
  readonly findings: ModelFinding[] = [];
  readonly service: string[] = [];
  /** Audio that waits to be pushed as soon as the session is ready, as the engine does. */
  onReadyPush: () => void = () => undefined;

  /** Final texts in order. */
  get finals(): readonly string[] {
    return this.told.filter(({ final }) => final).map(({ text }) => text);
  }

  override onReady(): void {
    super.onReady();
    this.onReadyPush();
  }

  override onTranscript(
    ...[speaker, text, itemId, final, details]: Parameters<
      Required<import("../../../src/ports/realtime-model.ts").ModelSink>["onTranscript"]
    >
  ): void {
    super.onTranscript(speaker, text, itemId, final);
    this.told.push({ itemId, text, final, details });
  }

  onFinding(finding: ModelFinding): void {
    this.findings.push(finding);
  }

  onFaltered({ code }: ModelFailure): void {
    this.service.push(code);
  }

  onRecovered(): void {
    this.service.push("recovered");
  }
}

/** One stream of a call. */
export interface HeardLeg {
  readonly sink: ListeningSink;
  readonly session: ModelSession;
  /** What it has still to push; silence afterwards. */
  audio: Buffer;
  /** Pushes nothing at all, not even silence. */
  isDead: boolean;
}

/** A call, and everything around it. */
export class TranscribeBench {
  readonly clock = new VirtualClock();
  readonly service: MemoryTranscribe;
  readonly model: TranscribeModel;
  readonly legs: HeardLeg[] = [];

  constructor(script: TranscribeScript = {}, options: Partial<TranscribeModelOptions> = {}) {
    this.service = new MemoryTranscribe(this.clock, script);
    this.model = new TranscribeModel({
      name: "ears",
      region: "us-east-1",
      languages: ["en-US"],
      analytics: false,
      channels: "joined",
      clock: this.clock,
      random: new SeededRandom(1),
      logger: silentLogger,
      openStream: this.service.openStream,
      ...options,
    });
  }

  /** One stream of the call. */
  open(heard: HeardStream | undefined, callId = "call"): HeardLeg {
    const sink = new ListeningSink();
    const options: ModelSessionOptions = {
      callId: asCallId(callId),
      instructions: "",
      voice: undefined,
      greeting: undefined,
      tools: [],
      dialogue: undefined,
      format: PCM8,
      heard,
    };
    const session = this.model.open(options, sink);
    const leg: HeardLeg = { sink, session, audio: Buffer.alloc(0), isDead: false };
    this.legs.push(leg);
    return leg;
  }

  /** Customer and agent. */
  openBoth(): readonly [HeardLeg, HeardLeg] {
    return [this.open({ role: "customer", streams: 2 }), this.open({ role: "agent", streams: 2 })];
  }

  /** Time passes, in which every leg pushes what it hears. */
  async run(durationMs: number): Promise<void> {
    for (let passedMs = 0; passedMs < durationMs; passedMs += BATCH_MS) {
      await this.clock.advanceMs(BATCH_MS);
      for (const leg of this.legs.filter(({ isDead }) => !isDead)) {
        const piece = Buffer.alloc(BATCH_BYTES);
        leg.audio.copy(piece, 0, 0, BATCH_BYTES);
        leg.audio = leg.audio.subarray(BATCH_BYTES);
        leg.session.pushAudio(piece);
      }
    }
  }

  async close(): Promise<void> {
    for (const { session } of this.legs) {
      session.close();
    }
    await this.clock.advanceMs(2000);
  }
}

/** Numbered words, 400 ms each, as a leg pushes them. */
export function wordBytes(first: number, count: number): Buffer {
  const samples = wordsFrom(first, count);
  return Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
}

/** Silence. */
export function silenceBytes(durationMs: number): Buffer {
  return Buffer.alloc(durationMs * 16);
}
