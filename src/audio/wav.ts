/** WAV files, read and written in memory: PCM16, and G.711 when reading. */
import { GatewayError } from "../core/errors.ts";
import { decodeG711 } from "./g711.ts";

const PCM = 1;
const ALAW = 6;
const MULAW = 7;
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

interface WavFormat {
  readonly code: number;
  readonly channels: number;
  readonly rateHz: number;
  readonly bits: number;
}

/**
 * Reads a WAV file; a data chunk that is cut off gives what is there.
 * @throws GatewayError AUDIO_FILE_INVALID with `expected` and `found`.
 */
export function readWav(bytes: Uint8Array): WavAudio {
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
      return readData(bytes.subarray(start, end), format);
    }
    offset = start + declared + (declared & 1);
  }
  throw invalid("no data chunk");
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
  const code = view.getUint16(start, true);
  const format = {
    code: code === EXTENSIBLE && end - start >= 26 ? view.getUint16(start + 24, true) : code,
    channels: view.getUint16(start + 2, true),
    rateHz: view.getUint32(start + 4, true),
    bits: view.getUint16(start + 14, true),
  };
  const wantedBits = format.code === PCM ? 16 : 8;
  const known = format.code === PCM || format.code === ALAW || format.code === MULAW;
  if (!known || format.bits !== wantedBits) {
    throw invalid(`format ${format.code} with ${format.bits} bits`);
  }
  if (format.channels === 0 || format.rateHz === 0) {
    throw invalid(`${format.channels} channels at ${format.rateHz} Hz`);
  }
  return format;
}

function readData(data: Uint8Array, format: WavFormat | undefined): WavAudio {
  if (format === undefined) {
    throw invalid("data before any format");
  }
  const { channels, rateHz } = format;
  const flat = format.code === PCM ? readPcm(data) : readG711(data, format.code);
  const count = Math.floor(flat.length / channels);
  const samples = Array.from({ length: channels }, (_, c) =>
    Int16Array.from({ length: count }, (_, i) => flat[i * channels + c] ?? 0),
  );
  return { rateHz, channels, samples };
}

function readPcm(data: Uint8Array): Int16Array {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return Int16Array.from({ length: data.length >> 1 }, (_, i) => view.getInt16(i * 2, true));
}

function readG711(data: Uint8Array, code: number): Int16Array {
  const samples = new Int16Array(data.length);
  decodeG711(code === MULAW ? "pcmu" : "pcma", data, 0, data.length, samples, 0);
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
