/** Bounds a rate: a bucket that fills steadily, and one that many share by their source address. */
import { BoundedMap } from "../core/bounded-map.ts";
import type { Clock } from "../core/clock.ts";
import { addressBytes } from "../core/network.ts";

/** What may pass. */
export interface Rate {
  readonly perSecond: number;
  /** How much may pass at once after a pause; at least 1. */
  readonly burst: number;
}

const US_PER_SECOND = 1_000_000;
/** Sources that are remembered; of more, those seen least recently start anew. */
const MAX_SOURCES = 10_000;
/** A host may choose any address of its IPv6 network (RFC 6177 "IPv6 Address Assignment to End Sites"). */
const IPV6_SITE_BYTES = 8;

/** Full at first. */
export class TokenBucket {
  readonly #rate: Rate;
  #tokens: number;
  #atUs: number;

  constructor(rate: Rate, nowUs: number) {
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#atUs = nowUs;
  }

  /** Whether one more may pass. */
  holds(nowUs: number): boolean {
    const { perSecond, burst } = this.#rate;
    const refill = ((nowUs - this.#atUs) * perSecond) / US_PER_SECOND;
    this.#tokens = Math.min(burst, this.#tokens + refill);
    this.#atUs = nowUs;
    return this.#tokens >= 1;
  }

  /** Takes one; `false`, and nothing taken, when there is none. */
  take(nowUs: number): boolean {
    const taken = this.holds(nowUs);
    this.#tokens -= taken ? 1 : 0;
    return taken;
  }
}

/** One bucket for each source, within bounds. */
export class SourceBuckets {
  readonly #clock: Clock;
  readonly #rate: Rate;
  readonly #buckets = new BoundedMap<string, TokenBucket>(MAX_SOURCES);

  constructor(clock: Clock, rate: Rate) {
    this.#clock = clock;
    this.#rate = rate;
  }

  /** How many sources are remembered. */
  get size(): number {
    return this.#buckets.size;
  }

  holds(address: string): boolean {
    const bucket = this.#buckets.get(siteOf(address));
    return bucket === undefined || bucket.holds(this.#clock.nowUs());
  }

  take(address: string): boolean {
    const site = siteOf(address);
    const nowUs = this.#clock.nowUs();
    let bucket = this.#buckets.get(site);
    if (bucket === undefined) {
      bucket = new TokenBucket(this.#rate, nowUs);
      this.#buckets.set(site, bucket);
    }
    return bucket.take(nowUs);
  }
}

/** An IPv4 address, or the /64 of an IPv6 address. */
function siteOf(address: string): string {
  if (!address.includes(":")) {
    return address;
  }
  return addressBytes(address)?.subarray(0, IPV6_SITE_BYTES).join(".") ?? address;
}
