/** Waits for a model to take audio, or for the reason why it does not. */
import { after, type Clock } from "../core/clock.ts";
import { GatewayError } from "../core/errors.ts";

/** One wait: settled by the first of readiness, failure, the end of the call, and time. */
export class Readiness {
  readonly #clock: Clock;
  #settle: ((failure: GatewayError | undefined) => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get awaited(): boolean {
    return this.#settle !== undefined;
  }

  /** Rejects with the failure, with SIP_INVITATION_ENDED, or with MODEL_CONNECT_FAILED after `timeoutMs`. */
  wait(signal: AbortSignal, timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (failure: GatewayError | undefined): void => {
        this.#settle = undefined;
        timer.cancel();
        signal.removeEventListener("abort", onAbort);
        if (failure === undefined) {
          resolve();
        } else {
          reject(failure);
        }
      };
      const onAbort = (): void => settle(new GatewayError("SIP_INVITATION_ENDED"));
      this.#settle = settle;
      signal.addEventListener("abort", onAbort, { once: true });
      const timer = after(this.#clock, timeoutMs, () =>
        settle(new GatewayError("MODEL_CONNECT_FAILED", { reason: "not ready in time" })),
      );
      if (signal.aborted) {
        onAbort();
      }
    });
  }

  /** Does nothing when nobody waits. */
  settle(failure?: GatewayError): void {
    this.#settle?.(failure);
  }
}
