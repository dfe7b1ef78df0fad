/** Builds what the assist socket hands out, and its bounds. */
import { AssistHub } from "../api/assist/assist-hub.ts";
import { AssistLog } from "../api/assist/assist-log.ts";
import type { AssistSocketOptions } from "../api/options.ts";
import type { Clock } from "../core/clock.ts";
import type { Metrics } from "../core/metrics.ts";
import type { Random } from "../core/random.ts";
import type { Bus } from "../ports/bus.ts";
import type { CallDirectory } from "../ports/call-directory.ts";
import type { Config } from "./config.ts";

/** What the socket runs on. */
export interface AssistSocketParts {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: Metrics;
  /** The calls of this node, whose roles may be corrected. */
  readonly directory: Pick<CallDirectory, "correctRole">;
}

const SECRET_BYTES = 32;
const MAX_CALLS = 5000;
const MAX_EVENTS_A_CALL = 5000;
const MAX_CHARS_A_CALL = 2 * 1024 * 1024;
const MAX_TOTAL_CHARS = 64 * 1024 * 1024;
const KEEP_SILENT_MS = 2 * 3600 * 1000;
const MAX_SUBSCRIPTIONS = 32;
const MAX_BUFFERED_BYTES = 256 * 1024;
const IDLE_MS = 60_000;
const HEARTBEAT_MS = 15_000;

/** It listens to the bus from now on; the API closes it. */
export function composeAssistSocket(
  config: Pick<Config, "assist" | "bus">,
  { bus, clock, random, metrics, directory }: AssistSocketParts,
): AssistSocketOptions {
  const { assist } = config;
  const hasOtherNodes = config.bus.kind === "redis";
  const log = new AssistLog({
    bus,
    clock,
    metrics,
    maxCalls: MAX_CALLS,
    maxEvents: MAX_EVENTS_A_CALL,
    maxChars: MAX_CHARS_A_CALL,
    maxTotalChars: MAX_TOTAL_CHARS,
    keepEndedMs: assist.keepSeconds * 1000,
    keepSilentMs: KEEP_SILENT_MS,
  });
  const limits = {
    maxConnections: assist.maxConnections,
    maxSubscriptions: MAX_SUBSCRIPTIONS,
    maxBufferedBytes: MAX_BUFFERED_BYTES,
    idleMs: IDLE_MS,
    heartbeatMs: HEARTBEAT_MS,
  };
  const hub = new AssistHub({ log, bus, clock, metrics, limits, directory, hasOtherNodes });
  hub.start();
  const tokenSecret = assist.tokenSecret ?? random.hex(SECRET_BYTES);
  return { hub, tokenSecret, origins: assist.origins, ccp: assist.ccp };
}
