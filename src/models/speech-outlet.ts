/** Hands the model's audio over a little ahead of real time, so that little is wasted when the caller interrupts. */
import type { Clock, Timer } from "../core/clock.ts";

/** How far ahead of the caller's ear audio is handed over. */
const LEAD_MS = 400;
const CHUNK_MS = 100;

/** Where audio goes. */
export interface SpeechOutletOptions {
  readonly clock: Clock;
  readonly bytesPerMs: number;
  readonly onAudio: (bytes: Uint8Array, itemId: string) => void;
  /** Exactly once for every item that was begun. */
  readonly onDone: (itemId: string) => void;
}

interface Item {
  readonly itemId: string;
  readonly bytes: Uint8Array;
  handedBytes: number;
}

/** Items one after the other; the first chunks leave within the call of `play`. */
export class SpeechOutlet {
  readonly #options: SpeechOutletOptions;
  #items: Item[] = [];
  #timer: Timer | undefined;
  #pumping = false;
  #closed = false;
  /** When all audio handed over so far will have been played, at the earliest. */
  #playedAtUs = 0;

  constructor(options: SpeechOutletOptions) {
    this.#options = options;
  }

  /** Queues `bytes`, which must not change. */
  play(itemId: string, bytes: Uint8Array): void {
    if (!this.#closed) {
      this.#items.push({ itemId, bytes, handedBytes: 0 });
      this.#pump();
    }
  }

  /** Ends one item where it is, or drops it from the queue; whether there was any. */
  stop(itemId: string): boolean {
    const item = this.#items.find((candidate) => candidate.itemId === itemId);
    if (item === undefined) {
      return false;
    }
    this.#items = this.#items.filter((candidate) => candidate !== item);
    this.#playedAtUs = this.#options.clock.nowUs();
    this.#options.onDone(itemId);
    return true;
  }

  /** Nothing comes out after this. */
  close(): void {
    this.#closed = true;
    this.#items = [];
    this.#timer?.cancel();
  }

  /** Not re-entrant: who hears audio may stop or play items from within. */
  #pump(): void {
    if (this.#pumping) {
      return;
    }
    this.#pumping = true;
    this.#timer?.cancel();
    this.#timer = undefined;
    const { clock } = this.#options;
    for (let item = this.#items[0]; item !== undefined; item = this.#items[0]) {
      const nowUs = clock.nowUs();
      this.#playedAtUs = Math.max(this.#playedAtUs, nowUs);
      if (this.#playedAtUs - nowUs >= LEAD_MS * 1000) {
        break;
      }
      this.#handOver(item);
    }
    this.#pumping = false;
    if (this.#items.length > 0) {
      this.#timer = clock.at(this.#playedAtUs - (LEAD_MS - CHUNK_MS) * 1000, () => this.#pump());
    }
  }

  #handOver(item: Item): void {
    const { bytesPerMs, onAudio, onDone } = this.#options;
    const chunk = item.bytes.subarray(item.handedBytes, item.handedBytes + CHUNK_MS * bytesPerMs);
    item.handedBytes += chunk.length;
    this.#playedAtUs += (chunk.length / bytesPerMs) * 1000;
    onAudio(chunk, item.itemId);
    if (item.handedBytes >= item.bytes.length && this.#items[0] === item) {
      this.#items.shift();
      onDone(item.itemId);
    }
  }
}
