/** Makes PCM that comes in bursts, late or too fast steady: a bounded buffer of µ-law codes, pulled by a clock. */
import { encodeG711, SILENCE_BYTE } from "../audio/g711.ts";
import { Resampler } from "../audio/resampler.ts";
import type { PcmStreamPlan } from "../ports/pcm-line.ts";
import { type BlockPool, ByteFifo } from "./byte-fifo.ts";

const CODES_PER_MS = 8;
/** Audio that is waited for before it flows, so that the next hiccup is not heard. */
const HOLD_MS = 40;
/** Live audio that waits for longer than the hold and this, over a whole window, is trimmed. */
const SLACK_MS = 60;
const WINDOW_PULLS = 50;
/** Stored audio of more than this is behind the call. */
const BEHIND_MS = 500;
const PIECE_SAMPLES = 960;

const samplesScratch = new Int16Array(PIECE_SAMPLES);
const resampledScratch = new Int16Array(PIECE_SAMPLES);
const codesScratch = new Uint8Array(PIECE_SAMPLES);

/** What was pushed and not pulled yet. */
export class PcmSteadier {
  readonly #fifo: ByteFifo;
  readonly #isLive: boolean;
  readonly #bufferCodes: number;
  readonly #resampler: Resampler | undefined;
  readonly #onDropped: ((ms: number) => void) | undefined;
  /** First byte of a sample that was cut in two; -1: none. */
  #cutByte = -1;
  #flowing = false;
  #heldMs = 0;
  #windowPulls = 0;
  #windowMinimum = Number.POSITIVE_INFINITY;
  #pushedCodes = 0;
  #droppedCodes = 0;
  #trimmedCodes = 0;
  #starved = 0;

  constructor(plan: PcmStreamPlan, pool: BlockPool) {
    this.#fifo = new ByteFifo(pool);
    this.#isLive = plan.pace === "live";
    this.#onDropped = plan.onDropped;
    this.#bufferCodes = plan.bufferMs * CODES_PER_MS;
    this.#resampler = plan.inputRateHz === 8000 ? undefined : new Resampler(plan.inputRateHz, 8000);
  }

  get waitingMs(): number {
    return this.#fifo.byteLength / CODES_PER_MS;
  }

  /** More waits than the call should be behind. */
  get behind(): boolean {
    return !this.#isLive && this.waitingMs > BEHIND_MS;
  }

  /** Takes s16le of any length. */
  push(bytes: Uint8Array): void {
    let from = 0;
    let count = 0;
    if (this.#cutByte >= 0 && bytes.length > 0) {
      samplesScratch[0] = this.#cutByte | ((bytes[0] as number) << 8);
      this.#cutByte = -1;
      from = 1;
      count = 1;
    }
    while (from + 1 < bytes.length) {
      samplesScratch[count] = (bytes[from] as number) | ((bytes[from + 1] as number) << 8);
      count += 1;
      from += 2;
      if (count === PIECE_SAMPLES) {
        this.#take(count);
        count = 0;
      }
    }
    this.#take(count);
    if (from < bytes.length) {
      this.#cutByte = bytes[from] as number;
    }
  }

  /** Writes `count` codes to `target` and returns true, or false when the stream has nothing now. */
  pull(target: Uint8Array, offset: number, count: number): boolean {
    if (!this.#flows(count)) {
      return false;
    }
    const pulled = this.#fifo.pull(target, offset, count);
    target.fill(SILENCE_BYTE.pcmu, offset + pulled, offset + count);
    if (this.#isLive) {
      this.#trim();
    }
    return true;
  }

  clear(): void {
    this.#fifo.clear();
    this.#flowing = false;
  }

  toJSON(): Readonly<Record<string, number>> {
    return {
      waitingMs: this.waitingMs,
      pushedMs: this.#pushedCodes / CODES_PER_MS,
      droppedMs: this.#droppedCodes / CODES_PER_MS,
      trimmedMs: this.#trimmedCodes / CODES_PER_MS,
      starved: this.#starved,
    };
  }

  #take(count: number): void {
    if (count === 0) {
      return;
    }
    const codes = this.#resampler?.process(samplesScratch, count, resampledScratch) ?? count;
    const samples = this.#resampler === undefined ? samplesScratch : resampledScratch;
    encodeG711("pcmu", samples, 0, codes, codesScratch, 0);
    this.#fifo.push(codesScratch, 0, codes);
    this.#pushedCodes += codes;
    if (this.#isLive && this.#fifo.byteLength > this.#bufferCodes) {
      const dropped = this.#fifo.drop(this.#fifo.byteLength - this.#bufferCodes);
      this.#droppedCodes += dropped;
      this.#onDropped?.(dropped / CODES_PER_MS);
    }
  }

  /** Audio begins when enough of it waits, or has waited for long enough: the end of an utterance is not kept back. */
  #flows(count: number): boolean {
    const waiting = this.#fifo.byteLength;
    if (this.#flowing && waiting >= count) {
      return true;
    }
    if (this.#flowing) {
      this.#flowing = false;
      this.#heldMs = 0;
      this.#starved += 1;
    }
    if (waiting === 0) {
      return false;
    }
    this.#heldMs += count / CODES_PER_MS;
    this.#flowing = waiting >= HOLD_MS * CODES_PER_MS || this.#heldMs > HOLD_MS;
    return this.#flowing;
  }

  /** What never ran short in a whole window is delay for nothing. */
  #trim(): void {
    this.#windowMinimum = Math.min(this.#windowMinimum, this.#fifo.byteLength);
    this.#windowPulls += 1;
    if (this.#windowPulls < WINDOW_PULLS) {
      return;
    }
    const excess = this.#windowMinimum - HOLD_MS * CODES_PER_MS;
    if (excess > SLACK_MS * CODES_PER_MS) {
      this.#trimmedCodes += this.#fifo.drop(excess);
      this.#onDropped?.(excess / CODES_PER_MS);
    }
    this.#windowPulls = 0;
    this.#windowMinimum = Number.POSITIVE_INFINITY;
  }
}
