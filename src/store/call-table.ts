/** The table of calls in any SQL database: what is asked of it, and what its rows become. */
import { type Kysely, Migrator, sql } from "kysely";
import { codeOf } from "../core/errors.ts";
import type { CallId } from "../core/ids.ts";
import type { Logger } from "../core/logger.ts";
import type { CallFilter, CallPage, CallRecord } from "../ports/call-store.ts";
import { conditions, toRow } from "./call-rows.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import { type CallRow, type CallTables, migrations } from "./migrations.ts";
import { decodeRecord } from "./record-codec.ts";

/** Errors are those of the database. */
export class CallTable {
  readonly #database: Kysely<CallTables>;
  readonly #logger: Logger;
  #unreadable = 0;

  constructor(database: Kysely<CallTables>, logger: Logger) {
    this.#database = database;
    this.#logger = logger;
  }

  /** Rows that could not be read and were left out. */
  get unreadable(): number {
    return this.#unreadable;
  }

  /** The same record again changes nothing. */
  async save(record: CallRecord): Promise<void> {
    const { call_id, ...rest } = toRow(record);
    await this.#database
      .insertInto("calls")
      .values({ call_id, ...rest })
      .onConflict((conflict) => conflict.column("call_id").doUpdateSet(rest))
      .execute();
  }

  async find(callId: CallId): Promise<CallRecord | undefined> {
    const row = await this.#database
      .selectFrom("calls")
      .select("record")
      .where("call_id", "=", callId)
      .executeTakeFirst();
    return row === undefined ? undefined : decodeRecord(row.record);
  }

  /**
   * The page is chosen by index before any record is read: sorting would carry whole records along.
   * A record that cannot be read is left out, counted and logged: one bad row does not hide the others.
   */
  async list(filter: CallFilter, limit: number, cursor?: string): Promise<CallPage> {
    const after = cursor === undefined ? undefined : decodeCursor(cursor);
    const rows = await this.#database
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
      .execute();
    const page = rows.slice(0, limit);
    const last = rows.length > limit ? page.at(-1) : undefined;
    return {
      records: page.flatMap((row) => this.#readable(row)),
      nextCursor:
        last === undefined
          ? undefined
          : encodeCursor({ startedAtMs: Number(last.started_at_ms), callId: last.call_id }),
    };
  }

  #readable(row: Pick<CallRow, "call_id" | "record">): CallRecord[] {
    try {
      return [decodeRecord(row.record)];
    } catch (error) {
      this.#unreadable += 1;
      this.#logger.error("call record cannot be read", {
        callId: row.call_id,
        code: codeOf(error),
      });
      return [];
    }
  }
}

/** Brings the tables up to date; rejects with the error of the database, or with the code TRUNKLINE_MIGRATION. */
export async function migrate(database: Kysely<CallTables>): Promise<void> {
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
