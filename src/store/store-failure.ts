/** What went wrong with a file of the store, in words that say what to change. */
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
    /^TRUNKLINE_MIGRATION/,
    "the tables could not be brought up to date: is the file of a newer version?",
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
