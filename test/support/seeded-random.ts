/** Randomness that repeats: the same seed gives the same sequence. */
import type { Random } from "../../src/core/random.ts";

/** mulberry32: small, fast, and good enough for identifiers and simulated loss. */
export class SeededRandom implements Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  uint32(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  hex(byteCount: number): string {
    let text = "";
    while (text.length < byteCount * 2) {
      text += this.uint32().toString(16).padStart(8, "0");
    }
    return text.slice(0, byteCount * 2);
  }

  uuid(): string {
    const digits = this.hex(16);
    return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-8${digits.slice(17, 20)}-${digits.slice(20)}`;
  }

  /** A uniform number in [0, 1). */
  fraction(): number {
    return this.uint32() / 2 ** 32;
  }
}
