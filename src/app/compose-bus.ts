/** Builds the bus: within the process, or over Redis to the other nodes. */
import { InProcessBus } from "../bus/in-process-bus.ts";
import { SharedBus } from "../bus/shared-bus.ts";
import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { Random } from "../core/random.ts";
import type { Bus } from "../ports/bus.ts";
import type { Config } from "./config.ts";

/** What the bus runs on. */
export interface BusParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

const QUEUE = 1000;
const MAX_WAITING = 5000;
const MAX_WAITING_CHARS = 8 * 1024 * 1024;
/** Longer than the others take to find Redis again. */
const RESUME_MS = 1500;

/** It is open; a Redis that is not there is looked for until it is. Its client is loaded only where it is the bus. */
export async function composeBus({ bus }: Pick<Config, "bus">, parts: BusParts): Promise<Bus> {
  const { logger } = parts;
  if (bus.kind === "memory") {
    return new InProcessBus({ logger, maxQueued: QUEUE });
  }
  const { RedisLink } = await import("../bus/redis-link.ts");
  const shared = new SharedBus({
    ...parts,
    link: new RedisLink({ url: bus.url, channel: bus.channel, logger }),
    node: parts.random.hex(8),
    maxQueued: QUEUE,
    maxWaiting: MAX_WAITING,
    maxWaitingChars: MAX_WAITING_CHARS,
    resumeMs: RESUME_MS,
  });
  shared.start();
  return shared;
}
