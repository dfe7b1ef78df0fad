/** The words that are numbers: read back after G.711, and every fault of a recording found. */
import { describe, expect, it } from "vitest";
import { decodeG711, encodeG711, type G711Law } from "../../src/audio/g711.ts";
import {
  countingFaults,
  WORD_COUNT,
  WORD_MS,
  WORD_PAUSE_MS,
  wordsFrom,
  wordsIn,
} from "../support/numbered-words.ts";

const LIMITS = { maxGapMs: 60, maxLengthErrorMs: 20 };

function throughG711(law: G711Law, samples: Int16Array): Int16Array {
  const codes = new Uint8Array(samples.length);
  encodeG711(law, samples, 0, samples.length, codes, 0);
  const heard = new Int16Array(samples.length);
  decodeG711(law, codes, 0, codes.length, heard, 0);
  return heard;
}

/** `samples` with `insert` in place of what lies between two times. */
function spliced(
  samples: Int16Array,
  fromMs: number,
  toMs: number,
  insert = new Int16Array(0),
): Int16Array {
  const parts = [samples.subarray(0, fromMs * 8), insert, samples.subarray(toMs * 8)];
  return Int16Array.from(parts.flatMap((part) => [...part]));
}

describe("numbered words", () => {
  it.each(["pcmu", "pcma"] as const)("are all read after %s, each where it began", (law) => {
    const words = wordsIn(throughG711(law, wordsFrom(0, WORD_COUNT + 2)));
    expect(words.map(({ number }) => number)).toEqual([...Array(WORD_COUNT).keys(), 0, 1]);
    for (const [index, { startMs, lengthMs }] of words.entries()) {
      expect(Math.abs(startMs - index * WORD_MS)).toBeLessThanOrEqual(10);
      expect(Math.abs(lengthMs - (WORD_MS - WORD_PAUSE_MS))).toBeLessThanOrEqual(10);
    }
    expect(countingFaults(words, LIMITS)).toEqual([]);
  });

  it.each([16_000, 24_000])("are read at %d Hz", (rateHz) => {
    const words = wordsIn(wordsFrom(60, 6, rateHz), rateHz);
    expect(words.map(({ number }) => number)).toEqual([60, 61, 62, 63, 0, 1]);
  });

  it("are not found in silence and noise", () => {
    const noise = Int16Array.from({ length: 8000 }, (_, i) => (((i * 7919) % 2003) - 1001) * 8);
    expect(wordsIn(new Int16Array(8000))).toEqual([]);
    expect(wordsIn(noise)).toEqual([]);
  });

  it("show a gap, a lost word, a repeated one, and a cut one", () => {
    const samples = wordsFrom(5, 8);
    const faultsOf = (damaged: Int16Array): readonly string[] =>
      countingFaults(wordsIn(damaged), LIMITS);
    expect(faultsOf(spliced(samples, 795, 795, new Int16Array(800)))).toEqual([
      expect.stringMatching(/^1[34]\d ms of silence before word 7 at 9\d\d ms$/),
    ]);
    expect(faultsOf(spliced(samples, 800, 1200))).toEqual([
      expect.stringMatching(/^word 8 at 80\d ms follows word 6$/),
    ]);
    expect(faultsOf(spliced(samples, 800, 800, samples.slice(400 * 8, 800 * 8)))).toEqual([
      expect.stringMatching(/^word 6 at 80\d ms follows word 6$/),
    ]);
    expect(faultsOf(spliced(samples, 900, 1000))).toEqual([
      expect.stringMatching(/^word 7 at 80\d ms lasts 2[56]\d ms instead of 360$/),
    ]);
  });
});
