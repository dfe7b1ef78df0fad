/** Keys that a caller presses one after the other, told as the entry that they make. */
import { after, type Clock, type Timer } from "../core/clock.ts";

/** Keys pressed within this time of each other belong together. */
const PAUSE_MS = 800;
/** The key that ends an entry at once. */
const END_DIGIT = "#";
/** More than any entry has. */
const MAX_DIGITS = 64;

/** The entries of one session; those before `start` wait for it. */
export class DigitEntry {
  readonly #clock: Clock;
  readonly #onEntry: (digits: string) => void;
  #digits = "";
  #timer: Timer | undefined;
  #started = false;

  constructor(clock: Clock, onEntry: (digits: string) => void) {
    this.#clock = clock;
    this.#onEntry = onEntry;
  }

  start(): void {
    this.#started = true;
    if (this.#timer === undefined) {
      this.#finish();
    }
  }

  push(digit: string): void {
    this.#digits += digit;
    this.stop();
    if (digit === END_DIGIT || this.#digits.length >= MAX_DIGITS) {
      this.#finish();
    } else {
      this.#timer = after(this.#clock, PAUSE_MS, () => this.#finish());
    }
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #finish(): void {
    this.#timer = undefined;
    if (this.#started && this.#digits !== "") {
      const digits = this.#digits;
      this.#digits = "";
      this.#onEntry(digits);
    }
  }
}
