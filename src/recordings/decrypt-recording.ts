/** From a sealed recording to a WAV file: every chunk is checked before it is written. */
import type { DiskFile } from "./recording-disk.ts";
import { frameBytes, headerBytes, RECORDING_RATE_HZ, wavHeader } from "./recording-format.ts";
import type { RecordingKeys } from "./recording-keys.ts";
import { ChunkSeal, damaged, readSealHeader, TAG_BYTES } from "./seal.ts";

/** What was decrypted. */
export interface DecryptedRecording {
  readonly keyId: string;
  readonly format: "pcm16" | "mulaw";
  readonly durationMs: number;
  /** The process that recorded it was killed, and the next one ended the file. */
  readonly recovered: boolean;
}

/**
 * Rejects with RECORDING_KEY_WRONG, RECORDING_KEY_UNAVAILABLE, or RECORDING_DAMAGED for what is cut off, moved or changed;
 * what was written to `output` until then is no recording.
 */
export async function decryptRecording(
  input: DiskFile,
  output: DiskFile,
  keys: RecordingKeys,
): Promise<DecryptedRecording> {
  const head = await readSealHeader(input);
  const { keyId, wrappedKey, chunkBytes, format } = head.header;
  const seal = new ChunkSeal(head, await keys.find(keyId, wrappedKey));
  const piece = Buffer.alloc(chunkBytes + TAG_BYTES);
  let dataBytes = 0;
  for (let index = 0; ; index += 1) {
    const count = await input.read(piece, head.bytes.length + index * piece.length);
    const sealed = piece.subarray(0, count);
    const isWhole = count === piece.length;
    const last = isWhole ? undefined : seal.open(index, "last", sealed);
    const recovered =
      isWhole || last !== undefined ? undefined : seal.open(index, "recovered", sealed);
    const audio = isWhole ? seal.open(index, "more", sealed) : (last ?? recovered);
    if (audio === undefined) {
      throw damaged(faultAt(isWhole, dataBytes / frameBytes(format) / RECORDING_RATE_HZ));
    }
    await output.write(audio, headerBytes(format) + dataBytes);
    dataBytes += audio.length;
    if (!isWhole) {
      await output.write(wavHeader(format, dataBytes), 0);
      const durationMs = (dataBytes / frameBytes(format) / RECORDING_RATE_HZ) * 1000;
      return { keyId, format, durationMs, recovered: recovered !== undefined };
    }
  }
}

function faultAt(isWhole: boolean, seconds: number): string {
  const place = `after ${seconds.toFixed(1)} s of audio`;
  return isWhole
    ? `it was changed or put in another order ${place}`
    : `it is cut off, or its end was changed, ${place}`;
}
