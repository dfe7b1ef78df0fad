/** Voice activity by level over an adaptive noise floor, with onset and hangover. */
import { levelDbfs, SILENCE_DBFS } from "./level.ts";

/** What a frame changed. */
export type VadChange = "none" | "started" | "stopped";

/** How soon, how long and how loud. */
export interface EnergyVadOptions {
  readonly frameMs: number;
  /** Voice must last this long before `started`. */
  readonly onsetMs?: number;
  /** Voice must be absent this long before `stopped`. */
  readonly hangoverMs?: number;
  /** How far above the noise floor a frame counts as voice. */
  readonly thresholdDb?: number;
  /** No frame below this level counts as voice, however quiet the line. */
  readonly minDbfs?: number;
}

/** Where the floor starts: a quiet line. */
const INITIAL_FLOOR_DBFS = -65;
/** How fast the floor follows a rise while nobody speaks, and while somebody does. */
const RISE_DB_PER_SECOND = 15;
const RISE_TALKING_DB_PER_SECOND = 2;

/** Tells when a person starts and stops speaking. One `push` per frame, no memory of audio. */
export class EnergyVad {
  /** How long after its beginning speech is noticed. */
  readonly onsetMs: number;
  readonly hangoverMs: number;
  #frameMs: number;
  readonly #thresholdDb: number;
  readonly #minDbfs: number;
  #floorDbfs = INITIAL_FLOOR_DBFS;
  #levelDbfs = SILENCE_DBFS;
  #voiced = false;
  #talking = false;
  #voicedMs = 0;
  #silentMs = 0;

  constructor(options: EnergyVadOptions) {
    this.#frameMs = options.frameMs;
    this.onsetMs = options.onsetMs ?? 60;
    this.hangoverMs = options.hangoverMs ?? 500;
    this.#thresholdDb = options.thresholdDb ?? 12;
    this.#minDbfs = options.minDbfs ?? -45;
  }

  /** Between `started` and `stopped`. */
  get talking(): boolean {
    return this.#talking;
  }

  /** Whether the last frame was voice. */
  get voiced(): boolean {
    return this.#voiced;
  }

  /** Level of the last frame. */
  get levelDbfs(): number {
    return this.#levelDbfs;
  }

  get floorDbfs(): number {
    return this.#floorDbfs;
  }

  push(frame: Int16Array, sampleCount: number): VadChange {
    return this.pushLevel(levelDbfs(frame, sampleCount));
  }

  /** The same for a frame of which only the level is known, and which may be longer or shorter than the others. */
  pushLevel(level: number, frameMs = this.#frameMs): VadChange {
    this.#frameMs = frameMs;
    this.#levelDbfs = level;
    this.#voiced = level >= this.#minDbfs && level >= this.#floorDbfs + this.#thresholdDb;
    this.#followFloor(level);
    return this.#voiced ? this.#pushVoice() : this.#pushSilence();
  }

  /** Forgets the talker and the line. */
  reset(): void {
    this.#floorDbfs = INITIAL_FLOOR_DBFS;
    this.#levelDbfs = SILENCE_DBFS;
    this.#voiced = false;
    this.#talking = false;
    this.#voicedMs = 0;
    this.#silentMs = 0;
  }

  toJSON(): Record<string, number | boolean> {
    return { talking: this.#talking, levelDbfs: this.#levelDbfs, floorDbfs: this.#floorDbfs };
  }

  #pushVoice(): VadChange {
    this.#silentMs = 0;
    this.#voicedMs += this.#frameMs;
    if (this.#talking || this.#voicedMs < this.onsetMs) {
      return "none";
    }
    this.#talking = true;
    return "started";
  }

  #pushSilence(): VadChange {
    this.#voicedMs = 0;
    this.#silentMs += this.#frameMs;
    if (!this.#talking || this.#silentMs < this.hangoverMs) {
      return "none";
    }
    this.#talking = false;
    return "stopped";
  }

  /** Down at once by half the way, up slowly, and slower still under speech. */
  #followFloor(level: number): void {
    if (level <= this.#floorDbfs) {
      const next = this.#floorDbfs + (level - this.#floorDbfs) * 0.5;
      this.#floorDbfs = next < INITIAL_FLOOR_DBFS ? INITIAL_FLOOR_DBFS : next;
      return;
    }
    const perSecond = this.#voiced ? RISE_TALKING_DB_PER_SECOND : RISE_DB_PER_SECOND;
    const next = this.#floorDbfs + (perSecond * this.#frameMs) / 1000;
    this.#floorDbfs = next < level ? next : level;
  }
}
