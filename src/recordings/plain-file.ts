/** A WAV file that can be read at any time while it grows: its header is put right now and then. */
import { hashFile } from "./file-hash.ts";
import type { DiskFile } from "./recording-disk.ts";
import type { FinishedFile, RecordingFile } from "./recording-file.ts";
import { frameBytes, headerBytes, type RecordingFormat, wavHeader } from "./recording-format.ts";

/** Starts with an empty file, which it owns. */
export class PlainFile implements RecordingFile {
  readonly #file: DiskFile;
  readonly #format: RecordingFormat;
  #pending: Uint8Array[] = [];
  #dataBytes = 0;
  #hasHeader = false;

  constructor(file: DiskFile, format: RecordingFormat) {
    this.#file = file;
    this.#format = format;
  }

  accept(audio: Uint8Array): void {
    this.#pending.push(audio);
  }

  async drain(): Promise<void> {
    if (!this.#hasHeader) {
      await this.checkpoint();
      this.#hasHeader = true;
    }
    for (let next = this.#pending[0]; next !== undefined; next = this.#pending[0]) {
      await this.#file.write(next, headerBytes(this.#format) + this.#dataBytes);
      this.#dataBytes += next.length;
      this.#pending.shift();
    }
  }

  async checkpoint(): Promise<void> {
    await this.#file.write(wavHeader(this.#format, this.#dataBytes), 0);
  }

  async finish(): Promise<FinishedFile> {
    await this.drain();
    await this.checkpoint();
    await this.#file.sync();
    const finished = await hashFile(this.#file);
    await this.#file.close();
    return finished;
  }

  async abandon(): Promise<void> {
    await this.#file.close().catch(() => undefined);
  }
}

/** Puts the header of a file right that nobody finished; audio that was cut within a sample is left out. */
export async function finishPlainFile(
  file: DiskFile,
  bytes: number,
  format: RecordingFormat,
): Promise<FinishedFile & { readonly frames: number }> {
  const frames = Math.max(0, Math.floor((bytes - headerBytes(format)) / frameBytes(format)));
  const dataBytes = frames * frameBytes(format);
  await file.truncate(headerBytes(format) + dataBytes);
  await file.write(wavHeader(format, dataBytes), 0);
  await file.sync();
  return { ...(await hashFile(file)), frames };
}
