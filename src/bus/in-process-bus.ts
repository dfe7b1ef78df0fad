/** A bus within this process: each subscriber has its own bounded queue, emptied after the publisher's turn. */
import type { Logger } from "../core/logger.ts";
import type { Bus, BusMessage } from "../ports/bus.ts";

/** What the bus works with. */
export interface InProcessBusOptions {
  readonly logger: Logger;
  /** Messages that wait for one subscriber; beyond, its oldest is dropped and counted. */
  readonly maxQueued: number;
}

type Handler = (topic: string, message: BusMessage) => void;

interface Envelope {
  readonly topic: string;
  readonly message: BusMessage;
}

interface BusCounters {
  published: number;
  delivered: number;
  dropped: number;
  failed: number;
}

/** One listener, with what it has not heard yet. */
class Subscription {
  readonly pattern: string;
  readonly #handler: Handler;
  readonly #options: InProcessBusOptions;
  readonly #counters: BusCounters;
  #queue: Envelope[] = [];
  #scheduled = false;
  #ended = false;

  constructor(
    pattern: string,
    handler: Handler,
    shared: { options: InProcessBusOptions; counters: BusCounters },
  ) {
    this.pattern = pattern;
    this.#handler = handler;
    this.#options = shared.options;
    this.#counters = shared.counters;
  }

  get queued(): number {
    return this.#queue.length;
  }

  wants(topic: string): boolean {
    const { pattern } = this;
    return pattern.endsWith("*") ? topic.startsWith(pattern.slice(0, -1)) : topic === pattern;
  }

  push(envelope: Envelope): void {
    this.#queue.push(envelope);
    if (this.#queue.length > this.#options.maxQueued) {
      this.#queue.shift();
      this.#counters.dropped += 1;
    }
    this.#schedule();
  }

  end(): void {
    this.#ended = true;
    this.#queue = [];
  }

  #schedule(): void {
    if (!this.#scheduled) {
      this.#scheduled = true;
      queueMicrotask(() => this.#deliver());
    }
  }

  /** What is published meanwhile waits for the next round, so that subscribers take turns. */
  #deliver(): void {
    this.#scheduled = false;
    const round = this.#queue;
    this.#queue = [];
    for (const { topic, message } of round) {
      if (this.#ended) {
        return;
      }
      this.#hand(topic, message);
    }
  }

  #hand(topic: string, message: BusMessage): void {
    try {
      this.#handler(topic, message);
      this.#counters.delivered += 1;
    } catch (error) {
      this.#counters.failed += 1;
      const { pattern } = this;
      this.#options.logger.warn("bus subscriber failed", { pattern, error });
    }
  }
}

/** Delivers in order, never within `publish`. */
export class InProcessBus implements Bus {
  readonly #options: InProcessBusOptions;
  readonly #subscriptions = new Set<Subscription>();
  readonly #counters: BusCounters = { published: 0, delivered: 0, dropped: 0, failed: 0 };
  #closed = false;

  constructor(options: InProcessBusOptions) {
    this.#options = options;
  }

  publish(topic: string, message: BusMessage): void {
    if (this.#closed) {
      return;
    }
    this.#counters.published += 1;
    const envelope = { topic, message };
    for (const subscription of this.#subscriptions) {
      if (subscription.wants(topic)) {
        subscription.push(envelope);
      }
    }
  }

  subscribe(pattern: string, handler: Handler): () => void {
    const shared = { options: this.#options, counters: this.#counters };
    const subscription = new Subscription(pattern, handler, shared);
    if (this.#closed) {
      subscription.end();
    } else {
      this.#subscriptions.add(subscription);
    }
    return () => {
      this.#subscriptions.delete(subscription);
      subscription.end();
    };
  }

  /** What was not delivered yet never is. */
  close(): Promise<void> {
    this.#closed = true;
    for (const subscription of this.#subscriptions) {
      subscription.end();
    }
    this.#subscriptions.clear();
    return Promise.resolve();
  }

  toJSON(): Readonly<Record<string, unknown>> {
    let queued = 0;
    for (const subscription of this.#subscriptions) {
      queued += subscription.queued;
    }
    return { subscribers: this.#subscriptions.size, queued, ...this.#counters };
  }
}
