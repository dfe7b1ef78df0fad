/** When the caller's voice was heard, as packets arrived: for measuring, never for deciding whose turn it is. */
import { EnergyVad } from "../audio/energy-vad.ts";

const FRAME_MS = 20;

/** Follows one caller. */
export class CallerVoice {
  readonly #vad = new EnergyVad({ frameMs: FRAME_MS });
  #onsetUs = -1;

  /** Takes one frame; `true` when the caller is speaking in it. */
  push(frame: Int16Array, sampleCount: number, nowUs: number): boolean {
    const wasVoiced = this.#vad.voiced;
    const wasTalking = this.#vad.talking;
    this.#vad.push(frame, sampleCount);
    if (this.#vad.voiced && !wasVoiced && !wasTalking) {
      this.#onsetUs = nowUs;
    }
    return this.#vad.voiced && this.#vad.talking;
  }

  /** Time since the first voiced packet of what the caller says or said last; 0 before any. */
  sinceOnsetMs(nowUs: number): number {
    return this.#onsetUs < 0 ? 0 : Math.round((nowUs - this.#onsetUs) / 1000);
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return this.#vad.toJSON();
  }
}
