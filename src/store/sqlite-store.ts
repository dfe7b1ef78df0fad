/** The call store in one SQLite file, used by this process alone. */
import { Kysely, SqliteDialect } from "kysely";
import type Database from "libsql";
import { GatewayError } from "../core/errors.ts";
import type { CallId } from "../core/ids.ts";
import type { Logger } from "../core/logger.ts";
import type { CallFilter, CallPage, CallRecord, CallStore } from "../ports/call-store.ts";
import { CallTable, migrate } from "./call-table.ts";
import type { CallTables } from "./migrations.ts";
import { closeSqliteFile, fileIdentity, openSqliteFile } from "./sqlite-file.ts";
import { causeCode, storeFailure } from "./store-failure.ts";

/** Where the file is. */
export interface SqliteStoreOptions {
  /** The database file; it and its folder are made when missing, readable by this user only. */
  readonly path: string;
  /** How long opening waits for another process to let go of the file; blocks the event loop. */
  readonly busyTimeoutMs: number;
  readonly logger: Logger;
}

/**
 * libsql works synchronously: a write blocks the event loop for well under a millisecond.
 * The file is locked for as long as it is open, so that a second gateway on it is refused at its start.
 */
export class SqliteStore implements CallStore {
  readonly #options: SqliteStoreOptions;
  #table: CallTable | undefined;
  #file: Database.Database | undefined;
  /** Of the file that was opened last; `undefined` after closing. */
  #identity: string | undefined;
  #reopening: Promise<void> | undefined;
  #saved = 0;

  constructor(options: SqliteStoreOptions) {
    this.#options = options;
  }

  /** May be called again after it rejected. */
  async open(): Promise<void> {
    if (this.#table !== undefined) {
      return;
    }
    const { path, busyTimeoutMs } = this.#options;
    try {
      const file = await openSqliteFile(path, busyTimeoutMs);
      this.#file = file;
      const dialect = new SqliteDialect({ database: file });
      const database = new Kysely<CallTables>({ dialect });
      await migrate(database);
      this.#identity = await fileIdentity(path);
      this.#table = new CallTable(database, this.#options.logger);
    } catch (error) {
      this.#release();
      throw storeFailure(error, path);
    }
  }

  async saveCall(record: CallRecord): Promise<void> {
    await this.#followPath();
    await this.#use((table) => table.save(record));
    this.#saved += 1;
  }

  findCall(callId: CallId): Promise<CallRecord | undefined> {
    return this.#use((table) => table.find(callId));
  }

  listCalls(filter: CallFilter, limit: number, cursor?: string): Promise<CallPage> {
    return this.#use((table) => table.list(filter, limit, cursor));
  }

  close(): Promise<void> {
    this.#identity = undefined;
    this.#release();
    return Promise.resolve();
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return {
      kind: "sqlite",
      path: this.#options.path,
      open: this.#table !== undefined,
      saved: this.#saved,
      unreadable: this.#table?.unreadable ?? 0,
    };
  }

  /**
   * SQLite goes on writing to a file that was deleted or moved away, where nobody would see the records again.
   * The old file stays open while a folder is in the way, because its lock outlives its closing.
   */
  async #followPath(): Promise<void> {
    const { path, logger } = this.#options;
    if (this.#identity === undefined) {
      return;
    }
    const identity = await fileIdentity(path).catch((error: unknown) => {
      throw storeFailure(error, path);
    });
    if (this.#table !== undefined && this.#identity === identity) {
      return;
    }
    if (this.#table !== undefined && this.#reopening === undefined) {
      logger.error("store file was moved or deleted", { code: "STORE_FAILED", path });
      this.#release();
    }
    this.#reopening ??= this.open().finally(() => {
      this.#reopening = undefined;
    });
    await this.#reopening;
  }

  #release(): void {
    const file = this.#file;
    this.#file = undefined;
    this.#table = undefined;
    try {
      if (file !== undefined) {
        closeSqliteFile(file);
      }
    } catch (error) {
      const { path, logger } = this.#options;
      logger.warn("store file could not be tidied up", { path, cause: causeCode(error) });
    }
  }

  async #use<T>(work: (table: CallTable) => Promise<T>): Promise<T> {
    const { path } = this.#options;
    if (this.#table === undefined) {
      throw new GatewayError("STORE_FAILED", { path, reason: "the store is not open" });
    }
    try {
      return await work(this.#table);
    } catch (error) {
      throw storeFailure(error, path);
    }
  }
}
