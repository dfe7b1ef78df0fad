/** Warns before a session ends by itself, where the service says when that is. */
import { after, type Clock, type Timer } from "../core/clock.ts";

/** The warning comes so long before the end, or at once when less is left. */
const WARNING_MS = 60_000;
/** What `after` can wait for, with room to spare; a session that ends later than that needs no warning. */
const MAX_WAIT_MS = 24 * 60 * 60_000;

/** The end of one session. */
export class ModelExpiry {
  readonly #clock: Clock;
  readonly #onExpiring: (remainingMs: number) => void;
  #timer: Timer | undefined;
  #endsAtMs: number | undefined;

  constructor(clock: Clock, onExpiring: (remainingMs: number) => void) {
    this.#clock = clock;
    this.#onExpiring = onExpiring;
  }

  /** @param expiresAtS Unix time of the end, in seconds; the last one holds. */
  set(expiresAtS: number): void {
    const endsAtMs = expiresAtS * 1000;
    if (this.#endsAtMs === endsAtMs) {
      return;
    }
    this.stop();
    this.#endsAtMs = endsAtMs;
    const remainingMs = endsAtMs - this.#clock.wallMs();
    // The end of a clock that disagrees with ours by more than a session's length tells nothing.
    if (remainingMs > 0 && remainingMs <= MAX_WAIT_MS) {
      const delayMs = Math.max(0, remainingMs - WARNING_MS);
      this.#timer = after(this.#clock, delayMs, () => this.#warn(endsAtMs));
    }
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #warn(endsAtMs: number): void {
    this.#timer = undefined;
    this.#onExpiring(Math.max(0, Math.round(endsAtMs - this.#clock.wallMs())));
  }
}
