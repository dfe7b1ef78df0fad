/** Keeps trying to open the link to the SIP server, with growing pauses. */
import { type Clock, sleep } from "../core/clock.ts";
import { GatewayError } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";

/** How long it is tried. */
export interface LinkRetryOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** No attempt begins after this; `undefined`: tried for ever, even with a secret that is refused. */
  readonly deadlineUs: number | undefined;
  /** Ends the pauses. */
  readonly signal: AbortSignal;
}

/** Pauses between attempts, in milliseconds; the last one is repeated. */
const PAUSES_MS = [100, 250, 500, 1000, 2000];
const LONGEST_PAUSE_MS = 5000;

/** Resolves when `open` did; rejects with its last error, or with the signal's reason. */
export async function openWithRetries(
  open: () => Promise<void>,
  { clock, logger, deadlineUs, signal }: LinkRetryOptions,
): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      await open();
      return;
    } catch (error) {
      const pauseMs = PAUSES_MS[attempt] ?? LONGEST_PAUSE_MS;
      if (deadlineUs !== undefined) {
        const refused = error instanceof GatewayError && error.details["refused"] === true;
        if (refused || clock.nowUs() + pauseMs * 1000 > deadlineUs) {
          throw error;
        }
      }
      logger.warn("SIP server not reached", { error, pauseMs });
      await sleep(clock, pauseMs, signal);
    }
  }
}
