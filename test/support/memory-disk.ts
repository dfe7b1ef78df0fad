/** A disk for recordings that lives in a test: it can be full, slow or gone, and remembers what a crash would leave. */
import { type Clock, sleep } from "../../src/core/clock.ts";
import type { DiskEntry, DiskFile, RecordingDisk } from "../../src/recordings/recording-disk.ts";

interface MemoryFile {
  bytes: Buffer;
  modifiedAtMs: number;
}

/** Paths → bytes. */
export class MemoryDisk implements RecordingDisk {
  readonly files = new Map<string, MemoryFile>();
  /** Every write fails, as on a full disk; a part of it may have arrived. */
  full = false;
  /** How long a write takes. */
  delayMs = 0;
  writes = 0;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  bytesOf(path: string): Buffer {
    const file = this.files.get(path);
    if (file === undefined) {
      throw Object.assign(new Error(`no file ${path}`), { code: "ENOENT" });
    }
    return file.bytes;
  }

  put(path: string, bytes: Uint8Array): void {
    const own = Buffer.from(new ArrayBuffer(bytes.length));
    own.set(bytes);
    this.files.set(path, { bytes: own, modifiedAtMs: this.#clock.wallMs() });
  }

  /** As another process would find it after this one was killed. */
  copy(clock: Clock): MemoryDisk {
    const disk = new MemoryDisk(clock);
    for (const [path, { bytes, modifiedAtMs }] of this.files) {
      disk.put(path, bytes);
      (disk.files.get(path) as MemoryFile).modifiedAtMs = modifiedAtMs;
    }
    return disk;
  }

  pathOf(path: string): string {
    return `/memory/${path}`;
  }

  async create(path: string): Promise<DiskFile> {
    await this.#mayFail();
    if (this.files.has(path)) {
      throw Object.assign(new Error(`${path} is there`), { code: "EEXIST" });
    }
    this.put(path, Buffer.alloc(0));
    return this.open(path);
  }

  open(path: string): Promise<DiskFile> {
    const file = this.files.get(path);
    if (file === undefined) {
      return Promise.reject(Object.assign(new Error(`no file ${path}`), { code: "ENOENT" }));
    }
    return Promise.resolve({
      write: async (bytes, position) => {
        this.writes += 1;
        const end = position + (this.full ? bytes.length >> 1 : bytes.length);
        file.bytes = grown(file.bytes, end);
        file.bytes.set(bytes.subarray(0, end - position), position);
        file.modifiedAtMs = this.#clock.wallMs();
        await this.#mayFail();
      },
      read: (target, position) =>
        Promise.resolve(file.bytes.copy(target, 0, position, position + target.length)),
      truncate: (length) => {
        const shorter = Buffer.from(new ArrayBuffer(length));
        shorter.set(file.bytes.subarray(0, length));
        file.bytes = shorter;
        return Promise.resolve();
      },
      sync: () => Promise.resolve(),
      close: () => Promise.resolve(),
    });
  }

  find(path: string): Promise<DiskEntry | undefined> {
    const file = this.files.get(path);
    const entry = file && { bytes: file.bytes.length, modifiedAtMs: file.modifiedAtMs };
    return Promise.resolve(entry);
  }

  readText(path: string): Promise<string> {
    return Promise.resolve().then(() => this.bytesOf(path).toString("utf8"));
  }

  async writeText(path: string, text: string): Promise<void> {
    await this.#mayFail();
    this.put(path, Buffer.from(text, "utf8"));
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#mayFail();
    this.put(to, this.bytesOf(from));
    this.files.delete(from);
  }

  remove(path: string): Promise<void> {
    this.files.delete(path);
    return Promise.resolve();
  }

  list(): Promise<readonly string[]> {
    return Promise.resolve([...this.files.keys()].sort());
  }

  async #mayFail(): Promise<void> {
    if (this.delayMs > 0) {
      await sleep(this.#clock, this.delayMs);
    }
    if (this.full) {
      throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    }
  }
}

/** A view of at least this length; room is made for twice as much, for files grow in small pieces. */
function grown(bytes: Buffer, length: number): Buffer {
  if (length <= bytes.length) {
    return bytes;
  }
  const { buffer, byteOffset } = bytes;
  if (
    buffer.byteLength - byteOffset >= length &&
    byteOffset === 0 &&
    buffer instanceof ArrayBuffer
  ) {
    return Buffer.from(buffer, 0, length);
  }
  const larger = Buffer.from(new ArrayBuffer(length * 2), 0, length);
  larger.set(bytes);
  return larger;
}
