/** The file where call records wait while the store is down: one line of JSON each, in order. */
import { appendFile, mkdir, open, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { causeCode } from "./store-failure.ts";

/** A spool of lines. Every method rejects with the error of the file system. */
export interface SpoolFile {
  readonly path: string;
  /** Adds one line, given without its line break. */
  append(line: string): Promise<void>;
  /** All lines from the first to the last; none when there is no spool. */
  lines(): AsyncIterable<string>;
  /** Keeps a line that cannot be used out of the way, for a person to look at. */
  setAside(line: string): Promise<void>;
  /** Empties the spool in one step: after a crash either all lines are there or none. */
  clear(): Promise<void>;
}

/** A spool on disk, readable by this user only; what cannot be used goes to `<path>.rejected`. */
export class DiskSpoolFile implements SpoolFile {
  readonly path: string;
  /** Whether the last line may lack its line break, after a crash or a failed append. */
  #ragged = true;

  constructor(path: string) {
    this.path = path;
  }

  async append(line: string): Promise<void> {
    await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
    const opening = this.#ragged ? "\n" : "";
    this.#ragged = true;
    await appendFile(this.path, `${opening}${line}\n`, { mode: 0o600 });
    this.#ragged = false;
  }

  async setAside(line: string): Promise<void> {
    await appendFile(`${this.path}.rejected`, `${line}\n`, { mode: 0o600 });
  }

  async *lines(): AsyncIterable<string> {
    const handle = await open(this.path, "r").catch((error: unknown) => {
      if (causeCode(error) === "ENOENT") {
        return undefined;
      }
      throw error;
    });
    if (handle === undefined) {
      return;
    }
    try {
      for await (const line of handle.readLines()) {
        if (line !== "") {
          yield line;
        }
      }
    } finally {
      await handle.close();
    }
  }

  async clear(): Promise<void> {
    await rm(this.path, { force: true });
  }
}
