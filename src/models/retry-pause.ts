/** How long to wait before a service is asked again: twice as long each time, and not for all calls in the same moment. */
import type { Random } from "../core/random.ts";

const FIRST_MS = 500;
const LONGEST_MS = 15_000;
const UINT32_RANGE = 2 ** 32;

/** The pauses of one transcription. */
export class RetryPause {
  readonly #random: Random;
  #failures = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Between half and all of what is due. */
  nextMs(): number {
    const dueMs = Math.min(FIRST_MS * 2 ** this.#failures, LONGEST_MS);
    this.#failures += 1;
    return Math.round(dueMs * (0.5 + this.#random.uint32() / UINT32_RANGE / 2));
  }

  /** The service works again. */
  reset(): void {
    this.#failures = 0;
  }
}
