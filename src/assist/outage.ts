/** Whether a service is there: it fails, is tried again with growing pauses, and comes back, whoever finds out first. */
import { after, type Clock, type Timer } from "../core/clock.ts";

/** How to find out. */
export interface OutageOptions {
  readonly clock: Clock;
  /** The pause before the first try; doubles up to `maxRetryMs`. */
  readonly firstRetryMs: number;
  readonly maxRetryMs: number;
  /** Whether the service answers now; MUST NOT reject. */
  readonly probe: () => Promise<boolean>;
  /** Told once for each change. */
  readonly onChange: (isDown: boolean) => void;
}

/** Armed only while the service is down, until `close`. */
export class Outage {
  readonly #options: OutageOptions;
  #isDown = false;
  #retryMs = 0;
  #retry: Timer | undefined;
  #closed = false;

  constructor(options: OutageOptions) {
    this.#options = options;
  }

  get isDown(): boolean {
    return this.#isDown;
  }

  /** The service did not answer. */
  fail(): void {
    if (this.#isDown || this.#closed) {
      return;
    }
    this.#isDown = true;
    this.#retryMs = this.#options.firstRetryMs;
    this.#arm();
    this.#options.onChange(true);
  }

  /** The service answered. */
  recover(): void {
    if (this.#isDown) {
      this.#isDown = false;
      this.#retry?.cancel();
      this.#retry = undefined;
      this.#options.onChange(false);
    }
  }

  close(): void {
    this.#closed = true;
    this.#retry?.cancel();
    this.#retry = undefined;
  }

  #arm(): void {
    const { clock, maxRetryMs } = this.#options;
    this.#retry = after(clock, this.#retryMs, () => void this.#try());
    this.#retryMs = Math.min(this.#retryMs * 2, maxRetryMs);
  }

  async #try(): Promise<void> {
    const isBack = await this.#options.probe();
    if (this.#closed || !this.#isDown) {
      return;
    }
    if (isBack) {
      this.recover();
    } else {
      this.#arm();
    }
  }
}
