/** Tells whether what the caller's line carries is our own playout coming back. */
import { DECIMATION, Decimator } from "../audio/decimator.ts";
import { EchoCorrelator, type EchoMatch } from "../audio/echo-correlator.ts";
import { decodeG711, type G711Law, SILENCE_BYTE } from "../audio/g711.ts";
import type { SentSink } from "./mouth.ts";

/** From our packet to its echo in the caller's: network both ways, both jitter buffers, and the air. */
const MAX_DELAY_MS = 550;
const SAMPLES_PER_MS = 8;
const MAX_LAG = (MAX_DELAY_MS * SAMPLES_PER_MS) / DECIMATION;
const MAX_FRAME_SAMPLES = 480;
/** What was sent, decoded; used up at once, and therefore one for all legs of a thread. */
const scratch = new Int16Array(MAX_LAG * DECIMATION);
/** What was sent, in samples; a power of two that holds the delay and what frames may come early. */
const RING_SAMPLES = 8192;
/** Of what was correlated, per frame: the window is about 10 frames. */
const FADE = 0.9;

/** As much of a sound's energy makes it an echo. Measured: other voices stay below after 60 ms, echoes above. */
const ECHO_PART = 0.5;
/** In the first 40 ms, vowels resemble each other. */
const EARLY_ECHO_PART = 0.75;
const EARLY_MS = 40;
/** At the delay that echoes had before, less is enough. */
const KNOWN_ECHO_PART = 0.3;
/** Where packets may lie when a sound begins, to both sides. */
const KNOWN_SPREAD = (25 * SAMPLES_PER_MS) / DECIMATION;
/** A delay is known when a sound of this length was an echo beyond doubt. */
const LEARN_MS = 120;
const LEARN_PART = 0.6;

/** What comparing takes: 28 kB, which a leg has only once its caller made a sound over an answer. */
class Comparison {
  readonly correlator = new EchoCorrelator(MAX_LAG, FADE);
  readonly soundDecimator = new Decimator();
  readonly sentDecimator = new Decimator();
  readonly sound = new Float64Array(MAX_FRAME_SAMPLES / DECIMATION);
  readonly original = new Float64Array(MAX_LAG + MAX_FRAME_SAMPLES / DECIMATION);
  readonly match: EchoMatch = { part: 0, lag: 0 };

  reset(): void {
    this.correlator.reset();
    this.soundDecimator.reset();
    this.sentDecimator.reset();
  }
}

/** One leg's: is shown what is sent, and asked about what comes. */
export class EchoDetector implements SentSink {
  readonly #sent = new Uint8Array(RING_SAMPLES).fill(SILENCE_BYTE.pcmu);
  #comparison: Comparison | undefined;
  #law: G711Law = "pcmu";
  #sentCount = 0;
  /** Samples sent since speech was. */
  #silentCount = RING_SAMPLES;
  /** The first sample sent that the decimator has not seen. */
  #next = 0;
  #soundMs = 0;
  #knownLag = -1;
  #part = 0;

  /** Whether what was sent could be coming back now. */
  get possible(): boolean {
    return this.#silentCount < MAX_DELAY_MS * SAMPLES_PER_MS;
  }

  /** Of the energy of the sound so far, the part that is echo, 0 … 1. */
  get part(): number {
    return this.#part;
  }

  onSent(
    law: G711Law,
    codes: Uint8Array,
    offset: number,
    filled: number,
    sampleCount: number,
  ): void {
    if (law !== this.#law) {
      this.#law = law;
      this.#sent.fill(SILENCE_BYTE[law]);
    }
    const at = this.#sentCount & (RING_SAMPLES - 1);
    if (filled === sampleCount && at + filled <= RING_SAMPLES) {
      copy(codes, offset, this.#sent, at, filled);
    } else if (filled > 0 || this.#silentCount < RING_SAMPLES) {
      this.#wrap(codes, offset, filled, sampleCount);
    }
    this.#sentCount += sampleCount;
    this.#silentCount = filled > 0 ? 0 : Math.min(this.#silentCount + sampleCount, RING_SAMPLES);
  }

  /** The same across the ring's end, and with silence behind. */
  #wrap(codes: Uint8Array, offset: number, filled: number, sampleCount: number): void {
    for (let i = 0; i < sampleCount; i += 1) {
      const code = i < filled ? (codes[offset + i] as number) : SILENCE_BYTE[this.#law];
      this.#sent[(this.#sentCount + i) & (RING_SAMPLES - 1)] = code;
    }
  }

  /** The next frame begins another sound. */
  begin(): void {
    this.#soundMs = 0;
  }

  /** Takes the sound's next frame, 8 kHz and at most 60 ms; `true` when the sound is an echo so far. */
  push(frame: Int16Array, sampleCount: number): boolean {
    this.#comparison ??= new Comparison();
    const comparison = this.#comparison;
    const { correlator, original, sound } = comparison;
    if (this.#soundMs === 0) {
      this.#start(comparison, sampleCount);
    }
    const count = loadSound(comparison, frame, sampleCount);
    this.#loadSent(comparison, sampleCount, MAX_LAG);
    correlator.push(sound, original, count);
    original.copyWithin(0, count, MAX_LAG + count);
    this.#soundMs += sampleCount / SAMPLES_PER_MS;
    return this.#judge(comparison);
  }

  toJSON(): Readonly<Record<string, unknown>> {
    const knownDelayMs =
      this.#knownLag < 0 ? undefined : (this.#knownLag * DECIMATION) / SAMPLES_PER_MS;
    return { part: this.#part, knownDelayMs };
  }

  #judge({ correlator, match }: Comparison): boolean {
    correlator.best(0, MAX_LAG, match);
    this.#part = match.part;
    if (this.#soundMs >= LEARN_MS && match.part >= LEARN_PART) {
      this.#knownLag = match.lag;
    }
    if (match.part >= (this.#soundMs <= EARLY_MS ? EARLY_ECHO_PART : ECHO_PART)) {
      return true;
    }
    if (this.#knownLag < 0) {
      return false;
    }
    correlator.best(this.#knownLag - KNOWN_SPREAD, this.#knownLag + KNOWN_SPREAD, match);
    return match.part >= KNOWN_ECHO_PART;
  }

  /** The sound's first frame ends where sending is now; what was sent before is what may come back. */
  #start(comparison: Comparison, sampleCount: number): void {
    comparison.reset();
    this.#next = this.#sentCount - sampleCount - MAX_LAG * DECIMATION;
    this.#loadSent(comparison, MAX_LAG * DECIMATION, 0);
  }

  /** Decimates the next samples sent; those that were not sent yet, or too long ago, are silence. */
  #loadSent(
    { original, sentDecimator }: Comparison,
    sampleCount: number,
    targetOffset: number,
  ): void {
    scratch.fill(0, 0, sampleCount);
    const first = Math.max(this.#next, 0, this.#sentCount - RING_SAMPLES);
    const end = Math.min(this.#next + sampleCount, this.#sentCount);
    for (let index = first; index < end; ) {
      const at = index & (RING_SAMPLES - 1);
      const count = Math.min(end - index, RING_SAMPLES - at);
      decodeG711(this.#law, this.#sent, at, count, scratch, index - this.#next);
      index += count;
    }
    let target = targetOffset;
    for (let i = 0; i < sampleCount; i += 1) {
      if (sentDecimator.push(scratch[i] as number)) {
        original[target] = sentDecimator.take();
        target += 1;
      }
    }
    this.#next += sampleCount;
  }
}

function loadSound(
  { sound, soundDecimator }: Comparison,
  frame: Int16Array,
  sampleCount: number,
): number {
  let count = 0;
  for (let i = 0; i < sampleCount; i += 1) {
    if (soundDecimator.push(frame[i] as number)) {
      sound[count] = soundDecimator.take();
      count += 1;
    }
  }
  return count;
}

function copy(from: Uint8Array, offset: number, to: Uint8Array, at: number, count: number): void {
  for (let i = 0; i < count; i += 1) {
    to[at + i] = from[offset + i] as number;
  }
}
