/** When the caller's voice was heard, as packets arrived. */
import { EnergyVad } from "../audio/energy-vad.ts";
import type { Clock } from "../core/clock.ts";
import type { IngressFrame } from "./ingress-frame.ts";

const USUAL_FRAME_MS = 20;
const SAMPLES_PER_MS = 8;

/** Follows one caller. */
export class CallerVoice {
  readonly #clock: Clock;
  readonly #vad = new EnergyVad({ frameMs: USUAL_FRAME_MS });
  #onsetUs = -1;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether the last frame was louder than the line's noise. */
  get voiced(): boolean {
    return this.#vad.voiced;
  }

  /** Level of the last frame. */
  get levelDbfs(): number {
    return this.#vad.levelDbfs;
  }

  /** Takes one frame; `true` when the caller is speaking in it. */
  push(frame: IngressFrame): boolean {
    const wasVoiced = this.#vad.voiced;
    const wasTalking = this.#vad.talking;
    this.#vad.pushLevel(frame.levelDbfs, frame.sampleCount / SAMPLES_PER_MS);
    if (this.#vad.voiced && !wasVoiced && !wasTalking) {
      this.#onsetUs = this.#clock.nowUs();
    }
    return this.#vad.voiced && this.#vad.talking;
  }

  /** Time since the first voiced packet of what the caller says or said last; 0 before any. */
  sinceOnsetMs(): number {
    return this.#onsetUs < 0 ? 0 : Math.round((this.#clock.nowUs() - this.#onsetUs) / 1000);
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return this.#vad.toJSON();
  }
}
