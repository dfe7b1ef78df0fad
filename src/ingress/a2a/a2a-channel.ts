/** Whether the customer's channel is connected: nothing is said before Connect reports that it is (CHANNEL_STATE READY). */
import { after, type Clock } from "../../core/clock.ts";
import { GatewayError } from "../../core/errors.ts";

/** Connect has so long after our answer. */
const READY_MS = 30_000;

/** Of one session. */
export class A2aChannel {
  #ready = false;
  #onReady: (() => void) | undefined;

  /** Connect says so; it may before it is waited for. */
  ready(): void {
    this.#ready = true;
    this.#onReady?.();
  }

  /** Rejects with A2A_PROTOCOL when it takes too long, or with the signal's reason. */
  wait(clock: Clock, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => settle(() => reject(signal.reason));
      const settle = (act: () => void): void => {
        limit.cancel();
        signal.removeEventListener("abort", onAbort);
        act();
      };
      const reason = "the channel did not become ready";
      const limit = after(clock, READY_MS, () =>
        settle(() => reject(new GatewayError("A2A_PROTOCOL", { reason }))),
      );
      signal.addEventListener("abort", onAbort, { once: true });
      this.#onReady = () => settle(resolve);
      if (this.#ready) {
        this.#onReady();
      }
    });
  }
}
