/** One stream of a recording: puts its frames where they belong in time, whatever came between them. */
import type { Clock } from "../core/clock.ts";
import type { RecordingChannel, RecordingSource } from "../ports/recording-store.ts";
import type { StereoTimeline } from "./stereo-timeline.ts";
import { stretch } from "./stretch.ts";

/** What a source works with. */
export interface AlignedSourceOptions {
  readonly clock: Clock;
  /** When the recording began, on the clock's scale. */
  readonly originUs: number;
  readonly channel: RecordingChannel;
  readonly timeline: StereoTimeline;
  /** Whether audio is to be kept now. */
  readonly isKept: () => boolean;
  readonly onClosed: () => void;
}

const RATE_HZ = 8000;
/** A frame that is later than this begins anew: nothing was sent before it, or it was lost. */
const GAP_SAMPLES = 800;
/** Frames that come this much too early are left out: more audio than time. */
const AHEAD_SAMPLES = 2400;
/** A beginning is placed by the earliest of the packets that came in this time, for the first may have been late. */
const SETTLE_US = 200_000;
const HELD_SAMPLES = 4096;
/** The offset of a stream is that of the earliest packet of this long. */
const WINDOW_US = 2_000_000;
/** Less is not mended: the earliest packet of a beginning is as far from that of a window where the clocks agree. */
const TOLERANCE_SAMPLES = 32;
/** A frame is stretched or shrunk by this at most, so that nobody hears it: 1 ms in 20. */
const STEP_SAMPLES = 8;
/** What is owed waits so long for frames in which nobody speaks. */
const PATIENCE_US = 4_000_000;
/** No sample of such a frame is louder. */
const QUIET_PEAK = 200;

const stretched = new Int16Array(HELD_SAMPLES + STEP_SAMPLES);

/**
 * A stream is written bit by bit where it arrives without gaps, so that jitter is not heard; the offset between where it is
 * written and when it arrived is kept small by stretching single frames, quiet ones first, so that a sender's clock does not
 * run away. While that is under way nothing is measured: what is owed would be counted twice.
 */
export class AlignedSource implements RecordingSource {
  readonly #options: AlignedSourceOptions;
  readonly #held = new Int16Array(HELD_SAMPLES);
  #heldSamples = 0;
  #heldSinceUs = 0;
  /** Where what is held begins, by its earliest packet. */
  #heldStart = 0;
  /** Where the next sample goes; -1: that is not known. */
  #position = -1;
  /** Behind the last sample that was written. */
  #written = 0;
  #windowEndUs = 0;
  #windowLeast = Number.POSITIVE_INFINITY;
  /** Samples to be put in, or left out where negative. */
  #owed = 0;
  #owedSinceUs = 0;
  #droppedSamples = 0;
  #closed = false;

  constructor(options: AlignedSourceOptions) {
    this.#options = options;
  }

  /** Samples that found no place. */
  get droppedSamples(): number {
    return this.#droppedSamples;
  }

  onFrame(frame: Int16Array, sampleCount: number): void {
    const nowUs = this.#options.clock.nowUs();
    if (this.#closed || !this.#options.isKept()) {
      this.settle(true);
      this.#position = -1;
      return;
    }
    if (this.#position >= 0) {
      const late = this.#positionAt(nowUs) - (this.#position + sampleCount);
      if (late <= GAP_SAMPLES) {
        this.#follow(frame, sampleCount, late, nowUs);
        return;
      }
      this.#position = -1;
    }
    this.#hold(frame, sampleCount, nowUs);
  }

  /** Writes what is held when it was held for long enough, or at once. */
  settle(atOnce: boolean): void {
    const waitedUs = this.#options.clock.nowUs() - this.#heldSinceUs;
    if (this.#heldSamples === 0 || (!atOnce && waitedUs < SETTLE_US)) {
      return;
    }
    const count = this.#heldSamples;
    // What was said before the recording began is no part of it.
    const before = Math.min(count, Math.max(0, -this.#heldStart));
    this.#position = Math.max(this.#heldStart + before, this.#written);
    this.#heldSamples = 0;
    this.#owed = 0;
    this.#beginWindow(this.#options.clock.nowUs());
    this.#write(this.#held.subarray(before), count - before);
  }

  close(): void {
    if (!this.#closed) {
      this.settle(true);
      this.#closed = true;
      this.#options.onClosed();
    }
  }

  #positionAt(nowUs: number): number {
    return Math.floor(((nowUs - this.#options.originUs) * RATE_HZ) / 1_000_000);
  }

  #hold(frame: Int16Array, sampleCount: number, nowUs: number): void {
    if (this.#heldSamples + sampleCount > HELD_SAMPLES) {
      this.settle(true);
      this.onFrame(frame, sampleCount);
      return;
    }
    if (this.#heldSamples === 0) {
      this.#heldSinceUs = nowUs;
      this.#heldStart = Number.POSITIVE_INFINITY;
    }
    for (let i = 0; i < sampleCount; i += 1) {
      this.#held[this.#heldSamples + i] = frame[i] as number;
    }
    this.#heldSamples += sampleCount;
    const start = this.#positionAt(nowUs) - this.#heldSamples;
    this.#heldStart = Math.min(this.#heldStart, start);
    this.settle(false);
  }

  #follow(frame: Int16Array, sampleCount: number, late: number, nowUs: number): void {
    if (late < -AHEAD_SAMPLES) {
      this.#droppedSamples += sampleCount;
      return;
    }
    if (this.#owed === 0) {
      this.#measure(late, nowUs);
    }
    const change = Math.max(-STEP_SAMPLES, Math.min(STEP_SAMPLES, this.#owed));
    if (change === 0 || !this.#mayChange(frame, sampleCount, nowUs)) {
      this.#write(frame, sampleCount);
      return;
    }
    this.#owed -= change;
    stretch(frame, sampleCount, stretched, sampleCount + change);
    this.#write(stretched, sampleCount + change);
    if (this.#owed === 0) {
      this.#beginWindow(nowUs);
    }
  }

  #measure(late: number, nowUs: number): void {
    this.#windowLeast = Math.min(this.#windowLeast, late);
    if (nowUs >= this.#windowEndUs) {
      const least = this.#windowLeast;
      this.#owed = Math.abs(least) > TOLERANCE_SAMPLES ? least : 0;
      this.#owedSinceUs = nowUs;
      this.#beginWindow(nowUs);
    }
  }

  #mayChange(frame: Int16Array, sampleCount: number, nowUs: number): boolean {
    if (sampleCount < 8 * STEP_SAMPLES || sampleCount > HELD_SAMPLES) {
      return false;
    }
    return nowUs - this.#owedSinceUs >= PATIENCE_US || isQuiet(frame, sampleCount);
  }

  #beginWindow(nowUs: number): void {
    this.#windowEndUs = nowUs + WINDOW_US;
    this.#windowLeast = Number.POSITIVE_INFINITY;
  }

  #write(samples: Int16Array, count: number): void {
    const { channel, timeline } = this.#options;
    this.#droppedSamples += timeline.add(channel, this.#position, samples, count);
    this.#position += count;
    this.#written = this.#position;
  }
}

function isQuiet(frame: Int16Array, sampleCount: number): boolean {
  for (let i = 0; i < sampleCount; i += 1) {
    const sample = frame[i] as number;
    if (sample > QUIET_PEAK || sample < -QUIET_PEAK) {
      return false;
    }
  }
  return true;
}
