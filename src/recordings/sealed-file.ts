/** A recording that is encrypted before it touches the disk. */
import { hashFile } from "./file-hash.ts";
import type { DiskFile } from "./recording-disk.ts";
import type { FinishedFile, RecordingFile } from "./recording-file.ts";
import { frameBytes } from "./recording-format.ts";
import type { RecordingKeys } from "./recording-keys.ts";
import { ChunkSeal, type ReadSealHeader, readSealHeader, TAG_BYTES } from "./seal.ts";

/** Starts with an empty file, which it owns. A chunk that could not be written is written again as it was sealed. */
export class SealedFile implements RecordingFile {
  readonly #file: DiskFile;
  readonly #seal: ChunkSeal;
  readonly #chunk: Buffer;
  #filled = 0;
  #index = 0;
  #pending: Buffer[];
  #position = 0;
  #ended = false;

  /** Throws RECORDING_KEY_WRONG for a key that is not the header's. */
  constructor(file: DiskFile, head: ReadSealHeader, key: Buffer) {
    this.#file = file;
    this.#seal = new ChunkSeal(head, key);
    this.#chunk = Buffer.alloc(head.header.chunkBytes);
    this.#pending = [head.bytes];
  }

  accept(audio: Uint8Array): void {
    for (let taken = 0; taken < audio.length; ) {
      const count = Math.min(audio.length - taken, this.#chunk.length - this.#filled);
      this.#chunk.set(audio.subarray(taken, taken + count), this.#filled);
      this.#filled += count;
      taken += count;
      if (this.#filled === this.#chunk.length) {
        this.#pending.push(this.#seal.seal(this.#index, "more", this.#chunk));
        this.#index += 1;
        this.#filled = 0;
      }
    }
  }

  async drain(): Promise<void> {
    for (let next = this.#pending[0]; next !== undefined; next = this.#pending[0]) {
      await this.#file.write(next, this.#position);
      this.#position += next.length;
      this.#pending.shift();
    }
  }

  checkpoint(): Promise<void> {
    return Promise.resolve();
  }

  async finish(): Promise<FinishedFile> {
    if (!this.#ended) {
      this.#ended = true;
      // The last chunk is never full, so that the length of the file tells where it begins.
      const rest = this.#chunk.subarray(0, this.#filled);
      this.#pending.push(this.#seal.seal(this.#index, "last", rest));
    }
    await this.drain();
    await this.#file.sync();
    const finished = await hashFile(this.#file);
    await this.#file.close();
    return finished;
  }

  async abandon(): Promise<void> {
    await this.#file.close().catch(() => undefined);
  }
}

/** Ends a file that nobody ended: whole chunks are kept, what is behind them is not. Rejects with RECORDING_*. */
export async function finishSealedFile(
  file: DiskFile,
  bytes: number,
  keys: RecordingKeys,
): Promise<FinishedFile & { readonly frames: number }> {
  const head = await readSealHeader(file);
  const { keyId, wrappedKey, chunkBytes, format } = head.header;
  const seal = new ChunkSeal(head, await keys.find(keyId, wrappedKey));
  const sealedBytes = chunkBytes + TAG_BYTES;
  const chunks = Math.max(0, Math.floor((bytes - head.bytes.length) / sealedBytes));
  const end = head.bytes.length + chunks * sealedBytes;
  const rest = Buffer.alloc(Math.max(0, bytes - end));
  await file.read(rest, end);
  const last = seal.open(chunks, "last", rest) ?? seal.open(chunks, "recovered", rest);
  if (last === undefined) {
    await file.truncate(end);
    await file.write(seal.seal(chunks, "recovered", Buffer.alloc(0)), end);
    await file.sync();
  }
  const audioBytes = chunks * chunkBytes + (last?.length ?? 0);
  return { ...(await hashFile(file)), frames: Math.floor(audioBytes / frameBytes(format)) };
}
