/** How an answer begins: with a little audio in hand, so that pieces that come unevenly are heard without a gap. */
import type { PlayoutQueue } from "./playout-queue.ts";

/** With so much in hand it begins at once; most models send faster than that, and nobody waits for them. */
const ENOUGH_MS = 180;
/** No answer waits longer: pieces that are up to so much late leave no gap. */
const WAIT_MS = 80;

/** Watches one queue, a packet at a time. */
export class StartLead {
  #begun = false;
  #waitedMs = 0;

  /** Whether what is queued is not to be heard yet; to be asked once for each packet of `packetMs`. */
  holds(queue: PlayoutQueue, packetMs: number): boolean {
    if (!queue.busy) {
      this.#begun = false;
      this.#waitedMs = 0;
      return false;
    }
    if (this.#begun || queue.queuedMs === 0) {
      return false;
    }
    const enough = queue.queuedMs >= ENOUGH_MS || queue.endsInMs !== undefined;
    this.#begun = enough || this.#waitedMs >= WAIT_MS;
    this.#waitedMs += packetMs;
    return !this.#begun;
  }
}
