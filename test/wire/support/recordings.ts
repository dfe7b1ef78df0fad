/** Recordings that calls are compared with. */
import { readFileSync } from "node:fs";
import { correlate } from "../../../src/audio/correlation.ts";
import { levelDbfs } from "../../../src/audio/level.ts";
import { readWav } from "../../../src/audio/wav.ts";

const PROMPTS = new URL("../../../flows/prompts/", import.meta.url);
const VOICES = new URL("../../fixtures/audio/", import.meta.url);
const FRAME_SAMPLES = 160;
/** Frames above this level hold speech. */
export const SPEECH_DBFS = -45;

/** What the gateway says when it answers `agent`. */
export const GREETING = prompt("hello-this-is-trunkline-speak-and-i");
/** What it says before it repeats the caller. */
export const YOU_SAID = prompt("you-said");
/** What it says when 2 is pressed. */
export const OPENING_HOURS = prompt("this-is-only-a-demonstration-so-we");
/** What it says when 9 is pressed. */
export const GOODBYE = prompt("thank-you-for-calling-goodbye");
/** A caller's words that no script knows. */
export const HELLO = voicedPart(monoWav(new URL("hello.wav", VOICES)));

function prompt(name: string): Int16Array {
  return monoWav(new URL(`${name}.wav`, PROMPTS));
}

/** The first channel of a WAV file at 8 kHz. */
export function monoWav(file: URL | string): Int16Array {
  const { rateHz, samples } = readWav(readFileSync(file));
  if (rateHz !== 8000) {
    throw new Error(`${file} has ${rateHz} Hz`);
  }
  return samples[0] ?? new Int16Array(0);
}

/** Per 20 ms, whether there is speech in it. */
export function voicedFrames(samples: Int16Array): boolean[] {
  return Array.from({ length: Math.floor(samples.length / FRAME_SAMPLES) }, (_, i) => {
    const frame = samples.subarray(i * FRAME_SAMPLES, (i + 1) * FRAME_SAMPLES);
    return levelDbfs(frame) > SPEECH_DBFS;
  });
}

/** Without the silence around it, so that the first packet is a voiced one. */
export function voicedPart(samples: Int16Array): Int16Array {
  const voiced = voicedFrames(samples);
  const from = voiced.indexOf(true);
  return samples.slice(from * FRAME_SAMPLES, (voiced.lastIndexOf(true) + 1) * FRAME_SAMPLES);
}

/** Where `words` are in what was heard, and how alike both are; `atMs` counts from the first sample heard. */
export function findWords(
  words: Int16Array,
  heard: Int16Array,
): { readonly atMs: number; readonly coefficient: number } {
  // Silence around it: where only a part of the words fits in, the rest counts as not heard.
  const padded = new Int16Array(heard.length + 2 * words.length);
  padded.set(heard, words.length);
  const { lag, coefficient } = correlate(words, padded, heard.length + words.length);
  return { atMs: (lag - words.length) / 8, coefficient };
}
