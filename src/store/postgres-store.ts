/** The call store in PostgreSQL, shared by several gateways. */
import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { GatewayError } from "../core/errors.ts";
import type { CallId } from "../core/ids.ts";
import type { Logger } from "../core/logger.ts";
import type { CallFilter, CallPage, CallRecord, CallStore } from "../ports/call-store.ts";
import { CallTable, migrate } from "./call-table.ts";
import type { CallTables } from "./migrations.ts";
import { storeFailure } from "./store-failure.ts";

/** Where the database is. */
export interface PostgresStoreOptions {
  /** `postgres://user:password@host:port/database`, with the parameters of libpq that `pg` knows, such as `sslmode`. */
  readonly url: string;
  /** How long one statement, and connecting, may take. */
  readonly timeoutMs: number;
  readonly logger: Logger;
}

/** Records are small and calls end one at a time: few connections do. */
const MAX_CONNECTIONS = 4;
const IDLE_MS = 30_000;

/** Connections are made when they are needed, and given up when they break. */
export class PostgresStore implements CallStore {
  readonly #options: PostgresStoreOptions;
  /** Host, port and database, which are no secrets. */
  readonly #place: string;
  #pool: pg.Pool | undefined;
  #table: CallTable | undefined;
  #saved = 0;

  constructor(options: PostgresStoreOptions) {
    this.#options = options;
    const { hostname, port, pathname } = new URL(options.url);
    this.#place = `${hostname}:${port === "" ? "5432" : port}${pathname}`;
  }

  /** May be called again after it rejected; of several gateways that start at once, one brings the tables up to date. */
  async open(): Promise<void> {
    if (this.#table !== undefined) {
      return;
    }
    const { url, timeoutMs, logger } = this.#options;
    const pool = new pg.Pool({
      connectionString: url,
      max: MAX_CONNECTIONS,
      idleTimeoutMillis: IDLE_MS,
      connectionTimeoutMillis: timeoutMs,
      statement_timeout: timeoutMs,
      query_timeout: timeoutMs,
      application_name: "trunkline",
    });
    // A connection that breaks while nobody uses it: the pool makes another.
    pool.on("error", () => undefined);
    try {
      const database = new Kysely<CallTables>({ dialect: new PostgresDialect({ pool }) });
      await migrate(database);
      this.#table = new CallTable(database, logger);
      this.#pool = pool;
    } catch (error) {
      await pool.end().catch(() => undefined);
      throw storeFailure(error, this.#place);
    }
  }

  async saveCall(record: CallRecord): Promise<void> {
    await this.#use((table) => table.save(record));
    this.#saved += 1;
  }

  findCall(callId: CallId): Promise<CallRecord | undefined> {
    return this.#use((table) => table.find(callId));
  }

  listCalls(filter: CallFilter, limit: number, cursor?: string): Promise<CallPage> {
    return this.#use((table) => table.list(filter, limit, cursor));
  }

  async close(): Promise<void> {
    const pool = this.#pool;
    this.#pool = undefined;
    this.#table = undefined;
    await pool?.end();
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return {
      kind: "postgres",
      place: this.#place,
      open: this.#table !== undefined,
      saved: this.#saved,
      unreadable: this.#table?.unreadable ?? 0,
      connections: this.#pool?.totalCount ?? 0,
    };
  }

  async #use<T>(work: (table: CallTable) => Promise<T>): Promise<T> {
    if (this.#table === undefined) {
      const reason = "the store is not open";
      throw new GatewayError("STORE_FAILED", { path: this.#place, reason });
    }
    try {
      return await work(this.#table);
    } catch (error) {
      throw storeFailure(error, this.#place);
    }
  }
}
