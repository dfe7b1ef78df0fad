/** A few words of the machine's own voice while one model takes over from another and the caller hears nothing. */
import type { Clock } from "../core/clock.ts";
import type { Continuity } from "../ports/media-host.ts";

/** What is said, and how. */
export interface GapFillerOptions {
  readonly clock: Clock;
  readonly filler: Continuity["filler"];
  /** The caller hears something. */
  readonly isPlaying: () => boolean;
  /** Speaks at once, where the machine can. */
  readonly say: (text: string) => void;
}

/** Watches one leg; says its words once in each gap. */
export class GapFiller {
  readonly #options: GapFillerOptions;
  /** Since when the caller has heard nothing; -1: no model is being replaced. */
  #silentSinceUs = -1;

  constructor(options: GapFillerOptions) {
    this.#options = options;
  }

  /** A model failed, and the next one is not there yet. */
  onReplaced(): void {
    this.#silentSinceUs = this.#options.clock.nowUs();
  }

  /** The next model has spoken, or has nothing to say. */
  onFilled(): void {
    this.#silentSinceUs = -1;
  }

  /** Once per ptime. */
  onTick(nowUs: number): void {
    const { filler, say, isPlaying } = this.#options;
    if (this.#silentSinceUs < 0 || filler === undefined) {
      return;
    }
    if (isPlaying()) {
      this.#silentSinceUs = nowUs;
    } else if (nowUs - this.#silentSinceUs >= filler.afterMs * 1000) {
      this.#silentSinceUs = -1;
      say(filler.text);
    }
  }
}
