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
  options: LinkRetryOptions,
): Promise<void> {
  const { clock, logger, signal } = options;
  let reasonBefore: unknown;
  for (let attempt = 0; ; attempt += 1) {
    try {
      await open();
      return;
    } catch (error) {
      const pauseMs = PAUSES_MS[attempt] ?? LONGEST_PAUSE_MS;
      if (isLast(error, pauseMs, options)) {
        throw error;
      }
      const { reason } = detailsOf(error);
      if (reason !== reasonBefore) {
        reasonBefore = reason;
        logger.warn("SIP server not reached, trying again", { reason });
      }
      await sleep(clock, pauseMs, signal);
    }
  }
}

function isLast(error: unknown, pauseMs: number, { clock, deadlineUs }: LinkRetryOptions): boolean {
  if (deadlineUs === undefined) {
    return false;
  }
  const isLate = clock.nowUs() + pauseMs * 1000 > deadlineUs;
  return isLate || detailsOf(error)["setting"] !== undefined;
}

function detailsOf(error: unknown): Readonly<Record<string, unknown>> {
  return error instanceof GatewayError ? error.details : {};
}
