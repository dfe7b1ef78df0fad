/** One SQLite file, locked for this process from opening to closing. */
import { access, constants, mkdir, open, stat } from "node:fs/promises";
import { dirname } from "node:path";
import Database from "libsql";

/** Writes the log into the file, and gives up the lock with the next access. */
const CLOSING_STATEMENTS = [
  "PRAGMA journal_mode = DELETE",
  "PRAGMA locking_mode = NORMAL",
  "SELECT count(*) FROM sqlite_schema",
] as const;

/** Records are written once and seldom read: pages of the file are left to the operating system's cache. */
const CACHE_KIB = 256;

/**
 * Makes the folder and the file when missing, readable by this user only, and locks it.
 * Rejects with the error of the file system, whose code says more than libsql's, or of SQLite.
 */
export async function openSqliteFile(
  path: string,
  busyTimeoutMs: number,
): Promise<Database.Database> {
  await prepareFile(path);
  const file = new Database(path, { timeout: busyTimeoutMs });
  try {
    for (const statement of openingStatements(busyTimeoutMs)) {
      file.prepare(statement).all();
    }
    return file;
  } catch (error) {
    file.close();
    throw error;
  }
}

/**
 * Unlocks and closes; throws the error of SQLite, closed nevertheless.
 * Closing alone is not enough: libsql 0.5.29 keeps the lock until its statements are collected as garbage.
 */
export function closeSqliteFile(file: Database.Database): void {
  try {
    for (const statement of CLOSING_STATEMENTS) {
      file.prepare(statement).all();
    }
  } finally {
    file.close();
  }
}

/** What tells the file at `path` from any other that was there before; `undefined` when there is none, rejects for a folder. */
export async function fileIdentity(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() === true) {
    throw Object.assign(new Error("a folder"), { code: "EISDIR" });
  }
  return found === undefined ? undefined : `${found.dev}:${found.ino}`;
}

/** In this order: the lock first, so that write-ahead logging needs no shared memory file. */
function openingStatements(busyTimeoutMs: number): readonly string[] {
  return [
    `PRAGMA busy_timeout = ${Math.trunc(busyTimeoutMs)}`,
    "PRAGMA locking_mode = EXCLUSIVE",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    `PRAGMA cache_size = -${CACHE_KIB}`,
  ];
}

async function prepareFile(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  try {
    const handle = await open(path, "wx", 0o600);
    await handle.close();
  } catch (error) {
    if ((error as { code?: unknown }).code !== "EEXIST") {
      throw error;
    }
    await fileIdentity(path);
    await access(path, constants.R_OK | constants.W_OK);
  }
}
