/** Hides lost frames by repeating the last pitch period, in the manner of ITU-T G.711 Appendix I but without its delay. */
import { findPitchLag } from "./pitch.ts";

/** Pitch of 66 … 200 Hz is looked for. */
const MIN_PITCH_MS = 5;
const MAX_PITCH_MS = 15;
/** How much of the past is compared to find it. */
const TEMPLATE_MS = 20;
/** Full level for so long, then down to silence. */
const FADE_START_MS = 10;
const FADE_END_MS = 60;
/** A mismatch between the last sample and the repetition dies away within this time. */
const JOINT_MS = 4;
/** The real signal comes back over this time, longer after longer gaps. */
const MIN_RETURN_MS = 5;
const MAX_RETURN_MS = 10;
/** What the concealer looks back on: enough to compare two periods of the lowest pitch. */
export const HISTORY_MS = TEMPLATE_MS + MAX_PITCH_MS * 1.5;

const NO_PERIOD: Float64Array = new Float64Array(0);

/** What only a loss needs. */
interface LossMemory {
  /** The past, oldest sample first. */
  readonly past: Int16Array;
  readonly period: Float64Array;
  readonly work: Float64Array;
}

/** Conceals one stream. Frames may have any length, at the rate given. */
export class Concealer {
  readonly #perMs: number;
  /** What was heard last, a ring; `#newest` is behind its newest sample. */
  readonly #ring: Int16Array;
  #newest = 0;
  /** Allocated by the first loss: most streams have none. */
  #loss: LossMemory | undefined;
  #period: Float64Array = NO_PERIOD;
  #periodSamples = 0;
  #cursor = 0;
  /** What the repetition starts off the mark by. */
  #jointOffset = 0;
  #concealedSamples = 0;

  constructor(rateHz = 8000) {
    this.#perMs = rateHz / 1000;
    this.#ring = new Int16Array(HISTORY_MS * this.#perMs);
  }

  /** Whether the last frame was a concealed one. */
  get concealing(): boolean {
    return this.#concealedSamples > 0;
  }

  /** Learns from a frame that came; the first one after a loss is cross-faded in place. */
  good(frame: Int16Array): void {
    if (this.#concealedSamples > 0) {
      this.#fadeBack(frame);
      this.#concealedSamples = 0;
    }
    this.#remember(frame);
  }

  /** Fills one lost frame with what was probably said, silence after 60 ms. */
  conceal(target: Int16Array): void {
    if (this.#concealedSamples === 0) {
      this.#begin();
    }
    for (let i = 0; i < target.length; i += 1) {
      target[i] = clamp(this.#next());
    }
    this.#remember(target);
  }

  /** Forgets the past, as for a new stream. */
  reset(): void {
    this.#ring.fill(0);
    this.#newest = 0;
    this.#concealedSamples = 0;
  }

  describe(): string {
    return "Conceal";
  }

  /** Takes the last pitch period as a loop whose end runs into its beginning. */
  #begin(): void {
    const { past: history, period, work } = this.#unroll();
    const end = history.length;
    this.#period = period;
    const lag = findPitchLag(
      history,
      MIN_PITCH_MS * this.#perMs,
      MAX_PITCH_MS * this.#perMs,
      TEMPLATE_MS * this.#perMs,
      work,
    );
    const overlap = lag >> 2;
    for (let i = 0; i < lag; i += 1) {
      this.#period[i] = history[end - lag + i] as number;
    }
    for (let i = 0; i < overlap; i += 1) {
      const weight = (i + 1) / (overlap + 1);
      const at = lag - overlap + i;
      const earlier = history[end - lag - overlap + i] as number;
      this.#period[at] = (this.#period[at] as number) * (1 - weight) + earlier * weight;
    }
    this.#periodSamples = lag;
    this.#cursor = 0;
    this.#jointOffset = (history[end - 1] as number) - (history[end - 1 - lag] as number);
  }

  #next(): number {
    const joint = this.#concealedSamples / (JOINT_MS * this.#perMs);
    const offset = joint < 1 ? this.#jointOffset * 0.5 * (1 + Math.cos(Math.PI * joint)) : 0;
    const value = (this.#period[this.#cursor] as number) + offset;
    const level = this.#level();
    this.#concealedSamples += 1;
    this.#cursor += 1;
    if (this.#cursor === this.#periodSamples) {
      this.#cursor = 0;
    }
    return value * level;
  }

  #level(): number {
    const elapsedMs = this.#concealedSamples / this.#perMs;
    if (elapsedMs <= FADE_START_MS) {
      return 1;
    }
    return elapsedMs >= FADE_END_MS ? 0 : (FADE_END_MS - elapsedMs) / (FADE_END_MS - FADE_START_MS);
  }

  #fadeBack(frame: Int16Array): void {
    const gapMs = this.#concealedSamples / this.#perMs;
    const wantedMs = gapMs / 4 < MIN_RETURN_MS ? MIN_RETURN_MS : gapMs / 4;
    const fadeMs = wantedMs > MAX_RETURN_MS ? MAX_RETURN_MS : wantedMs;
    const wanted = Math.round(fadeMs * this.#perMs);
    const count = wanted < frame.length ? wanted : frame.length;
    for (let i = 0; i < count; i += 1) {
      const weight = (i + 1) / (count + 1);
      frame[i] = clamp(this.#next() * (1 - weight) + (frame[i] as number) * weight);
    }
  }

  /** The ring as a line. */
  #unroll(): LossMemory {
    const ring = this.#ring;
    this.#loss ??= {
      past: new Int16Array(ring.length),
      period: new Float64Array(MAX_PITCH_MS * this.#perMs + 1),
      work: new Float64Array(ring.length),
    };
    const { past } = this.#loss;
    for (let i = 0; i < ring.length; i += 1) {
      past[i] = ring[(this.#newest + i) % ring.length] as number;
    }
    return this.#loss;
  }

  #remember(frame: Int16Array): void {
    const ring = this.#ring;
    const end = this.#newest + frame.length;
    if (end <= ring.length) {
      ring.set(frame, this.#newest);
      this.#newest = end === ring.length ? 0 : end;
      return;
    }
    for (let i = 0; i < frame.length; i += 1) {
      ring[this.#newest] = frame[i] as number;
      this.#newest = this.#newest + 1 === ring.length ? 0 : this.#newest + 1;
    }
  }
}

function clamp(value: number): number {
  const rounded = value < 0 ? value - 0.5 : value + 0.5;
  return rounded > 32_767 ? 32_767 : rounded < -32_768 ? -32_768 : rounded;
}
