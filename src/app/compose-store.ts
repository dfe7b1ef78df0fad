/** Builds the call store: the database, with a spool in front of it for the time it is down. */
import type { NoticeBoard } from "../assist/notice-board.ts";
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
  /** Where the pages of agents learn that it fails. */
  readonly notices: NoticeBoard;
}

const BUSY_TIMEOUT_MS = 200;
const RECORDS_IN_MEMORY = 1000;
const FIRST_RETRY_MS = 1000;
const MAX_RETRY_MS = 30_000;
const DOWN =
  "Call records cannot be written to the store: they are kept aside until it is back. Help goes on.";
const BACK = "Call records are written again, and those that were kept aside, too.";

/** Nothing is opened before `open`; the client of PostgreSQL is loaded only where it is the store. */
export async function composeStore(
  config: Config,
  { notices, ...parts }: StoreParts,
): Promise<CallStore> {
  const { store } = config;
  return new SpoolingStore({
    ...parts,
    inner: await innerStore(store, parts.logger),
    spoolFile: new DiskSpoolFile(store.kind === "postgres" ? store.spool : `${store.path}.spool`),
    onChange: (isDown) => notices.tell("store", !isDown, isDown ? DOWN : BACK),
    maxInMemory: RECORDS_IN_MEMORY,
    firstRetryMs: FIRST_RETRY_MS,
    maxRetryMs: MAX_RETRY_MS,
  });
}

async function innerStore(store: Config["store"], logger: Logger): Promise<CallStore> {
  if (store.kind === "sqlite") {
    return new SqliteStore({ path: store.path, busyTimeoutMs: BUSY_TIMEOUT_MS, logger });
  }
  const { PostgresStore } = await import("../store/postgres-store.ts");
  return new PostgresStore({ url: store.url, timeoutMs: store.timeoutMs, logger });
}
