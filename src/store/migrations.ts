/** The tables of the call store, as steps from an empty database to the newest layout. */
import type { Kysely, Migration, MigrationProvider } from "kysely";

/** A call record: columns to search by, and the whole record as JSON. */
export interface CallRow {
  readonly call_id: string;
  readonly sip_call_id: string;
  /** The calling number by `numberKey`. */
  readonly calling_digits: string;
  /** The called number by `numberKey`. */
  readonly called_digits: string;
  readonly contact_id: string | null;
  readonly started_at_ms: number;
  readonly ended_at_ms: number;
  readonly flow: string;
  readonly outcome: string;
  readonly record: string;
}

/** All tables. */
export interface CallTables {
  readonly calls: CallRow;
}

/** Never changed once released: a new layout is a new step. */
const STEPS: Readonly<Record<string, Migration>> = {
  "001-calls": {
    up: async (database: Kysely<unknown>) => {
      await database.schema
        .createTable("calls")
        .addColumn("call_id", "text", (column) => column.primaryKey().notNull())
        .addColumn("sip_call_id", "text", (column) => column.notNull())
        .addColumn("calling_digits", "text", (column) => column.notNull())
        .addColumn("called_digits", "text", (column) => column.notNull())
        .addColumn("contact_id", "text")
        .addColumn("started_at_ms", "bigint", (column) => column.notNull())
        .addColumn("ended_at_ms", "bigint", (column) => column.notNull())
        .addColumn("flow", "text", (column) => column.notNull())
        .addColumn("outcome", "text", (column) => column.notNull())
        .addColumn("record", "text", (column) => column.notNull())
        .execute();
      const searched = ["sip_call_id", "calling_digits", "called_digits", "contact_id"];
      for (const column of searched) {
        await database.schema
          .createIndex(`calls_by_${column}`)
          .on("calls")
          .columns([column, "started_at_ms", "call_id"])
          .execute();
      }
      await database.schema
        .createIndex("calls_by_start")
        .on("calls")
        .columns(["started_at_ms", "call_id"])
        .execute();
    },
  },
};

/** Hands the steps to Kysely's Migrator. */
export const migrations: MigrationProvider = {
  getMigrations: () => Promise.resolve({ ...STEPS }),
};
