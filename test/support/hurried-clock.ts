/** The machine's clock, faster: for real sockets under waits that are minutes long. */
import { type Clock, SystemClock, type Timer } from "../../src/core/clock.ts";

/** Every second lasts a `factor`th of one. */
export class HurriedClock implements Clock {
  readonly #real = new SystemClock();
  readonly #factor: number;

  constructor(factor: number) {
    this.#factor = factor;
  }

  get pending(): number {
    return this.#real.pending;
  }

  nowUs(): number {
    return this.#real.nowUs() * this.#factor;
  }

  wallMs(): number {
    return this.#real.wallMs();
  }

  at(dueUs: number, callback: () => void): Timer {
    return this.#real.at(dueUs / this.#factor, callback);
  }
}
