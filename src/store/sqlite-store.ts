/** The call store in one SQLite file, used by this process alone. */
import { Kysely, Migrator, SqliteDialect, sql } from "kysely";
import type Database from "libsql";
import { codeOf, GatewayError } from "../core/errors.ts";
import type { CallId } from "../core/ids.ts";
import type { Logger } from "../core/logger.ts";
import type { CallFilter, CallPage, CallRecord, CallStore } from "../ports/call-store.ts";
import { conditions, toRow } from "./call-rows.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import { type CallRow, type CallTables, migrations } from "./migrations.ts";
import { decodeRecord } from "./record-codec.ts";
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
  #database: Kysely<CallTables> | undefined;
  #file: Database.Database | undefined;
  /** Of the file that was opened last; `undefined` after closing. */
  #identity: string | undefined;
  #reopening: Promise<void> | undefined;
  #saved = 0;
  #unreadable = 0;

  constructor(options: SqliteStoreOptions) {
    this.#options = options;
  }

  /** May be called again after it rejected. */
  async open(): Promise<void> {
    if (this.#database !== undefined) {
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
      this.#database = database;
    } catch (error) {
      this.#release();
      throw storeFailure(error, path);
    }
  }

  async saveCall(record: CallRecord): Promise<void> {
    await this.#followPath();
    const { call_id, ...rest } = toRow(record);
    await this.#use((database) =>
      database
        .insertInto("calls")
        .values({ call_id, ...rest })
        .onConflict((conflict) => conflict.column("call_id").doUpdateSet(rest))
        .execute(),
    );
    this.#saved += 1;
  }

  async findCall(callId: CallId): Promise<CallRecord | undefined> {
    const row = await this.#use((database) =>
      database
        .selectFrom("calls")
        .select("record")
        .where("call_id", "=", callId)
        .executeTakeFirst(),
    );
    return row === undefined ? undefined : decodeRecord(row.record);
  }

  /**
   * The page is chosen by index before any record is read: sorting would carry whole records along.
   * A record that cannot be read is left out, counted and logged: one bad row does not hide the others.
   */
  async listCalls(filter: CallFilter, limit: number, cursor?: string): Promise<CallPage> {
    const after = cursor === undefined ? undefined : decodeCursor(cursor);
    const rows = await this.#use((database) =>
      database
        .selectFrom("calls")
        .select(["call_id", "started_at_ms", "record"])
        .where("call_id", "in", (query) =>
          query
            .selectFrom("calls")
            .select("call_id")
            .where((where) => conditions(where, filter))
            .$if(after !== undefined, (later) =>
              later.where(
                sql<boolean>`(started_at_ms, call_id) < (${after?.startedAtMs}, ${after?.callId})`,
              ),
            )
            .orderBy("started_at_ms", "desc")
            .orderBy("call_id", "desc")
            .limit(limit + 1),
        )
        .orderBy("started_at_ms", "desc")
        .orderBy("call_id", "desc")
        .execute(),
    );
    const page = rows.slice(0, limit);
    const last = rows.length > limit ? page.at(-1) : undefined;
    return {
      records: page.flatMap((row) => this.#readable(row)),
      nextCursor:
        last === undefined
          ? undefined
          : encodeCursor({ startedAtMs: last.started_at_ms, callId: last.call_id }),
    };
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
      open: this.#database !== undefined,
      saved: this.#saved,
      unreadable: this.#unreadable,
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
    if (this.#database !== undefined && this.#identity === identity) {
      return;
    }
    if (this.#database !== undefined && this.#reopening === undefined) {
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
    this.#database = undefined;
    try {
      if (file !== undefined) {
        closeSqliteFile(file);
      }
    } catch (error) {
      const { path, logger } = this.#options;
      logger.warn("store file could not be tidied up", { path, cause: causeCode(error) });
    }
  }

  async #use<T>(work: (database: Kysely<CallTables>) => Promise<T>): Promise<T> {
    const { path } = this.#options;
    if (this.#database === undefined) {
      throw new GatewayError("STORE_FAILED", { path, reason: "the store is not open" });
    }
    try {
      return await work(this.#database);
    } catch (error) {
      throw storeFailure(error, path);
    }
  }

  #readable(row: Pick<CallRow, "call_id" | "record">): CallRecord[] {
    try {
      return [decodeRecord(row.record)];
    } catch (error) {
      this.#unreadable += 1;
      this.#options.logger.error("call record cannot be read", {
        callId: row.call_id,
        code: codeOf(error),
      });
      return [];
    }
  }
}

async function migrate(database: Kysely<CallTables>): Promise<void> {
  const { error, results } = await new Migrator({
    db: database,
    provider: migrations,
  }).migrateToLatest();
  if (error === undefined) {
    return;
  }
  const own = typeof (error as { code?: unknown }).code === "string";
  throw own
    ? error
    : Object.assign(new Error("migration failed", { cause: error }), {
        code: "TRUNKLINE_MIGRATION",
        results,
      });
}
