/**
 * G.711 through tables filled once from `alawmulaw`, which stays the source of truth.
 *
 * The µ-law encoder equals the ITU-T G.191 reference on every sample. The A-law encoder differs on the 127 negative
 * samples that lie exactly on a segment or step boundary (-31744 gives 0x2a where the reference gives 0x2b): one
 * quantisation step, inaudible, but not bit-exact against other encoders.
 */
import alawmulaw from "alawmulaw";

/** The two companding laws, named as in SDP. */
export type G711Law = "pcmu" | "pcma";

/** The code that decodes to the value closest to zero: what is sent when there is nothing to say. */
export const SILENCE_BYTE: Record<G711Law, number> = { pcmu: 0xff, pcma: 0xd5 };

const DECODE_PCMU = decodeTable(alawmulaw.mulaw.decodeSample);
const DECODE_PCMA = decodeTable(alawmulaw.alaw.decodeSample);
const ENCODE_PCMU = encodeTable(alawmulaw.mulaw.encodeSample);
const ENCODE_PCMA = encodeTable(alawmulaw.alaw.encodeSample);
const PCMU_TO_PCMA = transcodeTable(DECODE_PCMU, ENCODE_PCMA);
const PCMA_TO_PCMU = transcodeTable(DECODE_PCMA, ENCODE_PCMU);

function decodeTable(decodeSample: (code: number) => number): Int16Array {
  return Int16Array.from({ length: 256 }, (_, code) => decodeSample(code));
}

/** Indexed by the sample's low 16 bits. */
function encodeTable(encodeSample: (sample: number) => number): Uint8Array {
  return Uint8Array.from({ length: 65_536 }, (_, bits) => encodeSample((bits << 16) >> 16));
}

function transcodeTable(decode: Int16Array, encode: Uint8Array): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, code) => encode[(decode[code] ?? 0) & 0xffff] ?? 0);
}

/** The square of what each code decodes to. */
const ENERGY_PCMU = Float64Array.from(DECODE_PCMU, (sample) => sample * sample);
const ENERGY_PCMA = Float64Array.from(DECODE_PCMA, (sample) => sample * sample);

/** Sum of the squares of the samples that `count` codes stand for, in two sums that do not wait for each other. */
export function energyOfG711(
  law: G711Law,
  codes: Uint8Array,
  offset: number,
  count: number,
): number {
  const table = law === "pcmu" ? ENERGY_PCMU : ENERGY_PCMA;
  let even = 0;
  let odd = 0;
  const end = offset + count - (count & 1);
  for (let i = offset; i < end; i += 2) {
    even += table[codes[i] as number] as number;
    odd += table[codes[i + 1] as number] as number;
  }
  const last = (count & 1) === 1 ? (table[codes[end] as number] as number) : 0;
  return even + odd + last;
}

/** Decodes `byteCount` codes to as many PCM16 samples. */
export function decodeG711(
  law: G711Law,
  source: Uint8Array,
  sourceOffset: number,
  byteCount: number,
  target: Int16Array,
  targetOffset: number,
): void {
  const table = law === "pcmu" ? DECODE_PCMU : DECODE_PCMA;
  for (let i = 0; i < byteCount; i += 1) {
    target[targetOffset + i] = table[source[sourceOffset + i] as number] as number;
  }
}

/** Encodes `sampleCount` PCM16 samples to as many codes. */
export function encodeG711(
  law: G711Law,
  source: Int16Array,
  sourceOffset: number,
  sampleCount: number,
  target: Uint8Array,
  targetOffset: number,
): void {
  const table = law === "pcmu" ? ENCODE_PCMU : ENCODE_PCMA;
  for (let i = 0; i < sampleCount; i += 1) {
    target[targetOffset + i] = table[(source[sourceOffset + i] as number) & 0xffff] as number;
  }
}

/** Rewrites all of `source` in the other law (or copies it) to the start of `target`, which may be `source`. */
export function transcodeG711(
  from: G711Law,
  to: G711Law,
  source: Uint8Array,
  target: Uint8Array,
): void {
  if (from === to) {
    target.set(source);
    return;
  }
  const table = from === "pcmu" ? PCMU_TO_PCMA : PCMA_TO_PCMU;
  for (let i = 0; i < source.length; i += 1) {
    target[i] = table[source[i] as number] as number;
  }
}
