/** The session timer of one dialog: when to refresh, when to give up. RFC 4028 section 10, Performing Refreshes. */
import type { Clock, Timer } from "../../core/clock.ts";
import { after } from "../../core/clock.ts";
import { SIP_LIMITS } from "./limits.ts";
import type { RunningSession } from "./session-expires.ts";

/** What a timer is made of. */
export interface SessionTimerOptions extends RunningSession {
  readonly clock: Clock;
  /** Half of the interval has passed and it is our turn. */
  onRefreshDue(): void;
  /** Nobody has refreshed the session. */
  onExpired(): void;
}

/** The peer's last refresh must have come this long before the end, or after two thirds of short sessions. */
const LAST_REFRESH_MS = 32_000;

/** Armed by {@link start}; a refreshed session gets a new timer. */
export class SessionTimer implements RunningSession {
  readonly seconds: number;
  readonly weRefresh: boolean;
  readonly #options: SessionTimerOptions;
  #refresh: Timer | undefined;
  #expiry: Timer | undefined;

  constructor(options: SessionTimerOptions) {
    this.seconds = options.seconds;
    this.weRefresh = options.weRefresh;
    this.#options = options;
  }

  start(): void {
    const { clock, onExpired } = this.#options;
    const intervalMs = this.seconds * 1000;
    if (intervalMs > SIP_LIMITS.longestSessionMs) {
      return;
    }
    if (this.weRefresh) {
      this.retryAfter(intervalMs / 2);
      this.#expiry = after(clock, intervalMs, onExpired);
    } else {
      const graceMs = Math.min(LAST_REFRESH_MS, intervalMs / 3);
      this.#expiry = after(clock, intervalMs - graceMs, onExpired);
    }
  }

  /** Asks for a refresh in `delayMs`, unless the session is refreshed or over before. */
  retryAfter(delayMs: number): void {
    this.#refresh?.cancel();
    const boundedMs = Math.min(delayMs, SIP_LIMITS.longestSessionMs);
    this.#refresh = after(this.#options.clock, boundedMs, () => this.#options.onRefreshDue());
  }

  /** Idempotent. */
  stop(): void {
    this.#refresh?.cancel();
    this.#expiry?.cancel();
  }
}
