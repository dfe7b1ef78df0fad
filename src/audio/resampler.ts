/** Changes the sample rate among 8, 16 and 24 kHz, and from 48 kHz to those, by a polyphase FIR filter that keeps its state between frames. */
import { designLowPass } from "./fir-design.ts";
import { FirKernel, type TapsAddress } from "./fir-kernel.ts";
import type { SampleRateHz } from "./frame.ts";

/** Taps that each output sample sees at the lower of the two rates. */
const TAPS_AT_LOWER_RATE = 32;
/** Of half the lower rate: leaves the telephone band flat within 0.5 dB. */
const CUTOFF = 0.95;
/** Input is taken in pieces of at most this many samples. */
const PIECE_SAMPLES = 960;

const kernel = new FirKernel();
const filters = new Map<number, PolyphaseFilter>();

/** What may be resampled: what is inside the gateway, and what people have in files. */
export type SourceRateHz = SampleRateHz | 48_000;

/** What all resamplers between two rates share. */
interface PolyphaseFilter {
  /** Output samples per `down` input samples. */
  readonly up: number;
  readonly down: number;
  readonly tapCount: number;
  /** Coefficients of each phase. */
  readonly phases: readonly TapsAddress[];
}

/**
 * A streaming resampler. Chunks may have any length: over a stream, exactly `toHz / fromHz` as many samples come out
 * as went in, rounded up. The delay is {@link delayMs}.
 */
export class Resampler {
  readonly fromHz: SourceRateHz;
  readonly toHz: SampleRateHz;
  readonly #filter: PolyphaseFilter;
  /** The last `tapCount - 1` samples of the piece before. */
  readonly #history: Int16Array;
  /** Where the next output lies after the next piece's first sample, in steps of 1 / `up` sample. */
  #position = 0;

  constructor(fromHz: SourceRateHz, toHz: SampleRateHz) {
    this.fromHz = fromHz;
    this.toHz = toHz;
    this.#filter = filterBetween(fromHz, toHz);
    this.#history = new Int16Array(this.#filter.tapCount - 1);
  }

  /** How much later a sound leaves than it enters. */
  get delayMs(): number {
    const { tapCount, up } = this.#filter;
    return this.fromHz === this.toHz ? 0 : ((tapCount * up - 1) / 2 / (this.fromHz * up)) * 1000;
  }

  /**
   * Resamples the first `sourceSamples` of `source` to the start of `target` and returns how many were written:
   * at most `ceil(sourceSamples * toHz / fromHz)`, for which `target` must have room.
   */
  process(source: Int16Array, sourceSamples: number, target: Int16Array): number {
    if (this.fromHz === this.toHz) {
      for (let i = 0; i < sourceSamples; i += 1) {
        target[i] = source[i] as number;
      }
      return sourceSamples;
    }
    let written = 0;
    for (let start = 0; start < sourceSamples; start += PIECE_SAMPLES) {
      const left = sourceSamples - start;
      const count = left < PIECE_SAMPLES ? left : PIECE_SAMPLES;
      this.#load(source, start, count);
      const produced = this.#run(count);
      const output = kernel.target;
      for (let i = 0; i < produced; i += 1) {
        target[written + i] = output[i] as number;
      }
      written += produced;
    }
    return written;
  }

  /** Forgets the past, as for a new stream. */
  reset(): void {
    this.#history.fill(0);
    this.#position = 0;
  }

  describe(): string {
    return `Resample(${this.fromHz}->${this.toHz})`;
  }

  toJSON(): Record<string, number> {
    return { fromHz: this.fromHz, toHz: this.toHz };
  }

  /** Puts the history and the piece before the kernel, and keeps their end as the next history. */
  #load(source: Int16Array, start: number, count: number): void {
    const history = this.#history;
    const kept = history.length;
    const line = kernel.source;
    line.set(history, 0);
    for (let i = 0; i < count; i += 1) {
      line[kept + i] = source[start + i] as number;
    }
    for (let i = 0; i < kept; i += 1) {
      history[i] = line[count + i] as number;
    }
    kernel.load(kept + count);
  }

  /** One pass per phase: outputs that are `up` apart have the same coefficients and are `down` inputs apart. */
  #run(count: number): number {
    const { up, down, tapCount, phases } = this.#filter;
    const steps = count * up - this.#position;
    const produced = steps <= 0 ? 0 : Math.ceil(steps / down);
    for (let i = 0; i < up && i < produced; i += 1) {
      const position = this.#position + i * down;
      const taps = phases[position % up] as TapsAddress;
      const outputs = Math.ceil((produced - i) / up);
      kernel.run(taps, tapCount, Math.floor(position / up), down, i, up, outputs);
    }
    this.#position += produced * down - count * up;
    return produced;
  }
}

function filterBetween(fromHz: SourceRateHz, toHz: SampleRateHz): PolyphaseFilter {
  const key = fromHz * 100_000 + toHz;
  let filter = filters.get(key);
  if (filter === undefined) {
    filter = designFilter(fromHz, toHz);
    filters.set(key, filter);
  }
  return filter;
}

function designFilter(fromHz: SourceRateHz, toHz: SampleRateHz): PolyphaseFilter {
  const common = greatestCommonDivisor(fromHz, toHz);
  const up = toHz / common;
  const down = fromHz / common;
  const tapCount = TAPS_AT_LOWER_RATE * Math.max(1, down / up);
  const prototype = designLowPass(tapCount * up, (CUTOFF * 0.5) / Math.max(up, down), up);
  const phases = Array.from({ length: up }, (_, phase) => {
    const taps = Float64Array.from({ length: tapCount }, (_tap, k) => {
      return prototype[phase + (tapCount - 1 - k) * up] as number;
    });
    return kernel.addTaps(taps);
  });
  return { up, down, tapCount, phases };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
