/** Time as the gateway sees it: an injected clock, and the system clock, the only place real timers appear. */

/** A timer that was armed; cancelling twice, or after it fired, does nothing. */
export interface Timer {
  cancel(): void;
}

/** The source of all time. Production uses {@link SystemClock}; tests use a virtual one. */
export interface Clock {
  /** Microseconds on a monotonic scale with an arbitrary origin. Never runs backwards. */
  nowUs(): number;
  /** Milliseconds since 1970-01-01 UTC, for records that people read. */
  wallMs(): number;
  /**
   * Runs `callback` once, when `nowUs() >= dueUs`; a time already past fires on the next turn, never synchronously.
   * Timers fire in order of their due time, then of arming.
   */
  at(dueUs: number, callback: () => void): Timer;
  /** Timers armed and not yet fired or cancelled: zero after the last close, or something leaked. */
  readonly pending: number;
}

/** Arms a timer `delayMs` from now. */
export function after(clock: Clock, delayMs: number, callback: () => void): Timer {
  return clock.at(clock.nowUs() + delayMs * 1000, callback);
}

/** Resolves after `delayMs`, or rejects with the signal's reason when it aborts first. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = (): void => {
      timer.cancel();
      reject(signal?.reason);
    };
    const timer = after(clock, delayMs, () => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    });
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

/** The machine's clock: `process.hrtime` for intervals, `Date` for wall time, Node timers to wake up. */
export class SystemClock implements Clock {
  #pending = 0;

  get pending(): number {
    return this.#pending;
  }

  nowUs(): number {
    return performance.now() * 1000;
  }

  wallMs(): number {
    return Date.now();
  }

  at(dueUs: number, callback: () => void): Timer {
    let armed = true;
    const disarm = (): void => {
      if (armed) {
        armed = false;
        this.#pending -= 1;
      }
    };
    const delayMs = Math.max(0, (dueUs - this.nowUs()) / 1000);
    const handle = setTimeout(() => {
      disarm();
      callback();
    }, delayMs);
    this.#pending += 1;
    return {
      cancel: () => {
        clearTimeout(handle);
        disarm();
      },
    };
  }
}
