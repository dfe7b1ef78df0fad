/** From a leg's frames to a model's audio: format, batches, and a bounded wait until the session is ready. */
import { encodeG711 } from "../audio/g711.ts";
import { Resampler } from "../audio/resampler.ts";
import type { Clock } from "../core/clock.ts";
import type { AudioFormat } from "../ports/realtime-model.ts";
import { MAX_PAYLOAD_BYTES } from "../rtp/jitter-buffer.ts";
import { type BlockPool, ByteFifo } from "./byte-fifo.ts";
import type { IngressFrame } from "./ingress-frame.ts";

/** What waits for a session to become ready, beside a replay. */
export const UPLINK_MAX_MS = 2000;
/** Of a replay, what goes in one tick: 10 s within half a second, and no provider gets it all at once. */
const BURST_MS = 400;
const BATCH_MS = 40;

const MAX_RATE_HZ = 24_000;
const SAMPLES_PER_MS = 8;

/** How the model is fed. */
export interface UplinkOptions {
  readonly clock: Clock;
  readonly format: AudioFormat;
  /** Audio per `pushAudio`; less is faster and costs more messages. */
  readonly batchMs?: number | undefined;
  readonly pool: BlockPool;
  /** Takes one batch; borrowed. */
  readonly push: (bytes: Uint8Array) => void;
}

/**
 * One frame in the model's format, as samples and as bytes; for all legs of a thread, so that it stays in the processor's
 * cache: what it holds is copied into a batch at once.
 */
const scratch = new Int16Array((MAX_PAYLOAD_BYTES * MAX_RATE_HZ) / 8000);
const scratchBytes = new Uint8Array(scratch.buffer);

/** Batches what the caller says. */
export class Uplink {
  readonly #clock: Clock;
  readonly #format: AudioFormat;
  readonly #push: (bytes: Uint8Array) => void;
  readonly #resampler: Resampler | undefined;
  readonly #bytesPerMs: number;
  readonly #waiting: ByteFifo;
  readonly #batch: Uint8Array;
  /** The scratch bytes at the length of the last frame, so that no view is made per frame. */
  #frameBytes: Uint8Array = scratchBytes;
  #batchLength = 0;
  #batchSinceUs = 0;
  /** The session takes audio. */
  #ready = false;
  /** Nothing waits, so that audio goes into the batch at once. */
  #passing = false;
  #replayedBytes = 0;
  #droppedBytes = 0;
  #pushedBytes = 0;

  constructor(options: UplinkOptions) {
    const { format, pool } = options;
    const sampleBytes = format.encoding === "pcm16" ? 2 : 1;
    this.#clock = options.clock;
    this.#format = format;
    this.#push = options.push;
    this.#bytesPerMs = (format.rateHz / 1000) * sampleBytes;
    this.#resampler = format.rateHz === 8000 ? undefined : new Resampler(8000, format.rateHz);
    this.#waiting = new ByteFifo(pool);
    this.#batch = new Uint8Array((options.batchMs ?? BATCH_MS) * this.#bytesPerMs);
  }

  /** Takes one frame. */
  onAudio(frame: IngressFrame): void {
    const { encoding } = this.#format;
    if (this.#batchLength === 0) {
      this.#batchSinceUs = this.#clock.nowUs();
    }
    if (encoding === frame.law) {
      this.#append(frame.codes, frame.codesOffset, frame.sampleCount);
    } else if (encoding === "pcm16") {
      this.#appendOwn(this.#toPcm(frame.samples) * 2);
    } else {
      encodeG711(encoding, frame.samples, 0, frame.sampleCount, scratchBytes, 0);
      this.#appendOwn(frame.sampleCount);
    }
  }

  /** Takes a frame that was heard before; what follows waits behind it. When all are there, call `ready` once more. */
  replay(frame: IngressFrame): void {
    this.#passing = false;
    this.#replayedBytes += (frame.sampleCount / SAMPLES_PER_MS) * this.#bytesPerMs;
    this.onAudio(frame);
  }

  /** The session takes audio: what waited goes first, in batches like all that follows. */
  ready(): void {
    this.#ready = true;
    this.#drain(UPLINK_MAX_MS);
  }

  /** Does not keep the end of an utterance when the peer falls silent without packets. */
  onTick(nowUs: number): void {
    if (this.#ready && !this.#passing) {
      this.#drain(BURST_MS);
    }
    const ageMs = (nowUs - this.#batchSinceUs) / 1000;
    if (this.#batchLength > 0 && ageMs > (this.#batch.length / this.#bytesPerMs) * 2) {
      this.#pushBatch();
    }
  }

  close(): void {
    this.#waiting.clear();
    this.#batchLength = 0;
    this.#ready = false;
    this.#passing = false;
  }

  describe(): string {
    const resample = this.#resampler === undefined ? "" : `${this.#resampler.describe()} -> `;
    return `${resample}Uplink(${this.#format.encoding}/${this.#format.rateHz})`;
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return {
      ready: this.#ready,
      waitingMs: this.#waiting.byteLength / this.#bytesPerMs,
      pushedMs: this.#pushedBytes / this.#bytesPerMs,
      uplinkDroppedMs: this.#droppedBytes / this.#bytesPerMs,
    };
  }

  #toPcm(samples: Int16Array): number {
    const count = samples.length;
    if (this.#resampler !== undefined) {
      return this.#resampler.process(samples, count, scratch);
    }
    for (let i = 0; i < count; i += 1) {
      scratch[i] = samples[i] as number;
    }
    return count;
  }

  /** Appends what is in the scratch: at once where it fits, which it does for frames of the usual length. */
  #appendOwn(byteCount: number): void {
    if (!this.#passing || this.#batchLength + byteCount > this.#batch.length) {
      this.#append(scratchBytes, 0, byteCount);
      return;
    }
    if (this.#frameBytes.length !== byteCount) {
      this.#frameBytes = scratchBytes.subarray(0, byteCount);
    }
    this.#batch.set(this.#frameBytes, this.#batchLength);
    this.#batchLength += byteCount;
    this.#pushWhenFull();
  }

  #append(bytes: Uint8Array, offset: number, byteCount: number): void {
    if (!this.#passing) {
      this.#wait(bytes, offset, byteCount);
      return;
    }
    let from = offset;
    const end = offset + byteCount;
    while (from < end) {
      const room = this.#batch.length - this.#batchLength;
      const count = Math.min(end - from, room);
      for (let i = 0; i < count; i += 1) {
        this.#batch[this.#batchLength + i] = bytes[from + i] as number;
      }
      from += count;
      this.#batchLength += count;
      this.#pushWhenFull();
    }
  }

  #drain(maxMs: number): void {
    let leftBytes = maxMs * this.#bytesPerMs;
    while (leftBytes > 0 && this.#waiting.byteLength > 0) {
      const room = Math.min(leftBytes, this.#batch.length - this.#batchLength);
      const count = this.#waiting.pull(this.#batch, this.#batchLength, room);
      this.#batchLength += count;
      leftBytes -= count;
      this.#pushWhenFull();
    }
    if (this.#waiting.byteLength === 0) {
      this.#passing = true;
      this.#replayedBytes = 0;
    }
  }

  #wait(bytes: Uint8Array, offset: number, byteCount: number): void {
    this.#waiting.push(bytes, offset, byteCount);
    const roomBytes = UPLINK_MAX_MS * this.#bytesPerMs + this.#replayedBytes;
    const excess = this.#waiting.byteLength - roomBytes;
    if (excess > 0) {
      this.#droppedBytes += this.#waiting.drop(excess);
    }
  }

  #pushWhenFull(): void {
    if (this.#batchLength === this.#batch.length) {
      this.#pushBatch();
    }
  }

  #pushBatch(): void {
    const length = this.#batchLength;
    this.#batchLength = 0;
    this.#pushedBytes += length;
    this.#push(length === this.#batch.length ? this.#batch : this.#batch.subarray(0, length));
  }
}
