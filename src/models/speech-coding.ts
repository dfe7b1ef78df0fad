/** Between PCM16 samples at 8 kHz and the bytes of a session's format. */
import { decodeG711, encodeG711, SILENCE_BYTE } from "../audio/g711.ts";
import type { AudioFormat } from "../ports/realtime-model.ts";

/** The encodings of {@link AudioFormat}. */
export type Encoding = AudioFormat["encoding"];

/** 2 for PCM16, 1 for G.711. */
export function sampleBytes(encoding: Encoding): number {
  return encoding === "pcm16" ? 2 : 1;
}

/** What to fill silence with. */
export function silenceByte(encoding: Encoding): number {
  return encoding === "pcm16" ? 0 : SILENCE_BYTE[encoding];
}

/** A new array of all `samples`. */
export function encodeSpeech(encoding: Encoding, samples: Int16Array): Uint8Array {
  const bytes = new Uint8Array(samples.length * sampleBytes(encoding));
  if (encoding !== "pcm16") {
    encodeG711(encoding, samples, 0, samples.length, bytes, 0);
    return bytes;
  }
  const view = new DataView(bytes.buffer);
  samples.forEach((sample, index) => {
    view.setInt16(index * 2, sample, true);
  });
  return bytes;
}

/** Decodes all of `bytes`, whole samples, to the start of `target`. */
export function decodeSpeech(encoding: Encoding, bytes: Uint8Array, target: Int16Array): void {
  if (encoding !== "pcm16") {
    decodeG711(encoding, bytes, 0, bytes.length, target, 0);
    return;
  }
  for (let i = 0; i < bytes.length >> 1; i += 1) {
    target[i] = (bytes[2 * i] as number) | ((bytes[2 * i + 1] as number) << 8);
  }
}
