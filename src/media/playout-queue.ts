/** What the model said and the caller has not heard yet: bytes in the model's format, with marks per answer. */
import type { AudioFormat } from "../ports/realtime-model.ts";
import { type BlockPool, ByteFifo } from "./byte-fifo.ts";
import {
  type ItemAccount,
  openAccount,
  type PlayoutItem,
  type PlayoutListener,
  type Segment,
} from "./playout-item.ts";

/** How long an incomplete frame waits for more audio of its answer before it is played with silence behind. */
const STARVED_TICKS = 3;
const FILLER = new Uint8Array(1);

/** What a queue is for. */
export interface PlayoutQueueOptions {
  readonly format: AudioFormat;
  readonly maxMs: number;
  readonly pool: BlockPool;
  readonly listener: PlayoutListener;
}

/** Takes bursts of any length, gives exact frames. */
export class PlayoutQueue {
  readonly format: AudioFormat;
  readonly #maxBytes: number;
  readonly #bytesPerMs: number;
  readonly #sampleBytes: number;
  readonly #fifo: ByteFifo;
  readonly #listener: PlayoutListener;
  readonly #items = new Map<string, ItemAccount>();
  readonly #segments: Segment[] = [];
  #starvedTicks = 0;
  #underruns = 0;
  #droppedBytes = 0;
  #playedBytes = 0;
  /** An answer began, ended or was declared done since the last `settle`. */
  #unsettled = false;

  constructor(options: PlayoutQueueOptions) {
    this.format = options.format;
    this.#sampleBytes = options.format.encoding === "pcm16" ? 2 : 1;
    this.#bytesPerMs = (options.format.rateHz / 1000) * this.#sampleBytes;
    this.#maxBytes = options.maxMs * this.#bytesPerMs;
    this.#fifo = new ByteFifo(options.pool);
    this.#listener = options.listener;
  }

  get queuedMs(): number {
    return this.#fifo.byteLength / this.#bytesPerMs;
  }

  /** Audio that found no room. */
  get droppedMs(): number {
    return this.#droppedBytes / this.#bytesPerMs;
  }

  /** Whether an answer is queued, playing, or announced to go on. */
  get busy(): boolean {
    return this.#items.size > 0;
  }

  /** The answer that is heard, or will be next. */
  get itemId(): string | undefined {
    return (this.#segments[0]?.item ?? this.#items.values().next().value)?.itemId;
  }

  /** What is left of complete answers; `undefined` when more is announced. */
  get endsInMs(): number | undefined {
    return [...this.#items.values()].every(({ done }) => done) ? this.queuedMs : undefined;
  }

  /** Queues a piece of an answer; returns how many bytes found no room: the newest are dropped. */
  push(bytes: Uint8Array, itemId: string): number {
    return this.pushPart(bytes, 0, bytes.length, itemId);
  }

  /** The same for `byteCount` bytes from `offset`. */
  pushPart(bytes: Uint8Array, offset: number, byteCount: number, itemId: string): number {
    if (byteCount === 0) {
      return 0;
    }
    const segment = this.#segmentFor(itemId);
    const skipped = this.#align(segment);
    const room = this.#maxBytes - this.#fifo.byteLength;
    const accepted = Math.min(byteCount - skipped, room);
    this.#fifo.push(bytes, offset + skipped, accepted);
    this.#enlarge(segment, accepted);
    segment.item.receivedBytes += byteCount;
    this.#droppedBytes += byteCount - accepted;
    return byteCount - accepted;
  }

  /** No more audio of this answer will come. */
  finish(itemId: string): void {
    const item = this.#items.get(itemId);
    if (item !== undefined) {
      item.done = true;
      this.#unsettled = true;
      this.settle();
    }
  }

  /** No more audio of any answer will come. */
  finishAll(): void {
    for (const item of this.#items.values()) {
      item.done = true;
    }
    this.#unsettled = true;
    this.settle();
  }

  /**
   * Moves up to `byteCount` bytes of audio to `target`: fewer at the end of an answer, none when there is nothing to
   * play or when less than a frame is there and more is announced.
   */
  pull(target: Uint8Array, offset: number, byteCount: number): number {
    const available = this.#fifo.byteLength;
    if (available < byteCount && this.#waitsForMore(available)) {
      return 0;
    }
    this.#starvedTicks = 0;
    const whole = Math.min(byteCount, available - (available % this.#sampleBytes));
    this.#fifo.pull(target, offset, whole);
    this.#consume(whole);
    return whole;
  }

  /** Reports answers that began or ended with the last `pull`. Call it when the packet was sent. */
  settle(): void {
    if (!this.#unsettled) {
      return;
    }
    this.#unsettled = false;
    let earlierThanHead = true;
    const head = this.#segments[0]?.item;
    for (const item of this.#items.values()) {
      if (item === head) {
        earlierThanHead = false;
      }
      this.#report(item, earlierThanHead && head !== undefined);
    }
  }

  /** Drops all that is queued and forgets the answers it belonged to; the one being heard is first. */
  clear(): readonly PlayoutItem[] {
    const cleared = [...this.#items.values()].map((item) => this.#summary(item));
    this.#fifo.clear();
    this.#segments.length = 0;
    this.#items.clear();
    this.#starvedTicks = 0;
    return cleared;
  }

  describe(): string {
    return `Playout(${this.format.encoding}/${this.format.rateHz})`;
  }

  toJSON(): Readonly<Record<string, number>> {
    return {
      queuedMs: this.queuedMs,
      playedMs: this.#playedBytes / this.#bytesPerMs,
      items: this.#items.size,
      underruns: this.#underruns,
      playoutDroppedMs: this.droppedMs,
    };
  }

  #segmentFor(itemId: string): Segment {
    let item = this.#items.get(itemId);
    if (item === undefined) {
      item = openAccount(itemId);
      this.#items.set(itemId, item);
    }
    const last = this.#segments[this.#segments.length - 1];
    if (last !== undefined && last.item === item) {
      return last;
    }
    const segment = { item, byteCount: 0 };
    this.#segments.push(segment);
    return segment;
  }

  #enlarge(segment: Segment, byteCount: number): void {
    segment.byteCount += byteCount;
    segment.item.queuedBytes += byteCount;
  }

  /** Keeps samples whole where bytes were dropped or an answer ended in half a sample; returns bytes to skip. */
  #align(segment: Segment): number {
    const queuedOdd = this.#fifo.byteLength % this.#sampleBytes;
    const receivedOdd = segment.item.receivedBytes % this.#sampleBytes;
    if (queuedOdd > receivedOdd) {
      this.#fifo.push(FILLER, 0, 1);
      this.#enlarge(segment, 1);
    }
    return receivedOdd > queuedOdd ? 1 : 0;
  }

  /** Less than a frame is there: the last answer may go on, but not for ever. */
  #waitsForMore(available: number): boolean {
    const last = this.#segments[this.#segments.length - 1]?.item;
    if (last === undefined || last.done || available === 0) {
      return false;
    }
    this.#starvedTicks += 1;
    return this.#starvedTicks <= STARVED_TICKS;
  }

  #consume(byteCount: number): void {
    let left = byteCount;
    this.#playedBytes += byteCount;
    while (left > 0) {
      const segment = this.#segments[0] as Segment;
      const taken = Math.min(left, segment.byteCount);
      this.#unsettled ||= !segment.item.started || taken === segment.byteCount;
      segment.byteCount -= taken;
      segment.item.queuedBytes -= taken;
      segment.item.playedBytes += taken;
      left -= taken;
      if (segment.byteCount === 0) {
        this.#segments.shift();
      }
    }
  }

  /** An earlier answer that the model never declared done is over once a later one plays. */
  #report(item: ItemAccount, superseded: boolean): void {
    if (item.playedBytes > 0 && !item.started) {
      item.started = true;
      this.#listener.onItemStarted(item.itemId);
    }
    if (item.queuedBytes < this.#sampleBytes && (item.done || superseded)) {
      this.#items.delete(item.itemId);
      this.#listener.onItemPlayed(this.#summary(item));
    }
  }

  #summary(item: ItemAccount): PlayoutItem {
    return {
      itemId: item.itemId,
      playedMs: item.playedBytes / this.#bytesPerMs,
      unheardMs: item.queuedBytes / this.#bytesPerMs,
    };
  }
}
