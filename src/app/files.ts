/** The files that configuration is read from. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";

/** Reads small text files; tests hand in their own. */
export interface TextFiles {
  /** Throws an error with the system's `code`. */
  read(path: string): string;
  /** The same without taking it for text of any charset; throws an error with the system's `code`. */
  readBytes(path: string): Uint8Array;
  exists(path: string): boolean;
  /** Names of the files in a folder, sorted; throws an error with the system's `code`. */
  list(folder: string): readonly string[];
}

/** The files of the machine. */
export const systemFiles: TextFiles = {
  read: (path) => readFileSync(path, "utf8"),
  readBytes: (path) => readFileSync(path),
  exists: (path) => existsSync(path),
  list: (folder) =>
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map(({ name }) => name)
      .sort(),
};

/** Writes a file as a whole: whoever reads it sees the old text or the new one. */
export function writeTextFile(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}.tmp`;
  writeFileSync(draft, text);
  renameSync(draft, path);
}

/** Why a file could not be read, in plain words. */
export function readFailureText(error: unknown): string {
  switch ((error as { code?: unknown }).code) {
    case "ENOENT":
      return "does not exist";
    case "EISDIR":
      return "is a folder, expected a file";
    case "ENOTDIR":
      return "is a file, expected a folder";
    case "EACCES":
      return "cannot be read: no permission";
    default:
      return "cannot be read";
  }
}
