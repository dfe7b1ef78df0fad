/** Waits until a leg has said all it has to say. */
import { after, type Clock } from "../core/clock.ts";

/** Those who wait on one leg. */
export class PlayoutDrain {
  readonly #clock: Clock;
  readonly #isPlaying: () => boolean;
  readonly #waiting = new Set<() => void>();

  constructor(clock: Clock, isPlaying: () => boolean) {
    this.#clock = clock;
    this.#isPlaying = isPlaying;
  }

  /** Resolves when nothing is left to play, or after `deadlineMs`; `undefined`: nothing is left now. */
  wait(deadlineMs: number): Promise<void> | undefined {
    if (!this.#isPlaying()) {
      return undefined;
    }
    return new Promise((resolve) => {
      const end = (): void => {
        timer.cancel();
        this.#waiting.delete(end);
        resolve();
      };
      const timer = after(this.#clock, deadlineMs, end);
      this.#waiting.add(end);
    });
  }

  onTick(): void {
    if (this.#waiting.size > 0 && !this.#isPlaying()) {
      this.close();
    }
  }

  /** Nobody waits any longer. */
  close(): void {
    for (const end of [...this.#waiting]) {
      end();
    }
  }
}
