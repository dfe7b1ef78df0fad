/** Speaks any text with flite or espeak-ng, as 8 kHz PCM, trimmed and at the level of the shipped prompts. */
import { Resampler } from "../audio/resampler.ts";
import { readWav } from "../audio/wav.ts";
import type { ProgramRunner } from "./program-runner.ts";
import { finishSpeech } from "./speech-finish.ts";

/** Speaks text. */
export interface SpeechSynthesiser {
  /** For people: the program's name. */
  readonly program: string;
  /** PCM16 at 8 kHz, or `undefined` when it could not be spoken. Never rejects. */
  speak(text: string, signal: AbortSignal): Promise<Int16Array | undefined>;
}

interface Voice {
  readonly program: string;
  readonly args: readonly string[];
}

/** Best first. */
const VOICES: readonly Voice[] = [
  { program: "flite", args: ["-voice", "slt", "-f", "text.txt", "-o", "speech.wav"] },
  {
    program: "espeak-ng",
    args: ["-v", "en-us", "-s", "150", "-f", "text.txt", "-w", "speech.wav"],
  },
];
const TIMEOUT_MS = 5_000;
const MAX_TEXT_CHARS = 1_000;
const BRIDGE_RATE_HZ = 24_000;

/** The best synthesiser on the machine, or `undefined`. */
export function findSynthesiser(programs: ProgramRunner): SpeechSynthesiser | undefined {
  for (const voice of VOICES) {
    const path = programs.locate(voice.program);
    if (path !== undefined) {
      return new ProgramSynthesiser(programs, voice, path);
    }
  }
  return undefined;
}

class ProgramSynthesiser implements SpeechSynthesiser {
  readonly program: string;
  readonly #programs: ProgramRunner;
  readonly #args: readonly string[];
  readonly #path: string;

  constructor(programs: ProgramRunner, voice: Voice, path: string) {
    this.program = voice.program;
    this.#programs = programs;
    this.#args = voice.args;
    this.#path = path;
  }

  async speak(text: string, signal: AbortSignal): Promise<Int16Array | undefined> {
    const result = await this.#programs.run({
      program: this.#path,
      args: this.#args,
      files: { "text.txt": `${text.slice(0, MAX_TEXT_CHARS)}\n` },
      outputFile: "speech.wav",
      timeoutMs: TIMEOUT_MS,
      signal,
    });
    return result.kind === "done" ? speechOf(result.output) : undefined;
  }
}

function speechOf(wavBytes: Uint8Array): Int16Array | undefined {
  try {
    const { samples, rateHz } = readWav(wavBytes);
    const [mono] = samples;
    return mono === undefined ? undefined : finishSpeech(toTelephoneRate(mono, rateHz));
  } catch {
    return undefined;
  }
}

/** espeak-ng speaks at 22.05 kHz, which is first stretched to a rate the resampler takes. */
function toTelephoneRate(samples: Int16Array, rateHz: number): Int16Array {
  if (rateHz !== 8000 && rateHz !== 16_000 && rateHz !== 24_000) {
    return toTelephoneRate(interpolate(samples, rateHz, BRIDGE_RATE_HZ), BRIDGE_RATE_HZ);
  }
  const target = new Int16Array(Math.ceil((samples.length * 8000) / rateHz));
  new Resampler(rateHz, 8000).process(samples, samples.length, target);
  return target;
}

function interpolate(samples: Int16Array, fromHz: number, toHz: number): Int16Array {
  const target = new Int16Array(Math.floor((samples.length * toHz) / fromHz));
  for (let i = 0; i < target.length; i += 1) {
    const position = (i * fromHz) / toHz;
    const index = Math.floor(position);
    const here = samples[index] ?? 0;
    target[i] = here + ((samples[index + 1] ?? here) - here) * (position - index);
  }
  return target;
}
