/** How audio lies in a recording: WAV of two channels at 8 kHz, PCM16 or µ-law. */
import { encodeG711, SILENCE_BYTE } from "../audio/g711.ts";

/** What a sample is. */
export type RecordingFormat = "pcm16" | "mulaw";

/** Samples a second of each channel. */
export const RECORDING_RATE_HZ = 8000;
const CHANNELS = 2;
/** What a header says of a file whose length is not known yet; readers go on to its end. */
const OPEN_LENGTH = 0xffff_ffff;

/** Bytes of one sample of both channels. */
export function frameBytes(format: RecordingFormat): number {
  return format === "pcm16" ? 4 : 2;
}

/** Bytes before the audio. */
export function headerBytes(format: RecordingFormat): number {
  return format === "pcm16" ? 44 : 58;
}

/** The header of a file with so many bytes of audio; `undefined`: not known yet. */
export function wavHeader(format: RecordingFormat, dataBytes: number | undefined): Uint8Array {
  const length = headerBytes(format);
  const bytes = Buffer.alloc(length);
  const bytesPerFrame = frameBytes(format);
  const isOpen = dataBytes === undefined || dataBytes + length > OPEN_LENGTH;
  bytes.write("RIFF", 0, "latin1");
  bytes.writeUInt32LE(isOpen ? OPEN_LENGTH : length - 8 + dataBytes, 4);
  bytes.write("WAVEfmt ", 8, "latin1");
  const formatBytes = format === "pcm16" ? 16 : 18;
  bytes.writeUInt32LE(formatBytes, 16);
  bytes.writeUInt16LE(format === "pcm16" ? 1 : 7, 20);
  bytes.writeUInt16LE(CHANNELS, 22);
  bytes.writeUInt32LE(RECORDING_RATE_HZ, 24);
  bytes.writeUInt32LE(RECORDING_RATE_HZ * bytesPerFrame, 28);
  bytes.writeUInt16LE(bytesPerFrame, 32);
  bytes.writeUInt16LE(format === "pcm16" ? 16 : 8, 34);
  if (format === "mulaw") {
    bytes.write("fact", 38, "latin1");
    bytes.writeUInt32LE(4, 42);
    bytes.writeUInt32LE(isOpen ? OPEN_LENGTH : dataBytes / bytesPerFrame, 46);
  }
  bytes.write("data", length - 8, "latin1");
  bytes.writeUInt32LE(isOpen ? OPEN_LENGTH : dataBytes, length - 4);
  return bytes;
}

/** Samples of both channels in turn as they lie in the file. */
export function encodeFrames(
  format: RecordingFormat,
  interleaved: Int16Array,
  frames: number,
): Uint8Array {
  const bytes = Buffer.allocUnsafe(frames * frameBytes(format));
  if (format === "mulaw") {
    encodeG711("pcmu", interleaved, 0, frames * CHANNELS, bytes, 0);
    return bytes;
  }
  for (let i = 0; i < frames * CHANNELS; i += 1) {
    bytes.writeInt16LE(interleaved[i] as number, i * 2);
  }
  return bytes;
}

/** So many samples of silence on both channels. */
export function silentFrames(format: RecordingFormat, frames: number): Uint8Array {
  return Buffer.alloc(frames * frameBytes(format), format === "mulaw" ? SILENCE_BYTE.pcmu : 0);
}
