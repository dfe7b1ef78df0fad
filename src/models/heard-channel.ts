/** One stream of 8 kHz samples laid on the clock's timeline: where it begins, how it drifts, what is missing, what is too late. */

/** The beginning is settled after so long, by the samples that came with the least delay. */
const ANCHOR_SAMPLES = 240 * 8;
/** What runs ahead of the clock by more than this repeats a time that was filled with silence. */
const MAX_LEAD_SAMPLES = 200 * 8;
/** Within this, a stream is where it should be. */
const DRIFT_SAMPLES = 15 * 8;
/** Looked at once in so many samples; clocks of two machines differ by a few milliseconds in that time. */
const WINDOW_SAMPLES = 10_000 * 8;
/** What runs ahead is kept back until the others have as much: it is put right sooner, in a pause. */
const AHEAD_WINDOW_SAMPLES = 1000 * 8;
/** What a drifting stream is put right by at a time. */
const STEP_SAMPLES = 20 * 8;
/** A stream that was silent for so long has stopped, and begins anew where the clock is. */
const STOPPED_SAMPLES = 1000 * 8;
/** Below this, nobody speaks. */
const QUIET_AMPLITUDE = 400;
/** What waits to be read; more cannot come in that time but by a fault. */
const CAPACITY_SAMPLES = 4000 * 8;

/** Positions are samples since the mixer began; negative ones were heard before. */
export class HeardChannel {
  readonly #ring = new Int16Array(CAPACITY_SAMPLES);
  /** Of the samples in the ring, counted as they came; `shift` makes positions of them. */
  #start = 0;
  #end = 0;
  #shift: number | undefined;
  #begunAt: number | undefined;
  #bestLead = Number.NEGATIVE_INFINITY;
  #windowEnd = 0;
  /** Silence in its place since it was heard last. */
  #absent = 0;
  readonly #counts = { paddedSamples: 0, lateSamples: 0, driftSamples: 0 };

  /** Whether its place on the timeline is known. */
  get anchored(): boolean {
    return this.#shift !== undefined;
  }

  /** Position of the oldest sample; only once it is anchored. */
  get position(): number {
    return this.#start + (this.#shift ?? 0);
  }

  /** Position behind the newest sample; only once it is anchored. */
  get endPosition(): number {
    return this.#end + (this.#shift ?? 0);
  }

  /** @param bytes PCM16, little-endian, whole samples; borrowed. @param now position of the clock. */
  write(bytes: Uint8Array, now: number): void {
    const count = bytes.length >> 1;
    const from = this.#shift === undefined ? 0 : this.#correct(bytes, now);
    for (let i = from; i < count; i += 1) {
      const low = bytes[i * 2] as number;
      this.#append(((bytes[i * 2 + 1] as number) << 8) | low);
    }
    if (this.#shift === undefined) {
      this.#begunAt ??= now;
      this.#bestLead = Math.max(this.#bestLead, this.#end - now);
      if (now - this.#begunAt >= ANCHOR_SAMPLES) {
        this.anchor();
      }
    }
  }

  /** Settles the beginning by what has come so far; without anything, it stays open. */
  anchor(): void {
    if (this.#shift === undefined && this.#begunAt !== undefined) {
      this.#shift = -this.#bestLead;
      this.#startWindow();
    }
  }

  /** Copies the samples of a time into every `stride`th place; silence where there are none. They are not kept. */
  read(position: number, target: Int16Array, offset: number, stride: number): void {
    const count = target.length / stride;
    const own = position - (this.#shift ?? 0);
    if (this.#shift !== undefined) {
      this.#discardBefore(own);
      while (this.#end < own + count) {
        this.#append(0);
        this.#absent += 1;
        this.#counts.paddedSamples += 1;
      }
    }
    for (let i = 0; i < count; i += 1) {
      const at = own + i;
      const known = this.#shift !== undefined && at >= this.#start;
      target[i * stride + offset] = known ? (this.#ring[at % CAPACITY_SAMPLES] as number) : 0;
    }
    if (this.#shift !== undefined) {
      this.#start = Math.max(this.#start, own + count);
    }
  }

  toJSON(): Readonly<Record<string, unknown>> {
    const { paddedSamples, lateSamples, driftSamples } = this.#counts;
    return { paddedMs: paddedSamples / 8, lateMs: lateSamples / 8, driftMs: driftSamples / 8 };
  }

  /** How many samples of what comes are left out. */
  #correct(bytes: Uint8Array, now: number): number {
    const count = bytes.length >> 1;
    const wasStopped = this.#absent >= STOPPED_SAMPLES;
    this.#absent = 0;
    if (wasStopped) {
      this.#fill(now - this.endPosition - count);
      this.#startWindow();
    }
    const lead = this.endPosition + count - now;
    if (lead > MAX_LEAD_SAMPLES) {
      const late = Math.min(count, lead);
      this.#counts.lateSamples += late;
      return late;
    }
    this.#bestLead = Math.max(this.#bestLead, lead);
    const overdue = this.#end - this.#windowEnd;
    const isAhead =
      this.#bestLead > DRIFT_SAMPLES && overdue >= AHEAD_WINDOW_SAMPLES - WINDOW_SAMPLES;
    // A pause is waited for, so that no word is cut, but not for ever.
    if ((overdue < 0 && !isAhead) || (overdue < WINDOW_SAMPLES && !isQuiet(bytes))) {
      return 0;
    }
    const drift = this.#bestLead;
    this.#startWindow();
    if (drift > DRIFT_SAMPLES) {
      this.#counts.driftSamples += STEP_SAMPLES;
      return Math.min(count, STEP_SAMPLES);
    }
    if (drift < -DRIFT_SAMPLES) {
      this.#counts.driftSamples -= this.#fill(-drift);
    }
    return 0;
  }

  #fill(count: number): number {
    const filled = Math.max(0, Math.min(count, CAPACITY_SAMPLES / 4));
    for (let i = 0; i < filled; i += 1) {
      this.#append(0);
    }
    return filled;
  }

  #startWindow(): void {
    this.#windowEnd = this.#end + WINDOW_SAMPLES;
    this.#bestLead = Number.NEGATIVE_INFINITY;
  }

  #discardBefore(own: number): void {
    if (this.#start < own) {
      this.#counts.lateSamples += Math.max(0, Math.min(own, this.#end) - this.#start);
      this.#start = Math.min(own, this.#end);
    }
  }

  #append(sample: number): void {
    this.#ring[this.#end % CAPACITY_SAMPLES] = sample;
    this.#end += 1;
    if (this.#end - this.#start > CAPACITY_SAMPLES) {
      this.#start += 1;
      this.#counts.lateSamples += 1;
    }
  }
}

function isQuiet(bytes: Uint8Array): boolean {
  for (let i = 0; i + 1 < bytes.length; i += 2) {
    const sample = (((bytes[i + 1] as number) << 24) >> 16) | (bytes[i] as number);
    if (Math.abs(sample) >= QUIET_AMPLITUDE) {
      return false;
    }
  }
  return true;
}
