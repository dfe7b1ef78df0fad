/** When somebody on the line spoke, to the frame: runs of voice, joined over short pauses. */
import { EnergyVad } from "../audio/energy-vad.ts";
import type { Clock } from "../core/clock.ts";
import type { FrameSink } from "../media/taps.ts";

/** A run of voice, in milliseconds of the injected clock. */
export interface Spurt {
  readonly startMs: number;
  /** The end of the last voiced frame so far. */
  endMs: number;
  /** Silence has followed for as long as the pause allows. */
  over: boolean;
}

/** Pauses up to this long belong to the speech around them. */
const PAUSE_MS = 700;
const ONSET_MS = 40;
const FRAME_MS = 20;

/** A tap that remembers spurts. */
export class SpurtLog implements FrameSink {
  readonly spurts: Spurt[] = [];
  readonly #clock: Clock;
  readonly #vad = new EnergyVad({ frameMs: FRAME_MS, onsetMs: ONSET_MS, hangoverMs: PAUSE_MS });
  readonly #onChange: () => void;
  #voiceBeganMs: number | undefined;

  /** @param onChange hears that a spurt began or was over. */
  constructor(clock: Clock, onChange: () => void = () => undefined) {
    this.#clock = clock;
    this.#onChange = onChange;
  }

  get last(): Spurt | undefined {
    return this.spurts[this.spurts.length - 1];
  }

  /** The first spurt that began after `saidFromMs` and lasted beyond `saidUntilMs`: an echo begins before we end. */
  answerTo(saidFromMs: number, saidUntilMs: number): Spurt | undefined {
    return this.spurts.find(({ startMs, endMs }) => startMs > saidFromMs && endMs > saidUntilMs);
  }

  onFrame(frame: Int16Array, sampleCount: number): void {
    const nowMs = this.#clock.nowUs() / 1000;
    const change = this.#vad.push(frame, sampleCount);
    if (!this.#vad.voiced && !this.#vad.talking) {
      this.#voiceBeganMs = undefined;
    } else if (this.#vad.voiced) {
      this.#voiceBeganMs ??= nowMs;
      this.#extend(nowMs);
    }
    if (change === "started") {
      this.spurts.push({
        startMs: this.#voiceBeganMs ?? nowMs,
        endMs: nowMs + FRAME_MS,
        over: false,
      });
      this.#onChange();
    } else if (change === "stopped") {
      this.#finish();
    }
  }

  #extend(nowMs: number): void {
    const { last } = this;
    if (last !== undefined && !last.over) {
      last.endMs = nowMs + FRAME_MS;
    }
  }

  #finish(): void {
    const { last } = this;
    if (last !== undefined) {
      last.over = true;
      this.#voiceBeganMs = undefined;
      this.#onChange();
    }
  }
}
