/** Keys that a peer reports twice, by telephone-event and by SIP INFO, counted once. */

/** How a key reached us. */
export type DigitWay = "rtp" | "info";

/** A key that is held comes by INFO at its beginning and by RTP at its end. */
const MATCH_US = 5_000_000;

interface Reported {
  readonly digit: string;
  readonly way: DigitWay;
  readonly atUs: number;
}

/** Each press by one way is matched with at most one by the other. */
export class DigitMerger {
  /** Presses that the other way has not repeated, oldest first. */
  #unmatched: Reported[] = [];
  #repeated = 0;

  /** Whether this press is news. */
  take(digit: string, way: DigitWay, nowUs: number): boolean {
    this.#unmatched = this.#unmatched.filter(({ atUs }) => nowUs - atUs < MATCH_US);
    const match = this.#unmatched.findIndex((press) => press.digit === digit && press.way !== way);
    if (match >= 0) {
      this.#unmatched.splice(match, 1);
      this.#repeated += 1;
      return false;
    }
    this.#unmatched.push({ digit, way, atUs: nowUs });
    return true;
  }

  toJSON(): Readonly<Record<string, number>> {
    return { repeatedDigits: this.#repeated };
  }
}
