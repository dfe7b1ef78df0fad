/** Tells who was not let in: each of the first, then how many more, so that a flood does not fill the disk. */
import { after, type Clock, type Timer } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { DeciderName } from "./admission-deciders.ts";

/** One refusal. */
export interface RefusalNote {
  readonly decider: DeciderName;
  readonly outcome: "refused" | "challenged" | "dropped";
  readonly code: string;
  readonly why: string;
  readonly method: string;
  readonly source: string;
  readonly trunk: string | undefined;
}

interface Window {
  written: number;
  omitted: number;
}

/** Anybody may send any word as a method. */
const METHOD = /^[A-Z]{3,9}$|^unread$/;
const WINDOW_MS = 10_000;
/** Lines of one decider in one window. */
const LINES_PER_WINDOW = 5;

/** Bounded by the deciders; a timer runs only while something was left out or may be. */
export class AdmissionLog {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #windows = new Map<DeciderName, Window>();
  #timer: Timer | undefined;

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  note({ why, method, ...refusal }: RefusalNote): void {
    const window = this.#windows.get(refusal.decider) ?? { written: 0, omitted: 0 };
    this.#windows.set(refusal.decider, window);
    this.#timer ??= after(this.#clock, WINDOW_MS, () => this.#turn());
    if (window.written < LINES_PER_WINDOW) {
      window.written += 1;
      this.#logger.info("request not admitted", {
        ...refusal,
        method: METHOD.test(method) ? method : "other",
        reason: why,
      });
    } else {
      window.omitted += 1;
    }
  }

  /** Tells what was left out. */
  close(): void {
    this.#timer?.cancel();
    this.#turn();
  }

  #turn(): void {
    this.#timer = undefined;
    for (const [decider, { omitted }] of this.#windows) {
      if (omitted > 0) {
        this.#logger.info("more requests not admitted", { decider, requests: omitted });
      }
    }
    this.#windows.clear();
  }
}
