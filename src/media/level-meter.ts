/** How loud a stream is: one value for each piece of time, in batches. */
import { energyOf, levelOfEnergy, SILENCE_DBFS } from "../audio/level.ts";
import type { FrameSink } from "./taps.ts";

/** How often, how many at once, and who is told. */
export interface LevelMeterOptions {
  readonly everyMs: number;
  readonly batch: number;
  readonly report: (levelsDbfs: readonly number[]) => void;
}

/** A piece in which nothing came is silence. Driven by ticks, so it holds no timer. */
export class LevelMeter implements FrameSink {
  readonly #options: LevelMeterOptions;
  #levels: number[] = [];
  #energy = 0;
  #samples = 0;
  #dueUs = -1;

  constructor(options: LevelMeterOptions) {
    this.#options = options;
  }

  onFrame(frame: Int16Array, sampleCount: number): void {
    this.#energy += energyOf(frame, sampleCount);
    this.#samples += sampleCount;
  }

  onTick(nowUs: number): void {
    const everyUs = this.#options.everyMs * 1000;
    if (this.#dueUs < 0) {
      this.#dueUs = nowUs + everyUs;
    } else if (nowUs >= this.#dueUs) {
      this.#dueUs = Math.max(this.#dueUs + everyUs, nowUs);
      this.#close();
    }
  }

  #close(): void {
    const level = this.#samples === 0 ? SILENCE_DBFS : levelOfEnergy(this.#energy, this.#samples);
    this.#energy = 0;
    this.#samples = 0;
    this.#levels.push(Math.round(level * 10) / 10);
    if (this.#levels.length >= this.#options.batch) {
      this.#options.report(this.#levels);
      this.#levels = [];
    }
  }
}
