/** How late ticks are: a histogram with fixed buckets, so that counting costs no memory. */

/** Upper bounds in milliseconds; one more bucket holds what is above the last. */
export const LATENESS_BUCKETS_MS: readonly number[] = [
  0.25, 0.5, 1, 2, 3, 5, 7.5, 10, 15, 20, 30, 50, 75, 100, 200, 500, 1000,
];

/** Counts lateness per bucket. */
export class LatenessHistogram {
  readonly #counts = new Float64Array(LATENESS_BUCKETS_MS.length + 1);
  #total = 0;
  #sumMs = 0;
  #maxMs = 0;

  add(lateUs: number): void {
    const lateMs = lateUs / 1000;
    let bucket = 0;
    while (
      bucket < LATENESS_BUCKETS_MS.length &&
      lateMs > (LATENESS_BUCKETS_MS[bucket] as number)
    ) {
      bucket += 1;
    }
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1;
    this.#total += 1;
    this.#sumMs += lateMs;
    this.#maxMs = Math.max(this.#maxMs, lateMs);
  }

  /** The upper bound of the bucket that holds this fraction (0 … 1) of all ticks; 0 before the first. */
  quantileMs(fraction: number): number {
    const wanted = this.#total * fraction;
    let seen = 0;
    for (let bucket = 0; bucket < LATENESS_BUCKETS_MS.length; bucket += 1) {
      seen += this.#counts[bucket] as number;
      if (seen >= wanted) {
        return this.#total === 0 ? 0 : Math.min(this.#maxMs, LATENESS_BUCKETS_MS[bucket] as number);
      }
    }
    return this.#maxMs;
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return {
      bucketsMs: LATENESS_BUCKETS_MS,
      counts: Array.from(this.#counts),
      count: this.#total,
      sumMs: this.#sumMs,
      maxMs: this.#maxMs,
      p50Ms: this.quantileMs(0.5),
      p99Ms: this.quantileMs(0.99),
    };
  }
}
