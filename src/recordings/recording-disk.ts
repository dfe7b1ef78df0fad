/** The disk that recordings lie on, as far as they need one: injected, so that it can be slow, full or gone in a test. */
import { constants } from "node:fs";
import {
  type FileHandle,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { dirname, join } from "node:path";

/** A file that is written at places. */
export interface DiskFile {
  /** Writes all or throws; then nothing is known of the bytes at this place. */
  write(bytes: Uint8Array, position: number): Promise<void>;
  /** Fills `target` as far as the file goes; returns how many bytes. */
  read(target: Uint8Array, position: number): Promise<number>;
  truncate(length: number): Promise<void>;
  /** Resolves when what was written would outlast the machine. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** What there is of a path. */
export interface DiskEntry {
  readonly bytes: number;
  readonly modifiedAtMs: number;
}

/** Paths are relative to the folder of recordings. */
export interface RecordingDisk {
  /** Where a path lies, for people. */
  pathOf(path: string): string;
  /** A new file; makes its folders, and rejects where the path is taken. */
  create(path: string): Promise<DiskFile>;
  /** A file that is there; `write` where it is to be changed. */
  open(path: string, mode: "read" | "write"): Promise<DiskFile>;
  /** `undefined`: there is none. */
  find(path: string): Promise<DiskEntry | undefined>;
  readText(path: string): Promise<string>;
  /** Whole or not at all; makes its folders. */
  writeText(path: string, text: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** What is gone already is no error. */
  remove(path: string): Promise<void>;
  /** Paths of all files of the folder and the folders in it; empty where there is none. */
  list(): Promise<readonly string[]>;
}

const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;

/** A folder of this machine; its files and folders are its owner's alone. */
export class FolderDisk implements RecordingDisk {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  pathOf(path: string): string {
    return join(this.#folder, path);
  }

  async create(path: string): Promise<DiskFile> {
    const full = this.pathOf(path);
    await mkdir(dirname(full), { recursive: true, mode: PRIVATE_FOLDER });
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL;
    return new HandleFile(await open(full, flags, PRIVATE_FILE));
  }

  async open(path: string, mode: "read" | "write"): Promise<DiskFile> {
    return new HandleFile(await open(this.pathOf(path), mode === "read" ? "r" : "r+"));
  }

  async find(path: string): Promise<DiskEntry | undefined> {
    try {
      const { size, mtimeMs } = await stat(this.pathOf(path));
      return { bytes: size, modifiedAtMs: mtimeMs };
    } catch (error) {
      if (isMissing(error)) {
        return undefined;
      }
      throw error;
    }
  }

  async readText(path: string): Promise<string> {
    return await readFile(this.pathOf(path), "utf8");
  }

  async writeText(path: string, text: string): Promise<void> {
    const full = this.pathOf(path);
    await mkdir(dirname(full), { recursive: true, mode: PRIVATE_FOLDER });
    await writeFile(`${full}.tmp`, text, { mode: PRIVATE_FILE });
    await rename(`${full}.tmp`, full);
  }

  async rename(from: string, to: string): Promise<void> {
    await rename(this.pathOf(from), this.pathOf(to));
  }

  async remove(path: string): Promise<void> {
    await rm(this.pathOf(path), { force: true });
  }

  async list(): Promise<readonly string[]> {
    const found: string[] = [];
    for (const entry of await entriesOf(this.#folder)) {
      if (entry.isFile()) {
        found.push(entry.name);
      } else if (entry.isDirectory()) {
        const inner = await entriesOf(this.pathOf(entry.name));
        found.push(
          ...inner.filter((file) => file.isFile()).map((file) => join(entry.name, file.name)),
        );
      }
    }
    return found.sort();
  }
}

async function entriesOf(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (isMissing(error)) {
      return [];
    }
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return (error as { code?: unknown } | undefined)?.code === "ENOENT";
}

class HandleFile implements DiskFile {
  readonly #handle: FileHandle;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async write(bytes: Uint8Array, position: number): Promise<void> {
    let written = 0;
    while (written < bytes.length) {
      const left = bytes.length - written;
      const { bytesWritten } = await this.#handle.write(bytes, written, left, position + written);
      written += bytesWritten;
    }
  }

  async read(target: Uint8Array, position: number): Promise<number> {
    let filled = 0;
    while (filled < target.length) {
      const left = target.length - filled;
      const { bytesRead } = await this.#handle.read(target, filled, left, position + filled);
      if (bytesRead === 0) {
        break;
      }
      filled += bytesRead;
    }
    return filled;
  }

  async truncate(length: number): Promise<void> {
    await this.#handle.truncate(length);
  }

  async sync(): Promise<void> {
    await this.#handle.datasync();
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}
