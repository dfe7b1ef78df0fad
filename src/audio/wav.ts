/** WAV files, read and written in memory: PCM16, and G.711 when reading. */
import { GatewayError } from "../core/errors.ts";
import { decodeG711, type G711Law } from "./g711.ts";

const PCM = 1;
const ENCODINGS = new Map<number, WavData["encoding"]>([
  [PCM, "pcm16"],
  [6, "pcma"],
  [7, "pcmu"],
]);
/** WAVE_FORMAT_EXTENSIBLE: the real format is at the start of the sub-format GUID. */
const EXTENSIBLE = 0xfffe;
const HEADER_BYTES = 44;
const EXPECTED = "a RIFF WAVE file of PCM with 16 bits, or of G.711";

/** The audio of a WAV file. */
export interface WavAudio {
  readonly rateHz: number;
  readonly channels: number;
  /** One array per channel, all of one length. */
  readonly samples: Int16Array[];
}

/** The audio of a WAV file as it lies there. */
export interface WavData {
  readonly encoding: "pcm16" | "pcmu" | "pcma";
  readonly rateHz: number;
  readonly channels: number;
  /** Samples of all channels in turn; a view of the file. */
  readonly data: Uint8Array;
}

type WavFormat = Omit<WavData, "data">;

/**
 * Finds the audio in a WAV file; a data chunk that is cut off gives what is there.
 * @throws GatewayError AUDIO_FILE_INVALID with `expected` and `found`.
 */
export function findWavData(bytes: Uint8Array): WavData {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || tagAt(bytes, 0) !== "RIFF" || tagAt(bytes, 8) !== "WAVE") {
    throw invalid("no RIFF WAVE header");
  }
  let format: WavFormat | undefined;
  let offset = 12;
  while (offset + 8 <= bytes.length) {
    const start = offset + 8;
    const declared = view.getUint32(offset + 4, true);
    const end = Math.min(start + declared, bytes.length);
    const tag = tagAt(bytes, offset);
    if (tag === "fmt ") {
      format = readFormat(view, start, end);
    } else if (tag === "data") {
      if (format === undefined) {
        throw invalid("data before any format");
      }
      return { ...format, data: bytes.subarray(start, end) };
    }
    offset = start + declared + (declared & 1);
  }
  throw invalid("no data chunk");
}

/** Reads a WAV file, within bounds that whoever gave it sets; throws what {@link findWavData} does. */
export function readWav(bytes: Uint8Array): WavAudio {
  const { encoding, channels, rateHz, data } = findWavData(bytes);
  const flat = encoding === "pcm16" ? readPcm(data) : readG711(data, encoding);
  const count = Math.floor(flat.length / channels);
  const samples = Array.from({ length: channels }, (_, c) =>
    Int16Array.from({ length: count }, (_, i) => flat[i * channels + c] ?? 0),
  );
  return { rateHz, channels, samples };
}

/** A PCM16 WAV file of these channels, padded with silence to the longest. */
export function writeWav(rateHz: number, channels: readonly Int16Array[]): Uint8Array {
  const count = channels.reduce((most, channel) => Math.max(most, channel.length), 0);
  const dataBytes = count * channels.length * 2;
  const bytes = new Uint8Array(HEADER_BYTES + dataBytes);
  const view = new DataView(bytes.buffer);
  writeTag(bytes, 0, "RIFF");
  view.setUint32(4, HEADER_BYTES - 8 + dataBytes, true);
  writeTag(bytes, 8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, PCM, true);
  view.setUint16(22, channels.length, true);
  view.setUint32(24, rateHz, true);
  view.setUint32(28, rateHz * channels.length * 2, true);
  view.setUint16(32, channels.length * 2, true);
  view.setUint16(34, 16, true);
  writeTag(bytes, 36, "data");
  view.setUint32(40, dataBytes, true);
  channels.forEach((channel, c) => {
    for (let i = 0; i < channel.length; i += 1) {
      view.setInt16(HEADER_BYTES + (i * channels.length + c) * 2, channel[i] as number, true);
    }
  });
  return bytes;
}

function readFormat(view: DataView, start: number, end: number): WavFormat {
  if (end - start < 16) {
    throw invalid("a format chunk that is too short");
  }
  const tag = view.getUint16(start, true);
  const code = tag === EXTENSIBLE && end - start >= 26 ? view.getUint16(start + 24, true) : tag;
  const channels = view.getUint16(start + 2, true);
  const rateHz = view.getUint32(start + 4, true);
  const bits = view.getUint16(start + 14, true);
  const encoding = ENCODINGS.get(code);
  if (encoding === undefined || bits !== (encoding === "pcm16" ? 16 : 8)) {
    throw invalid(`format ${code} with ${bits} bits`);
  }
  if (channels === 0 || rateHz === 0) {
    throw invalid(`${channels} channels at ${rateHz} Hz`);
  }
  return { encoding, channels, rateHz };
}

function readPcm(data: Uint8Array): Int16Array {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return Int16Array.from({ length: data.length >> 1 }, (_, i) => view.getInt16(i * 2, true));
}

function readG711(data: Uint8Array, law: G711Law): Int16Array {
  const samples = new Int16Array(data.length);
  decodeG711(law, data, 0, data.length, samples, 0);
  return samples;
}

function tagAt(bytes: Uint8Array, offset: number): string {
  return String.fromCharCode(...bytes.subarray(offset, offset + 4));
}

function writeTag(bytes: Uint8Array, offset: number, tag: string): void {
  for (let i = 0; i < tag.length; i += 1) {
    bytes[offset + i] = tag.charCodeAt(i);
  }
}

function invalid(found: string): GatewayError {
  return new GatewayError("AUDIO_FILE_INVALID", { expected: EXPECTED, found });
}
