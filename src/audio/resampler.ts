/** Changes the sample rate among 8, 16 and 24 kHz by a polyphase FIR filter that keeps its state between frames. */
import { designLowPass } from "./fir-design.ts";
import type { SampleRateHz } from "./frame.ts";
import {
  clampToInt16,
  decimate,
  dot,
  type FoldedPhases,
  foldPhases,
  SLACK_SAMPLES,
  upsampleBy2,
  upsampleBy3,
} from "./resampler-kernels.ts";

/** Taps that each output sample sees at the lower of the two rates. */
const TAPS_AT_LOWER_RATE = 32;
/** Of half the lower rate: leaves the telephone band flat within 0.5 dB. */
const CUTOFF = 0.95;
/** Input is taken in pieces of at most this many samples. */
const PIECE_SAMPLES = 960;

/**
 * A streaming resampler. Chunks may have any length: over a stream, exactly `toHz / fromHz` as many samples come out
 * as went in, rounded up. The delay is {@link delayMs}.
 */
export class Resampler {
  readonly fromHz: SampleRateHz;
  readonly toHz: SampleRateHz;
  /** Output samples per `#down` input samples. */
  readonly #up: number;
  readonly #down: number;
  readonly #tapCount: number;
  /** One row of `#tapCount` coefficients per phase, oldest sample first. */
  readonly #phases: Float64Array;
  readonly #folded: FoldedPhases;
  /** First half of the filter when the rate goes down by a whole number. */
  readonly #half: Float64Array;
  /** History of `#tapCount - 1` samples, then the piece at hand. */
  readonly #line: Float64Array;
  /** Where the next output lies after the piece's first sample, in steps of 1 / `#up` sample. */
  #position = 0;

  constructor(fromHz: SampleRateHz, toHz: SampleRateHz) {
    this.fromHz = fromHz;
    this.toHz = toHz;
    const common = greatestCommonDivisor(fromHz, toHz);
    this.#up = toHz / common;
    this.#down = fromHz / common;
    this.#tapCount = TAPS_AT_LOWER_RATE * Math.max(1, this.#down / this.#up);
    this.#phases = polyphase(this.#up, this.#down, this.#tapCount);
    this.#folded = foldPhases(this.#phases, this.#up, this.#tapCount);
    this.#half = this.#phases.slice(0, this.#tapCount / 2);
    this.#line = new Float64Array(this.#tapCount - 1 + PIECE_SAMPLES + SLACK_SAMPLES);
  }

  /** How much later a sound leaves than it enters. */
  get delayMs(): number {
    const taps = this.#tapCount * this.#up;
    return this.fromHz === this.toHz ? 0 : ((taps - 1) / 2 / (this.fromHz * this.#up)) * 1000;
  }

  /**
   * Resamples the first `sourceSamples` of `source` to the start of `target` and returns how many were written:
   * at most `ceil(sourceSamples * toHz / fromHz)`, for which `target` must have room.
   */
  process(source: Int16Array, sourceSamples: number, target: Int16Array): number {
    if (this.#up === this.#down) {
      for (let i = 0; i < sourceSamples; i += 1) {
        target[i] = source[i] as number;
      }
      return sourceSamples;
    }
    let written = 0;
    for (let start = 0; start < sourceSamples; start += PIECE_SAMPLES) {
      const left = sourceSamples - start;
      const count = left < PIECE_SAMPLES ? left : PIECE_SAMPLES;
      const line = this.#line;
      const history = this.#tapCount - 1;
      for (let i = 0; i < count; i += 1) {
        line[history + i] = source[start + i] as number;
      }
      written += this.#filter(count, target, written);
      line.copyWithin(0, count, count + history);
    }
    return written;
  }

  /** Forgets the past, as for a new stream. */
  reset(): void {
    this.#line.fill(0);
    this.#position = 0;
  }

  describe(): string {
    return `Resample(${this.fromHz}->${this.toHz})`;
  }

  toJSON(): Record<string, number> {
    return { fromHz: this.fromHz, toHz: this.toHz };
  }

  #filter(count: number, target: Int16Array, offset: number): number {
    if (this.#up === 1) {
      return this.#filterDown(count, target, offset);
    }
    if (this.#down === 1) {
      return this.#up === 2
        ? upsampleBy2(this.#line, count, this.#folded, target, offset)
        : upsampleBy3(this.#line, count, this.#folded, target, offset);
    }
    return this.#filterByRatio(count, target, offset);
  }

  #filterDown(count: number, target: Int16Array, offset: number): number {
    const step = this.#down;
    const position = this.#position;
    const written = decimate(this.#line, count, position, step, this.#half, target, offset);
    this.#position = position + written * step - count;
    return written;
  }

  #filterByRatio(count: number, target: Int16Array, offset: number): number {
    const up = this.#up;
    const taps = this.#tapCount;
    const end = count * up;
    let position = this.#position;
    let written = offset;
    while (position < end) {
      const first = (position / up) | 0;
      const row = (position % up) * taps;
      target[written] = clampToInt16(dot(this.#line, first, this.#phases, row, taps));
      written += 1;
      position += this.#down;
    }
    this.#position = position - end;
    return written - offset;
  }
}

function polyphase(up: number, down: number, tapCount: number): Float64Array {
  const cutoff = (CUTOFF * 0.5) / Math.max(up, down);
  const prototype = designLowPass(tapCount * up, cutoff, up);
  const rows = new Float64Array(prototype.length);
  for (let phase = 0; phase < up; phase += 1) {
    for (let k = 0; k < tapCount; k += 1) {
      rows[phase * tapCount + (tapCount - 1 - k)] = prototype[phase + k * up] as number;
    }
  }
  return rows;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
