/** Remembers answers of the domain name system for as long as they may be believed. */
import type { Clock } from "../../core/clock.ts";
import type { DnsAddress, DnsResolver, DnsService } from "./dns-resolver.ts";

/** For records that do not say how long they hold, and for names without any. */
const UNSAID_SECONDS = 30;
/** Longer is not believed: a peer that moved would be called in vain. */
const LONGEST_SECONDS = 300;
const ENTRIES = 1000;

interface Entry<T> {
  readonly value: T;
  readonly untilUs: number;
}

/** Asks the same question once at a time; a failed question is not remembered. */
class Memory<T> {
  readonly #entries = new Map<string, Entry<readonly T[]>>();
  readonly #asking = new Map<string, Promise<readonly T[]>>();
  readonly #clock: Clock;
  readonly #ask: (name: string) => Promise<readonly T[]>;
  readonly #ttlSeconds: (value: T) => number | undefined;

  constructor(
    clock: Clock,
    ask: (name: string) => Promise<readonly T[]>,
    ttlSeconds: (value: T) => number | undefined,
  ) {
    this.#clock = clock;
    this.#ask = ask;
    this.#ttlSeconds = ttlSeconds;
  }

  /** The last answer, however old. */
  last(name: string): readonly T[] | undefined {
    return this.#entries.get(name)?.value;
  }

  peek(name: string): readonly T[] | undefined {
    const entry = this.#entries.get(name);
    return entry !== undefined && entry.untilUs > this.#clock.nowUs() ? entry.value : undefined;
  }

  get(name: string): Promise<readonly T[]> {
    const known = this.peek(name);
    if (known !== undefined) {
      return Promise.resolve(known);
    }
    const asking = this.#asking.get(name) ?? this.#askAndKeep(name);
    this.#asking.set(name, asking);
    return asking;
  }

  async #askAndKeep(name: string): Promise<readonly T[]> {
    try {
      const value = await this.#ask(name);
      const seconds = value.map((one) => this.#ttlSeconds(one) ?? UNSAID_SECONDS);
      const ttlSeconds = value.length === 0 ? UNSAID_SECONDS : Math.min(...seconds);
      const heldUs = Math.min(Math.max(ttlSeconds, 1), LONGEST_SECONDS) * 1_000_000;
      this.#entries.delete(name);
      this.#entries.set(name, { value, untilUs: this.#clock.nowUs() + heldUs });
      this.#forgetOldest();
      return value;
    } finally {
      this.#asking.delete(name);
    }
  }

  #forgetOldest(): void {
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > ENTRIES && oldest !== undefined) {
      this.#entries.delete(oldest);
    }
  }
}

/** Both kinds of records, by name. */
export class DnsCache {
  readonly addresses: Memory<DnsAddress>;
  readonly services: Memory<DnsService>;

  constructor(clock: Clock, resolver: DnsResolver) {
    this.addresses = new Memory(
      clock,
      (host) => resolver.addresses(host),
      ({ ttlSeconds }) => ttlSeconds,
    );
    this.services = new Memory(
      clock,
      (name) => resolver.services(name),
      () => undefined,
    );
  }
}
