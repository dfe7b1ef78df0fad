/** A clock whose timers cannot throw: one bad call must not take the process with it. */
import type { Clock, Timer } from "../../core/clock.ts";

/** Wraps the server's clock. */
export class GuardedClock implements Clock {
  readonly #clock: Clock;
  readonly #onFault: (error: unknown) => void;

  constructor(clock: Clock, onFault: (error: unknown) => void) {
    this.#clock = clock;
    this.#onFault = onFault;
  }

  get pending(): number {
    return this.#clock.pending;
  }

  nowUs(): number {
    return this.#clock.nowUs();
  }

  wallMs(): number {
    return this.#clock.wallMs();
  }

  at(dueUs: number, callback: () => void): Timer {
    return this.#clock.at(dueUs, () => {
      try {
        callback();
      } catch (error) {
        this.#onFault(error);
      }
    });
  }
}
