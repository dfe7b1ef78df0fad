/** One recording: streams come in, a file grows, pauses are silence, and its end is told. */
import { after, type Clock, type Timer } from "../core/clock.ts";
import type {
  PausedSpan,
  Recording,
  RecordingChannel,
  RecordingListener,
  RecordingPauser,
  RecordingPlan,
  RecordingSource,
  RecordingSummary,
} from "../ports/recording-store.ts";
import { AlignedSource } from "./aligned-source.ts";
import type { FinishedFile, RecordingFile } from "./recording-file.ts";
import { encodeFrames, RECORDING_RATE_HZ, type RecordingFormat } from "./recording-format.ts";
import { RecordingWriter } from "./recording-writer.ts";
import { StereoTimeline } from "./stereo-timeline.ts";

/** What a recording is made of. */
export interface FileRecordingOptions {
  readonly clock: Clock;
  readonly plan: RecordingPlan;
  readonly format: RecordingFormat;
  readonly queueMs: number;
  readonly file: string;
  readonly uri: string | undefined;
  readonly listener: RecordingListener;
  readonly openFile: (keyIs: (keyId: string) => void) => Promise<RecordingFile>;
  /** Gives the file its name, and writes down what it is. */
  readonly onFinished: (summary: RecordingSummary, finished: FinishedFile) => Promise<void>;
  /** Nothing of it is under way any more. */
  readonly onClosed: () => void;
  readonly onTrouble: (ok: boolean, error: unknown) => void;
}

/** Streams may be late by this much and still find their place. */
const COMMIT_MS = 500;
const FLUSH_MS = 250;
const HELD_MS = 2000;
const SAMPLES_PER_MS = RECORDING_RATE_HZ / 1000;

/** Used up by one flush before the next recording's. */
const interleaved = new Int16Array(2 * HELD_MS * SAMPLES_PER_MS);

/** Begins when it is made. */
export class FileRecording implements Recording {
  readonly #options: FileRecordingOptions;
  readonly #originUs: number;
  readonly #startedAtMs: number;
  readonly #timeline = new StereoTimeline(HELD_MS * SAMPLES_PER_MS);
  readonly #sources = new Set<AlignedSource>();
  readonly #writer: RecordingWriter;
  readonly #pausers = new Map<RecordingPauser, number>();
  readonly #paused: PausedSpan[] = [];
  #keyId: string | undefined;
  #droppedSamples = 0;
  #finished: FinishedFile | undefined;
  #finishing: Promise<RecordingSummary> | undefined;
  #state: RecordingSummary["state"] = "recording";
  #timer: Timer;

  constructor(options: FileRecordingOptions) {
    const { clock, format, queueMs, listener, openFile, onTrouble } = options;
    this.#options = options;
    this.#originUs = clock.nowUs();
    this.#startedAtMs = clock.wallMs();
    this.#writer = new RecordingWriter({
      clock,
      format,
      queueMs,
      openFile: () =>
        openFile((keyId) => {
          this.#keyId = keyId;
        }),
      onTrouble: (ok, error) => {
        onTrouble(ok, error);
        listener.onTrouble(ok);
      },
      onDropped: (frames) => {
        this.#droppedSamples += 2 * frames;
      },
    });
    this.#timer = after(clock, FLUSH_MS, this.#onTimer);
  }

  get summary(): RecordingSummary {
    const { file, uri, format } = this.#options;
    const lost = [...this.#sources].reduce((sum, source) => sum + source.droppedSamples, 0);
    const isPaused = this.#state === "recording" && this.#pausers.size > 0;
    return {
      state: isPaused ? "paused" : this.#state,
      file,
      uri,
      startedAtMs: this.#startedAtMs,
      durationMs: this.#finishing === undefined ? this.#nowMs() : this.#lengthMs(),
      format,
      paused: [...this.#paused, ...this.#openSpans()],
      droppedMs: Math.round((this.#droppedSamples + lost) / SAMPLES_PER_MS),
      keyId: this.#keyId,
      sha256: this.#finished?.sha256,
    };
  }

  /** `undefined` when it is over. */
  openSource(channel: RecordingChannel): RecordingSource | undefined {
    if (this.#finishing !== undefined) {
      return undefined;
    }
    const source: AlignedSource = new AlignedSource({
      clock: this.#options.clock,
      originUs: this.#originUs,
      channel,
      timeline: this.#timeline,
      isKept: () => this.#pausers.size === 0,
      onClosed: () => {
        this.#droppedSamples += source.droppedSamples;
        this.#sources.delete(source);
      },
    });
    this.#sources.add(source);
    return source;
  }

  pause(by: RecordingPauser): void {
    if (this.#finishing === undefined && !this.#pausers.has(by)) {
      for (const source of this.#sources) {
        source.settle(true);
      }
      this.#pausers.set(by, this.#nowMs());
    }
  }

  resume(by: RecordingPauser): void {
    const fromMs = this.#pausers.get(by);
    if (fromMs !== undefined && this.#finishing === undefined) {
      this.#paused.push({ fromMs, toMs: this.#nowMs(), by });
      this.#pausers.delete(by);
    }
  }

  finish(): Promise<RecordingSummary> {
    this.#finishing ??= this.#finish();
    return this.#finishing;
  }

  toJSON(): Readonly<Record<string, unknown>> {
    const { state, durationMs, droppedMs, paused } = this.summary;
    const waitingMs = this.#writer.waitingMs;
    return { state, durationMs, droppedMs, pauses: paused.length, waitingMs };
  }

  readonly #onTimer = (): void => {
    this.#flush(this.#nowMs() - COMMIT_MS, false);
    this.#timer = after(this.#options.clock, FLUSH_MS, this.#onTimer);
  };

  #flush(untilMs: number, atOnce: boolean): void {
    for (const source of this.#sources) {
      source.settle(atOnce);
    }
    const { format } = this.#options;
    const end = Math.floor(untilMs * SAMPLES_PER_MS);
    for (;;) {
      // After a stall of the process there is more time to be told than the timeline holds.
      const frames = this.#timeline.take(end, interleaved);
      if (frames <= 0) {
        return;
      }
      this.#writer.push(encodeFrames(format, interleaved, frames));
    }
  }

  async #finish(): Promise<RecordingSummary> {
    const endMs = this.#nowMs();
    this.#timer.cancel();
    this.#flush(endMs, true);
    for (const [by, fromMs] of this.#pausers) {
      this.#paused.push({ fromMs, toMs: endMs, by });
    }
    this.#pausers.clear();
    for (const source of [...this.#sources]) {
      source.close();
    }
    this.#finished = await this.#writer.finish();
    this.#state = this.#finished === undefined ? "unfinished" : "finished";
    if (this.#finished !== undefined) {
      try {
        await this.#options.onFinished(this.summary, this.#finished);
      } catch (error) {
        this.#state = "unfinished";
        this.#options.onTrouble(false, error);
      }
    }
    this.#options.onClosed();
    return this.summary;
  }

  #openSpans(): readonly PausedSpan[] {
    const toMs = this.#nowMs();
    return [...this.#pausers].map(([by, fromMs]) => ({ fromMs, toMs, by }));
  }

  #nowMs(): number {
    return Math.round((this.#options.clock.nowUs() - this.#originUs) / 1000);
  }

  #lengthMs(): number {
    return Math.round(this.#writer.frames / SAMPLES_PER_MS);
  }
}
