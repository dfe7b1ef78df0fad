/** How often a growing answer is shown: at once, then a few times a second, always with the newest text. */
import { after, type Clock, type Timer } from "../core/clock.ts";

/** Between two versions. */
const PAUSE_MS = 200;

/** Nothing is shown after `close`. */
export class PartialPace {
  readonly #clock: Clock;
  readonly #show: (text: string) => void;
  #shown = "";
  #newest = "";
  #pause: Timer | undefined;
  #closed = false;

  constructor(clock: Clock, show: (text: string) => void) {
    this.#clock = clock;
    this.#show = show;
  }

  /** The whole text so far. */
  push(text: string): void {
    this.#newest = text;
    if (this.#pause === undefined) {
      this.#tell();
    }
  }

  close(): void {
    this.#closed = true;
    this.#pause?.cancel();
  }

  #tell(): void {
    if (this.#closed || this.#newest === this.#shown) {
      return;
    }
    this.#shown = this.#newest;
    this.#show(this.#newest);
    this.#pause = after(this.#clock, PAUSE_MS, () => {
      this.#pause = undefined;
      this.#tell();
    });
  }
}
