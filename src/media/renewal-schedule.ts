/** When the successor of a session is due: so early that it need not be hurried, so late that it is seldom in vain. */

/** From here on a pause is used, which every conversation has within a minute; of a short session, its last quarter. */
const PREPARE_MS = 60_000;
const PREPARE_SHARE = 1 / 4;
/** From here on no pause is waited for: opening, and opening once more, must fit in. */
const PRESS_MS = 20_000;
const PRESS_SHARE = 1 / 8;
/** Now or never: clocks differ, and a provider may count from its own beginning. */
const FORCE_MS = 5000;
const FORCE_SHARE = 1 / 16;

/**
 * `early`: nothing to do. `prepare`: a successor is opened and takes over in a pause. `press`: it is opened at once, and may
 * take over while the caller speaks. `force`: it takes over, whatever happens.
 */
export type RenewalStage = "early" | "prepare" | "press" | "force";

/** The end of one session. Times are microseconds of the clock. */
export class RenewalSchedule {
  #prepareUs = Number.POSITIVE_INFINITY;
  #pressUs = Number.POSITIVE_INFINITY;
  #forceUs = Number.POSITIVE_INFINITY;

  /** @param maxSessionMs as in the capabilities. */
  constructor(openedUs: number, maxSessionMs: number | undefined) {
    if (maxSessionMs !== undefined) {
      this.#plan(openedUs + maxSessionMs * 1000, {
        prepareMs: Math.min(PREPARE_MS, maxSessionMs * PREPARE_SHARE),
        pressMs: Math.min(PRESS_MS, maxSessionMs * PRESS_SHARE),
        forceMs: Math.min(FORCE_MS, maxSessionMs * FORCE_SHARE),
      });
    }
  }

  /** The provider says when the session ends: there is no more time than that. */
  onExpiring(nowUs: number, remainingMs: number): void {
    this.#plan(nowUs + remainingMs * 1000, {
      prepareMs: remainingMs,
      pressMs: Math.min(PRESS_MS, remainingMs / 2),
      forceMs: Math.min(FORCE_MS, remainingMs / 4),
    });
  }

  /** Whether a successor is due within `leadMs`. */
  isNear(nowUs: number, leadMs: number): boolean {
    return nowUs >= this.#prepareUs - leadMs * 1000;
  }

  stage(nowUs: number): RenewalStage {
    if (nowUs < this.#prepareUs) {
      return "early";
    }
    if (nowUs < this.#pressUs) {
      return "prepare";
    }
    return nowUs < this.#forceUs ? "press" : "force";
  }

  #plan(endUs: number, margins: { prepareMs: number; pressMs: number; forceMs: number }): void {
    this.#prepareUs = endUs - margins.prepareMs * 1000;
    this.#pressUs = endUs - margins.pressMs * 1000;
    this.#forceUs = endUs - margins.forceMs * 1000;
  }
}
