/** A realtime model that does what the test says and remembers what it was given. */
import { decodeG711, encodeG711 } from "../../src/audio/g711.ts";
import { fillSine } from "../../src/audio/signal.ts";
import { after, type Clock } from "../../src/core/clock.ts";
import type {
  AudioFormat,
  ModelCapabilities,
  ModelFailure,
  ModelSession,
  ModelSessionOptions,
  ModelSink,
  RealtimeModel,
  StreamRole,
} from "../../src/ports/realtime-model.ts";
import { type HeardSpan, spansOf, toneHz, tonesIn } from "./tones.ts";

/** How the model is set up. */
export interface FakeModelOptions {
  readonly clock: Clock;
  readonly name?: string;
  readonly formats?: readonly AudioFormat[];
  readonly outputFormat?: AudioFormat | undefined;
  /** What differs from a model that can do everything it does here. */
  readonly capabilities?: Partial<ModelCapabilities>;
  /** `undefined`: the test calls `ready()`. */
  readonly readyAfterMs?: number | undefined;
}

/** The formats of a model that takes telephone codecs as they are. */
export const PASSTHROUGH_FORMATS: readonly AudioFormat[] = [
  { encoding: "pcmu", rateHz: 8000 },
  { encoding: "pcma", rateHz: 8000 },
];
/** The formats of a model that takes PCM only. */
export const PCM_FORMATS: readonly AudioFormat[] = [{ encoding: "pcm16", rateHz: 24000 }];

/** The model; every `open` adds to `sessions`. */
export class FakeModel implements RealtimeModel {
  readonly name: string;
  readonly capabilities: ModelCapabilities;
  readonly sessions: FakeModelSession[] = [];
  readonly #options: FakeModelOptions;

  constructor(options: FakeModelOptions) {
    this.#options = options;
    this.name = options.name ?? "fake";
    this.capabilities = {
      formats: options.formats ?? PASSTHROUGH_FORMATS,
      outputFormat: options.outputFormat,
      serverTurns: true,
      nativeDuplex: false,
      arbitrated: true,
      truncation: true,
      transcripts: true,
      tools: true,
      speaksText: true,
      history: false,
      usage: false,
      continuousAudio: false,
      maxSessionMs: undefined,
      ...options.capabilities,
    };
  }

  /** The session opened last. */
  get session(): FakeModelSession {
    const last = this.sessions[this.sessions.length - 1];
    if (last === undefined) {
      throw new Error("no model session was opened");
    }
    return last;
  }

  open(options: ModelSessionOptions, sink: ModelSink): ModelSession {
    const { clock, outputFormat } = this.#options;
    const session = new FakeModelSession(options, sink, clock, outputFormat);
    this.sessions.push(session);
    if (this.#options.readyAfterMs !== undefined) {
      after(clock, this.#options.readyAfterMs, () => session.ready());
    }
    return session;
  }

  describe(): string {
    return `${this.name}: scripted by a test`;
  }
}

/** One session. The first group of methods is the test's, the second is the port's. */
export class FakeModelSession implements ModelSession {
  readonly options: ModelSessionOptions;
  readonly pushes: { readonly atUs: number; readonly bytes: Uint8Array }[] = [];
  readonly interrupts: { readonly itemId: string; readonly playedMs: number }[] = [];
  readonly playedItems: string[] = [];
  readonly digits: string[] = [];
  readonly toolResults: string[] = [];
  readonly said: string[] = [];
  readonly rolesTold: StreamRole[] = [];
  dismissals = 0;
  resumption: string | undefined;
  closed = false;
  readonly #sink: ModelSink;
  readonly #clock: Clock;
  readonly #speaks: AudioFormat;

  constructor(
    options: ModelSessionOptions,
    sink: ModelSink,
    clock: Clock,
    outputFormat?: AudioFormat,
  ) {
    this.options = options;
    this.#speaks = outputFormat ?? options.format;
    this.#sink = sink;
    this.#clock = clock;
  }

  get sink(): ModelSink {
    return this.#sink;
  }

  ready(): void {
    if (!this.closed) {
      this.#sink.onReady();
    }
  }

  /** Speaks a tone at once, in chunks; `done: false` leaves the answer open. */
  speakTone(
    tone: number,
    durationMs: number,
    itemId: string,
    chunkBytes = 4000,
    done = true,
  ): void {
    const bytes = this.toneBytes(tone, durationMs);
    for (let start = 0; start < bytes.length; start += chunkBytes) {
      this.#sink.onAudio(bytes.subarray(start, start + chunkBytes), itemId);
    }
    if (done) {
      this.#sink.onAudioDone(itemId);
    }
  }

  /** Speaks a tone in `chunkMs` pieces spread evenly over `withinMs`. */
  streamTone(
    tone: number,
    durationMs: number,
    itemId: string,
    chunkMs: number,
    withinMs: number,
  ): void {
    const bytes = this.toneBytes(tone, durationMs);
    const chunks = Math.ceil(durationMs / chunkMs);
    const chunkBytes = Math.ceil(bytes.length / chunks);
    for (let chunk = 0; chunk < chunks; chunk += 1) {
      after(this.#clock, (withinMs * chunk) / chunks, () => {
        this.#sink.onAudio(bytes.subarray(chunk * chunkBytes, (chunk + 1) * chunkBytes), itemId);
        if (chunk === chunks - 1) {
          this.#sink.onAudioDone(itemId);
        }
      });
    }
  }

  fail(failure: ModelFailure): void {
    this.#sink.onFailed(failure);
  }

  /** A tone in the format that the model speaks. */
  toneBytes(tone: number, durationMs: number): Uint8Array {
    const { encoding, rateHz } = this.#speaks;
    const pcm = new Int16Array((durationMs * rateHz) / 1000);
    fillSine(pcm, rateHz, toneHz(tone), 8000, 0);
    if (encoding === "pcm16") {
      return new Uint8Array(pcm.buffer);
    }
    const codes = new Uint8Array(pcm.length);
    encodeG711(encoding, pcm, 0, pcm.length, codes, 0);
    return codes;
  }

  heardBytes(): Uint8Array {
    return Buffer.concat(this.pushes.map((push) => push.bytes));
  }

  heardPcm(): Int16Array {
    const { encoding } = this.options.format;
    const bytes = this.heardBytes();
    if (encoding === "pcm16") {
      return new Int16Array(new Uint8Array(bytes).buffer);
    }
    const samples = new Int16Array(bytes.length);
    decodeG711(encoding, bytes, 0, bytes.length, samples, 0);
    return samples;
  }

  tonesHeard(): readonly number[] {
    return tonesIn(this.heardPcm(), this.options.format.rateHz);
  }

  spansHeard(): readonly HeardSpan[] {
    return spansOf(this.heardPcm(), this.options.format.rateHz);
  }

  pushAudio(bytes: Uint8Array): void {
    if (!this.closed) {
      this.pushes.push({ atUs: this.#clock.nowUs(), bytes: bytes.slice() });
    }
  }

  pushDigit(digit: string): void {
    this.digits.push(digit);
  }

  interrupt(itemId: string, playedMs: number): void {
    this.interrupts.push({ itemId, playedMs });
  }

  dismissSpeech(): void {
    this.dismissals += 1;
  }

  played(itemId: string): void {
    this.playedItems.push(itemId);
  }

  toolResult(toolCallId: string, outputJson: string): void {
    this.toolResults.push(`${toolCallId} ${outputJson}`);
  }

  say(text: string): void {
    this.said.push(text);
  }

  tellRole(role: StreamRole): void {
    this.rolesTold.push(role);
  }

  close(): void {
    this.closed = true;
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return { pushes: this.pushes.length, closed: this.closed };
  }
}
