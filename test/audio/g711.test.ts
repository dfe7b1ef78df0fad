import alawmulaw from "alawmulaw";
import { describe, expect, it } from "vitest";
import { frameSamples } from "../../src/audio/frame.ts";
import {
  decodeG711,
  encodeG711,
  type G711Law,
  SILENCE_BYTE,
  transcodeG711,
} from "../../src/audio/g711.ts";

const ALL_SAMPLES = Int16Array.from({ length: 65_536 }, (_, i) => i - 32_768);
const ALL_CODES = Uint8Array.from({ length: 256 }, (_, i) => i);
const LAWS: readonly G711Law[] = ["pcmu", "pcma"];

function encodeAll(law: G711Law): Uint8Array {
  const codes = new Uint8Array(ALL_SAMPLES.length);
  encodeG711(law, ALL_SAMPLES, 0, ALL_SAMPLES.length, codes, 0);
  return codes;
}

function decodeAll(law: G711Law): Int16Array {
  const samples = new Int16Array(256);
  decodeG711(law, ALL_CODES, 0, 256, samples, 0);
  return samples;
}

/** A-law as in the ITU-T G.191 tool library: negative samples are folded by one's complement. */
function referenceAlaw(sample: number): number {
  const folded = sample < 0 ? ~sample >> 4 : sample >> 4;
  let code = folded;
  if (folded > 15) {
    let exponent = 1;
    let mantissa = folded;
    while (mantissa > 31) {
      mantissa >>= 1;
      exponent += 1;
    }
    code = mantissa - 16 + (exponent << 4);
  }
  return (sample >= 0 ? code | 0x80 : code) ^ 0x55;
}

/** µ-law as in the ITU-T G.191 tool library, for 16-bit samples. */
function referenceMulaw(sample: number): number {
  const magnitude = Math.min(sample < 0 ? -sample : sample, 32_635) + 132;
  const exponent = 31 - Math.clz32(magnitude) - 7;
  const mantissa = (magnitude >> (exponent + 3)) & 15;
  return ~((sample < 0 ? 0x80 : 0) | (exponent << 4) | mantissa) & 0xff;
}

describe("G.711", () => {
  it.each(LAWS)("decodes all 256 codes of %s like alawmulaw", (law) => {
    const codec = law === "pcmu" ? alawmulaw.mulaw : alawmulaw.alaw;
    expect([...decodeAll(law)]).toEqual([
      ...Int16Array.from(ALL_CODES, (code) => codec.decodeSample(code)),
    ]);
  });

  it.each(LAWS)("encodes all 65,536 samples of %s like alawmulaw", (law) => {
    const codec = law === "pcmu" ? alawmulaw.mulaw : alawmulaw.alaw;
    const expected = Uint8Array.from(ALL_SAMPLES, (sample) => codec.encodeSample(sample));
    expect(Buffer.compare(encodeAll(law), expected)).toBe(0);
  });

  it("encodes µ-law bit-exactly like the reference", () => {
    const expected = Uint8Array.from(ALL_SAMPLES, referenceMulaw);
    expect(Buffer.compare(encodeAll("pcmu"), expected)).toBe(0);
  });

  it("differs from the A-law reference by one step on negative boundary samples only", () => {
    const codes = encodeAll("pcma");
    const differing = [...ALL_SAMPLES].filter((sample, i) => codes[i] !== referenceAlaw(sample));
    expect(differing).toHaveLength(127);
    expect(differing).toContain(-31_744);
    for (const sample of differing) {
      const step = ((codes[sample + 32_768] as number) ^ 0x55) - (referenceAlaw(sample) ^ 0x55);
      expect(sample).toBeLessThan(0);
      expect(Math.abs(step)).toBe(1);
    }
  });

  it.each(LAWS)(
    "keeps every code of %s through decode and encode, but for negative zero",
    (law) => {
      const again = new Uint8Array(256);
      encodeG711(law, decodeAll(law), 0, 256, again, 0);
      const changed = [...ALL_CODES].filter((code) => again[code] !== code);
      expect(changed).toEqual(law === "pcmu" ? [0x7f] : []);
    },
  );

  it.each(LAWS)("has a silence byte of %s that decodes close to zero", (law) => {
    expect(Math.abs(decodeAll(law)[SILENCE_BYTE[law]] as number)).toBeLessThanOrEqual(8);
  });

  it("honours offsets and counts", () => {
    const samples = new Int16Array(6).fill(7);
    decodeG711("pcmu", Uint8Array.of(0, 0xff, 0x80, 0), 1, 2, samples, 3);
    expect([...samples]).toEqual([7, 7, 7, 0, 32_124, 7]);
    const codes = new Uint8Array(4);
    encodeG711("pcmu", samples, 3, 2, codes, 1);
    expect([...codes]).toEqual([0, 0xff, 0x80, 0]);
  });

  it.each(LAWS)("transcodes %s as decoding and encoding would", (from) => {
    const to: G711Law = from === "pcmu" ? "pcma" : "pcmu";
    const expected = new Uint8Array(256);
    encodeG711(to, decodeAll(from), 0, 256, expected, 0);
    const inPlace = Uint8Array.from(ALL_CODES);
    transcodeG711(from, to, inPlace, inPlace);
    expect([...inPlace]).toEqual([...expected]);
    transcodeG711(from, from, ALL_CODES, inPlace);
    expect([...inPlace]).toEqual([...ALL_CODES]);
  });
});

describe("frame", () => {
  it("counts samples by rate and ptime", () => {
    expect([frameSamples(8000, 20), frameSamples(16000, 30), frameSamples(24000, 20)]).toEqual([
      160, 480, 480,
    ]);
  });
});
