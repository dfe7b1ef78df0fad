/** Collects the keys that a contact flow presses when its call is answered: a code of a known length, within a time. */
import { after, type Clock, type Timer } from "../../core/clock.ts";

/** How long a code is, and how long it may take. */
export interface CodePlan {
  readonly digits: number;
  readonly waitMs: number;
}

/** One code; used once. */
export class DigitCode {
  readonly #clock: Clock;
  readonly #plan: CodePlan;
  #digits = "";
  #timer: Timer | undefined;
  #settle: ((code: string | undefined) => void) | undefined;

  constructor(clock: Clock, plan: CodePlan) {
    this.#clock = clock;
    this.#plan = plan;
  }

  get awaited(): boolean {
    return this.#settle !== undefined;
  }

  /** `undefined`: no whole code came in time, or the call is over. */
  wait(signal: AbortSignal): Promise<string | undefined> {
    return new Promise((resolve) => {
      const onAbort = (): void => this.#end(undefined);
      this.#settle = (code) => {
        this.#settle = undefined;
        this.#timer?.cancel();
        signal.removeEventListener("abort", onAbort);
        resolve(code);
      };
      signal.addEventListener("abort", onAbort, { once: true });
      this.#timer = after(this.#clock, this.#plan.waitMs, onAbort);
      if (signal.aborted) {
        onAbort();
      }
    });
  }

  /** Keys that are no digits, as `#` behind the code, are passed over. */
  press(digit: string): void {
    if (/^\d$/.test(digit)) {
      this.#digits += digit;
    }
    if (this.#digits.length >= this.#plan.digits) {
      this.#end(this.#digits);
    }
  }

  #end(code: string | undefined): void {
    this.#settle?.(code);
  }
}
