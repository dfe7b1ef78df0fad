/** What becomes of a re-INVITE that met one of the peer's: it waits a little, and is sent again. */
import { type Clock, sleep } from "../core/clock.ts";
import { GatewayError } from "../core/errors.ts";
import type { Random } from "../core/random.ts";

/** Both sides drew lots this often before one gives up. */
const ATTEMPTS = 4;

/** What the waiting depends on. */
export interface GlareOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Whether we placed the call, and so chose its Call-ID. */
  readonly placedByUs: boolean;
  /** Ends the waiting; the next attempt then says why it cannot be made. */
  readonly signal: AbortSignal;
}

/** Repeats what is refused with 491 (RFC 3261 "UAC Behavior" of re-INVITE); rejects as the last attempt does. */
export async function outlastGlare<T>(
  attempt: () => Promise<T>,
  options: GlareOptions,
): Promise<T> {
  for (let made = 1; ; made += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (made === ATTEMPTS || !isGlare(error)) {
        throw error;
      }
    }
    await sleep(options.clock, waitMs(options), options.signal).catch(() => undefined);
  }
}

function isGlare(error: unknown): boolean {
  return error instanceof GatewayError && error.details["status"] === 491;
}

/** In steps of 10 ms: 2.1 to 4 s for the side that chose the Call-ID, 0 to 2 s for the other. */
function waitMs({ random, placedByUs }: GlareOptions): number {
  return placedByUs ? 2100 + (random.uint32() % 191) * 10 : (random.uint32() % 201) * 10;
}
