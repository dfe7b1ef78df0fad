/** What went wrong with the database of the store, in words that say what to change. */
import { GatewayError } from "../core/errors.ts";

/** Beginning of the code of SQLite or of the file system → what to do about it; the first that fits is told. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [
    /^SQLITE_(?:BUSY|LOCKED)/,
    "another process uses this file: stop it, or give this gateway another store.path",
  ],
  [
    /^SQLITE_(?:NOTADB|CORRUPT)/,
    "the file is not a usable SQLite database: move it away, and a new one is made",
  ],
  [/^(?:SQLITE_FULL|ENOSPC|EDQUOT)/, "the disk is full"],
  [
    /^(?:SQLITE_(?:READONLY|PERM|AUTH)|EACCES|EPERM|EROFS)/,
    "this user may not write the file or its folder",
  ],
  [/^(?:EISDIR|ENOTDIR|EEXIST)/, "the path is not a file in a folder"],
  [/^SQLITE_CANTOPEN/, "the file cannot be opened or made"],
  [/^SQLITE_IOERR|^EIO/, "the disk reports an error"],
  [
    /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH)/,
    "no PostgreSQL answers at store.url",
  ],
  [/^(?:28P01|28000)$/, "PostgreSQL does not take user or password of store.url"],
  [/^3D000$/, "there is no such database: create it, empty; the tables are made by the gateway"],
  [/^(?:42501|3F000)$/, "the user of store.url may not make or write tables in this database"],
  [/^53300$/, "PostgreSQL has no connection left: raise its max_connections"],
  [/^(?:57P0[123]|08\w{3})$/, "PostgreSQL is stopping, starting, or broke the connection"],
  [
    /^TRUNKLINE_MIGRATION/,
    "the tables could not be brought up to date: is the database of a newer version?",
  ],
];

/** The error as STORE_FAILED with the path, the code of the cause, and what to do. */
export function storeFailure(error: unknown, path: string): GatewayError {
  if (error instanceof GatewayError) {
    return error;
  }
  const cause = causeCode(error);
  const reason = REASONS.find(([pattern]) => pattern.test(cause))?.[1];
  const details = { path, cause, ...(reason === undefined ? {} : { reason }) };
  return new GatewayError("STORE_FAILED", details, { cause: error });
}

/** `SQLITE_BUSY`, `EACCES` and the like; the name of the error where it has no code. */
export function causeCode(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  if (typeof code === "string" && code !== "") {
    return code;
  }
  return error instanceof Error ? error.name : typeof error;
}
