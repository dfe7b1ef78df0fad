/** Writes one recording in its own time: a bounded queue, silence in place of what does not fit, trouble told once. */
import { type Clock, sleep } from "../core/clock.ts";
import type { FinishedFile, RecordingFile } from "./recording-file.ts";
import {
  frameBytes,
  RECORDING_RATE_HZ,
  type RecordingFormat,
  silentFrames,
} from "./recording-format.ts";

/** What a writer works with. */
export interface RecordingWriterOptions {
  readonly clock: Clock;
  readonly format: RecordingFormat;
  /** Asked until it gives one. */
  readonly openFile: () => Promise<RecordingFile>;
  /** Audio that may wait for the disk. */
  readonly queueMs: number;
  /** Told when writing fails, and when it works again. */
  readonly onTrouble: (ok: boolean, error: unknown) => void;
  /** Samples that silence took the place of. */
  readonly onDropped: (frames: number) => void;
}

interface Waiting {
  readonly frames: number;
  /** `undefined`: silence. */
  readonly audio: Uint8Array | undefined;
}

/** The header of a file that grows is put right this often. */
const CHECKPOINT_US = 5_000_000;
/** After a failure, before the next attempt. */
const RETRY_US = 1_000_000;
/** Silence is written in pieces of this many samples. */
const SILENT_FRAMES = RECORDING_RATE_HZ;
const FINISH_ATTEMPTS = 4;

/** `push` never waits; one operation on the file at a time. */
export class RecordingWriter {
  readonly #options: RecordingWriterOptions;
  readonly #maxFrames: number;
  readonly #queue: Waiting[] = [];
  #audioFrames = 0;
  #file: RecordingFile | undefined;
  #running: Promise<void> | undefined;
  #failing = false;
  #retryUs = 0;
  #checkpointUs: number;
  #frames = 0;

  constructor(options: RecordingWriterOptions) {
    this.#options = options;
    this.#maxFrames = (options.queueMs * RECORDING_RATE_HZ) / 1000;
    this.#checkpointUs = options.clock.nowUs() + CHECKPOINT_US;
  }

  /** Samples of each channel that were taken, silence included. */
  get frames(): number {
    return this.#frames;
  }

  /** Audio that waits for the disk. */
  get waitingMs(): number {
    return (this.#audioFrames * 1000) / RECORDING_RATE_HZ;
  }

  push(audio: Uint8Array): void {
    const frames = audio.length / frameBytes(this.#options.format);
    this.#frames += frames;
    if (this.#audioFrames + frames > this.#maxFrames) {
      this.#options.onDropped(frames);
      this.#pushSilence(frames);
    } else {
      this.#audioFrames += frames;
      this.#queue.push({ frames, audio });
    }
    this.#kick();
  }

  /** Resolves with `undefined` when the disk does not take it. */
  async finish(): Promise<FinishedFile | undefined> {
    const { clock } = this.#options;
    for (let attempt = 1; attempt <= FINISH_ATTEMPTS; attempt += 1) {
      await this.#running;
      this.#retryUs = 0;
      try {
        await this.#write();
        const file = await this.#opened();
        const finished = await file.finish();
        this.#setTrouble(false, undefined);
        return finished;
      } catch (error) {
        this.#setTrouble(true, error);
        await sleep(clock, attempt === FINISH_ATTEMPTS ? 0 : RETRY_US / 1000);
      }
    }
    await this.#file?.abandon();
    return undefined;
  }

  #pushSilence(frames: number): void {
    const last = this.#queue.at(-1);
    if (last !== undefined && last.audio === undefined) {
      this.#queue[this.#queue.length - 1] = { frames: last.frames + frames, audio: undefined };
    } else {
      this.#queue.push({ frames, audio: undefined });
    }
  }

  #kick(): void {
    if (this.#running === undefined && this.#options.clock.nowUs() >= this.#retryUs) {
      this.#running = this.#run().finally(() => {
        this.#running = undefined;
      });
    }
  }

  async #run(): Promise<void> {
    const { clock } = this.#options;
    try {
      await this.#write();
      this.#setTrouble(false, undefined);
      if (clock.nowUs() >= this.#checkpointUs) {
        await this.#file?.checkpoint();
        this.#checkpointUs = clock.nowUs() + CHECKPOINT_US;
      }
    } catch (error) {
      this.#retryUs = clock.nowUs() + RETRY_US;
      this.#setTrouble(true, error);
    }
  }

  /** What the file accepted is the file's to write, however often it takes; the rest stays in the queue. */
  async #write(): Promise<void> {
    const file = await this.#opened();
    await file.drain();
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      file.accept(this.#take(next));
      await file.drain();
    }
  }

  #take({ frames, audio }: Waiting): Uint8Array {
    if (audio !== undefined) {
      this.#queue.shift();
      this.#audioFrames -= frames;
      return audio;
    }
    const piece = Math.min(frames, SILENT_FRAMES);
    if (piece === frames) {
      this.#queue.shift();
    } else {
      this.#queue[0] = { frames: frames - piece, audio: undefined };
    }
    return silentFrames(this.#options.format, piece);
  }

  async #opened(): Promise<RecordingFile> {
    this.#file ??= await this.#options.openFile();
    return this.#file;
  }

  #setTrouble(isFailing: boolean, error: unknown): void {
    if (isFailing !== this.#failing) {
      this.#failing = isFailing;
      this.#options.onTrouble(!isFailing, error);
    }
  }
}
