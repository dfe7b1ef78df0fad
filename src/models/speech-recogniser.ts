/** Reads one utterance against the phrases of a dialogue step with pocketsphinx_batch. */
import { readFile } from "node:fs/promises";
import { Resampler } from "../audio/resampler.ts";
import type { ProgramRunner } from "./program-runner.ts";
import {
  buildGrammar,
  type Pronunciations,
  pronunciationsFrom,
  type SpeechGrammar,
} from "./speech-grammar.ts";

/** One utterance of the caller. */
export interface Utterance {
  /** PCM16 at 8 kHz, with some silence around the speech. */
  readonly samples: Int16Array;
  /** From the first to the last voiced frame. */
  readonly speechMs: number;
}

/** Tells which phrase was said. */
export interface SpeechRecogniser {
  /** For people: the program's name. */
  readonly program: string;
  /** One of `phrases`, or `undefined` for anything else. Never rejects. */
  recognise(
    utterance: Utterance,
    phrases: readonly string[],
    signal: AbortSignal,
  ): Promise<string | undefined>;
}

const PROGRAM = "pocketsphinx_batch";
const MODEL_DIRECTORY = "/usr/share/pocketsphinx/model/en-us";
const TIMEOUT_MS = 3_000;
const MAX_GRAMMARS = 64;
/** The hypothesis, then the utterance's name and score: `yes (speech -2606)`. */
const HYPOTHESIS = /^(.*?)\s*\(\S+ -?\d+\)\s*$/m;

/** What was found: a recogniser, or why there is none. */
export type RecogniserSearch =
  | { readonly kind: "found"; readonly recogniser: SpeechRecogniser }
  | { readonly kind: "missing"; readonly reason: string };

/** Looks for the program and its English model. Never rejects. */
export async function findRecogniser(
  programs: ProgramRunner,
  modelDirectory: string = MODEL_DIRECTORY,
): Promise<RecogniserSearch> {
  const path = programs.locate(PROGRAM);
  if (path === undefined) {
    return { kind: "missing", reason: `no ${PROGRAM} on this machine` };
  }
  const acousticModel = `${modelDirectory}/en-us`;
  const dictionary = `${modelDirectory}/cmudict-en-us.dict`;
  if (!programs.isReadable(`${acousticModel}/mdef`) || !programs.isReadable(dictionary)) {
    return { kind: "missing", reason: `no model in ${modelDirectory}` };
  }
  try {
    const pronounce = pronunciationsFrom(await readFile(dictionary, "latin1"));
    return {
      kind: "found",
      recogniser: createSphinxRecogniser({ programs, path, acousticModel, pronounce }),
    };
  } catch {
    return { kind: "missing", reason: `cannot read ${dictionary}` };
  }
}

/** What a pocketsphinx recogniser needs. */
export interface SphinxOptions {
  readonly programs: ProgramRunner;
  /** Of `pocketsphinx_batch`. */
  readonly path: string;
  /** Directory of a 16 kHz acoustic model. */
  readonly acousticModel: string;
  readonly pronounce: Pronunciations;
}

/** A recogniser that starts the program once per utterance, 30 to 40 ms with a dictionary this small. */
export function createSphinxRecogniser(options: SphinxOptions): SpeechRecogniser {
  return new SphinxRecogniser(options);
}

class SphinxRecogniser implements SpeechRecogniser {
  readonly program = PROGRAM;
  readonly #options: SphinxOptions;
  readonly #grammars = new Map<string, SpeechGrammar | undefined>();

  constructor(options: SphinxOptions) {
    this.#options = options;
  }

  async recognise(
    utterance: Utterance,
    phrases: readonly string[],
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const grammar = this.#grammarOf(phrases);
    if (grammar === undefined || isTooLong(grammar, utterance.speechMs)) {
      return undefined;
    }
    const result = await this.#options.programs.run({
      program: this.#options.path,
      args: this.#args(),
      files: {
        "speech.raw": wideBand(utterance.samples),
        "speech.ctl": "speech\n",
        "step.gram": grammar.jsgf,
        "step.dict": grammar.dictionary,
      },
      outputFile: "speech.hyp",
      timeoutMs: TIMEOUT_MS,
      signal,
    });
    if (result.kind !== "done") {
      return undefined;
    }
    return accept(Buffer.from(result.output).toString("latin1"), grammar, utterance.speechMs);
  }

  /** `-cmn batch`: normalisation over the one utterance; the live kind has not converged when it ends. */
  #args(): readonly string[] {
    const model = ["-hmm", this.#options.acousticModel, "-dict", "step.dict"];
    const input = ["-adcin", "yes", "-cepdir", ".", "-cepext", ".raw", "-ctl", "speech.ctl"];
    const search = ["-jsgf", "step.gram", "-cmn", "batch"];
    return [...model, ...input, ...search, "-hyp", "speech.hyp", "-logfn", "/dev/null"];
  }

  #grammarOf(phrases: readonly string[]): SpeechGrammar | undefined {
    const key = phrases.join("|");
    if (!this.#grammars.has(key)) {
      if (this.#grammars.size >= MAX_GRAMMARS) {
        this.#grammars.clear();
      }
      this.#grammars.set(key, buildGrammar(phrases, this.#options.pronounce));
    }
    return this.#grammars.get(key);
  }
}

/** A phrase counts unless the caller spoke for longer than anybody takes to say it. */
function accept(hypotheses: string, grammar: SpeechGrammar, speechMs: number): string | undefined {
  const phrase = HYPOTHESIS.exec(hypotheses)?.[1]?.toLowerCase() ?? "";
  const maxMs = grammar.maxSpeechMs.get(phrase);
  return maxMs === undefined || speechMs > maxMs ? undefined : phrase;
}

/** Nobody takes so long for any of the phrases: not worth a run. */
function isTooLong(grammar: SpeechGrammar, speechMs: number): boolean {
  return speechMs > Math.max(...grammar.maxSpeechMs.values());
}

/** 16 kHz PCM16, little-endian, as the acoustic model wants it. */
function wideBand(samples: Int16Array): Uint8Array {
  const target = new Int16Array(samples.length * 2);
  new Resampler(8000, 16_000).process(samples, samples.length, target);
  return new Uint8Array(target.buffer);
}
