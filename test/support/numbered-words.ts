/**
 * Words that are numbers: each one sounds as its own pair of tones, so that a recording proves what was heard, in which order,
 * how much of each word, and how long the pauses were. Works through G.711 at 8 kHz.
 */
import { fillSine, goertzelPower, levelDbfs } from "../../src/audio/signal.ts";

/** How many numbers there are: 0 … 63. */
export const WORD_COUNT = 64;
/** A word with its pause. */
export const WORD_MS = 400;
/** The silence at the end of each word, so that two equal words are two. */
export const WORD_PAUSE_MS = 40;

/** Multiples of 50 Hz: 20 ms holds whole periods of each. */
const LOW_HZ = [400, 550, 700, 850, 1000, 1150, 1300, 1450] as const;
const HIGH_HZ = [1700, 1900, 2100, 2300, 2500, 2700, 2900, 3100] as const;
const AMPLITUDE = 6000;
const WINDOW_MS = 20;
const HOP_MS = 5;
const SILENT_DBFS = -45;
/** Of the power in a window, what the pair has to explain, and each of its tones. */
const PAIR_SHARE = 0.7;
const TONE_SHARE = 0.15;
/** A window sounds like its word while half of it lies in the word. */
const EDGE_MS = WINDOW_MS - HOP_MS;

/** A word as it was heard. */
export interface HeardWord {
  readonly number: number;
  /** From the beginning of the recording, to about 5 ms. */
  readonly startMs: number;
  /** How much of it: `WORD_MS - WORD_PAUSE_MS` when it is whole, to about 10 ms. */
  readonly lengthMs: number;
}

/** The two tones of a number. */
export function wordTonesHz(number: number): readonly [number, number] {
  const word = ((number % WORD_COUNT) + WORD_COUNT) % WORD_COUNT;
  return [LOW_HZ[word >> 3] ?? LOW_HZ[0], HIGH_HZ[word & 7] ?? HIGH_HZ[0]];
}

/** One word: `WORD_MS` of samples. */
export function wordSamples(number: number, rateHz = 8000): Int16Array {
  const samples = new Int16Array((WORD_MS * rateHz) / 1000);
  const voiced = samples.subarray(0, ((WORD_MS - WORD_PAUSE_MS) * rateHz) / 1000);
  const second = new Int16Array(voiced.length);
  const [lowHz, highHz] = wordTonesHz(number);
  fillSine(voiced, rateHz, lowHz, AMPLITUDE, 0);
  fillSine(second, rateHz, highHz, AMPLITUDE, 0);
  for (let i = 0; i < voiced.length; i += 1) {
    voiced[i] = (voiced[i] as number) + (second[i] as number);
  }
  return samples;
}

/** Several words in a row; numbers go round after the last. */
export function wordsFrom(first: number, count: number, rateHz = 8000): Int16Array {
  const wordLength = (WORD_MS * rateHz) / 1000;
  const samples = new Int16Array(wordLength * count);
  for (let i = 0; i < count; i += 1) {
    samples.set(wordSamples(first + i, rateHz), i * wordLength);
  }
  return samples;
}

/** The number that fills `window`, or `undefined`: silence, an edge, or something else. */
function numberIn(window: Int16Array, rateHz: number): number | undefined {
  if (levelDbfs(window, window.length) < SILENT_DBFS) {
    return undefined;
  }
  let energy = 0;
  for (const sample of window) {
    energy += sample * sample;
  }
  const power = energy / window.length;
  const low = strongest(window, rateHz, LOW_HZ);
  const high = strongest(window, rateHz, HIGH_HZ);
  const weakest = Math.min(low.power, high.power);
  return low.power + high.power > power * PAIR_SHARE && weakest > power * TONE_SHARE
    ? low.index * 8 + high.index
    : undefined;
}

function strongest(
  window: Int16Array,
  rateHz: number,
  tonesHz: readonly number[],
): { readonly index: number; readonly power: number } {
  const powers = tonesHz.map((toneHz) => goertzelPower(window, rateHz, toneHz));
  const power = Math.max(...powers);
  return { index: powers.indexOf(power), power };
}

/** Every word in `samples`, in order; pieces shorter than `minMs` are edges and do not count. */
export function wordsIn(samples: Int16Array, rateHz = 8000, minMs = 40): readonly HeardWord[] {
  const windowLength = (WINDOW_MS * rateHz) / 1000;
  const hop = (HOP_MS * rateHz) / 1000;
  const words: HeardWord[] = [];
  let current: { number: number; startMs: number; endMs: number } | undefined;
  const finish = (): void => {
    if (current !== undefined && current.endMs - current.startMs >= minMs) {
      const { number, startMs, endMs } = current;
      words.push({ number, startMs, lengthMs: endMs - startMs });
    }
    current = undefined;
  };
  for (let start = 0; start + windowLength <= samples.length; start += hop) {
    const number = numberIn(samples.subarray(start, start + windowLength), rateHz);
    const atMs = Math.round((start / rateHz) * 1000);
    if (current !== undefined && current.number === number) {
      current.endMs = atMs + EDGE_MS;
      continue;
    }
    finish();
    if (number !== undefined) {
      current = { number, startMs: atMs + WINDOW_MS - EDGE_MS, endMs: atMs + EDGE_MS };
    }
  }
  finish();
  return words;
}

/** How far a count may be off before it is a fault. */
export interface CountingLimits {
  /** The longest silence between two words; the pause of a word included. */
  readonly maxGapMs: number;
  /** By how much a word may be shorter or longer than it was spoken. */
  readonly maxLengthErrorMs: number;
}

/** What is wrong with words that ought to count upwards, one sentence each: numbers lost or repeated, gaps, cut words. */
export function countingFaults(
  words: readonly HeardWord[],
  { maxGapMs, maxLengthErrorMs }: CountingLimits,
): readonly string[] {
  const faults: string[] = [];
  const wholeMs = WORD_MS - WORD_PAUSE_MS;
  for (const [index, word] of words.entries()) {
    const { number, startMs, lengthMs } = word;
    if (Math.abs(lengthMs - wholeMs) > maxLengthErrorMs) {
      faults.push(`word ${number} at ${startMs} ms lasts ${lengthMs} ms instead of ${wholeMs}`);
    }
    const before = words[index - 1];
    if (before === undefined) {
      continue;
    }
    if (number !== (before.number + 1) % WORD_COUNT) {
      faults.push(`word ${number} at ${startMs} ms follows word ${before.number}`);
    }
    const gapMs = startMs - (before.startMs + before.lengthMs);
    if (gapMs > maxGapMs) {
      faults.push(`${gapMs} ms of silence before word ${number} at ${startMs} ms`);
    }
  }
  return faults;
}
