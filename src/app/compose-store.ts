/** Builds the call store: the database, with a spool in front of it for the time it is down. */
import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { Metrics } from "../core/metrics.ts";
import type { CallStore } from "../ports/call-store.ts";
import { DiskSpoolFile } from "../store/spool-file.ts";
import { SpoolingStore } from "../store/spooling-store.ts";
import { SqliteStore } from "../store/sqlite-store.ts";
import type { Config } from "./config.ts";

/** What the store runs on. */
export interface StoreParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

const DEFAULT_PATH = "./data/trunkline.db";
const BUSY_TIMEOUT_MS = 200;
const RECORDS_IN_MEMORY = 1000;
const FIRST_RETRY_MS = 1000;
const MAX_RETRY_MS = 30_000;

/** Nothing is opened before `open`. */
export function composeStore(config: Config, parts: StoreParts): CallStore {
  const path = config.store.kind === "sqlite" ? config.store.path : DEFAULT_PATH;
  return new SpoolingStore({
    ...parts,
    inner: new SqliteStore({ path, busyTimeoutMs: BUSY_TIMEOUT_MS, logger: parts.logger }),
    spoolFile: new DiskSpoolFile(`${path}.spool`),
    maxInMemory: RECORDS_IN_MEMORY,
    firstRetryMs: FIRST_RETRY_MS,
    maxRetryMs: MAX_RETRY_MS,
  });
}
