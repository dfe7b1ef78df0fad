/** Turns the phrases of a dialogue step into a JSGF grammar with decoys, and the small dictionary it needs. */

/** A grammar a recogniser can load, and how long each of its phrases may take to say. */
export interface SpeechGrammar {
  /** Phrases whose every word has a pronunciation. */
  readonly phrases: readonly string[];
  /** Phrases that cannot be listened for. */
  readonly unreadable: readonly string[];
  /** JSGF V1.0. */
  readonly jsgf: string;
  /** CMU dictionary lines. */
  readonly dictionary: string;
  /** Longest plausible utterance of each phrase. */
  readonly maxSpeechMs: ReadonlyMap<string, number>;
}

/**
 * Common words nobody listens for: speech that is none of the phrases matches one of them better than a phrase.
 * Without them every utterance would be read as the nearest phrase.
 */
const DECOYS = (
  "the a of and to in that it for was on are as with his they at be this have from or had by " +
  "word but what all were we when your can said there use an each which she do how their if " +
  "will up other about out many then them these so some her would make like him into time has"
).split(" ");

/**
 * How much a phrase is preferred over one, two or three decoys in a row, which fit any speech better than a phrase does.
 * In plain digits: pocketsphinx refuses a grammar with an exponent.
 */
const PHRASE_WEIGHT = `1${"0".repeat(24)}`;
const DECOY_RUNS = ["<decoy>", "<decoy> <decoy>", "<decoy> <decoy> <decoy>"];
const SPEECH_BASE_MS = 500;
const SPEECH_PER_PHONE_MS = 130;
const BEGINNING_CHARS = 3;
const READABLE = /^[a-z']+( [a-z']+)*$/;

/** Pronunciations of a word: phones separated by spaces; empty for an unknown word. */
export type Pronunciations = (word: string) => readonly string[];

/** Builds the grammar; `undefined` when no phrase can be read. */
export function buildGrammar(
  phrases: readonly string[],
  pronounce: Pronunciations,
): SpeechGrammar | undefined {
  const readable = phrases.filter((phrase) => isReadable(phrase, pronounce));
  if (readable.length === 0) {
    return undefined;
  }
  const words = new Set(readable.flatMap((phrase) => phrase.split(" ")));
  const decoys = DECOYS.filter((word) => !words.has(word) && pronounce(word).length > 0);
  const alternatives = readable.map((phrase) => `/${PHRASE_WEIGHT}/ ${phrase}`);
  if (decoys.length > 0) {
    alternatives.push(...DECOY_RUNS.map((run) => `/1/ ${run}`));
  }
  const decoyRule = decoys.length > 0 ? `<decoy> = ${decoys.join(" | ")};\n` : "";
  return {
    phrases: readable,
    unreadable: phrases.filter((phrase) => !readable.includes(phrase)),
    jsgf: `#JSGF V1.0;\ngrammar step;\n${decoyRule}public <answer> = ${alternatives.join(" | ")};\n`,
    dictionary: [...words, ...decoys].map((word) => entries(word, pronounce)).join(""),
    maxSpeechMs: new Map(readable.map((phrase) => [phrase, maxSpeechMs(phrase, pronounce)])),
  };
}

/**
 * Looks words up in the text of a CMU dictionary: lines of `word PHONES`, variants as `word(2) PHONES`.
 * One pass notes where the words of each beginning lie, so that a look-up costs microseconds and not a scan.
 */
export function pronunciationsFrom(dictionaryText: string): Pronunciations {
  const text = `${dictionaryText}\n`;
  const regions = regionsOf(text);
  const found = new Map<string, readonly string[]>();
  return (word) => {
    const region = regions.get(beginningOf(word));
    const phones =
      found.get(word) ??
      (region === undefined ? [] : search(text.slice(region.start, region.end), word));
    found.set(word, phones);
    return phones;
  };
}

interface Region {
  readonly start: number;
  end: number;
}

/** From the first line to the last whose word begins so. */
function regionsOf(text: string): Map<string, Region> {
  const regions = new Map<string, Region>();
  for (let start = 0, end = 0; start < text.length; start = end) {
    end = text.indexOf("\n", start) + 1;
    const beginning = beginningOf(text.slice(start, start + BEGINNING_CHARS));
    const region = regions.get(beginning);
    if (region === undefined) {
      regions.set(beginning, { start, end });
    } else {
      region.end = end;
    }
  }
  return regions;
}

/** The first letters of a line or a word; shorter words have only what comes before the space or variant. */
function beginningOf(text: string): string {
  return /^[^\s(]*/.exec(text.slice(0, BEGINNING_CHARS))?.[0] ?? "";
}

function search(lines: string, word: string): readonly string[] {
  return lines
    .split("\n")
    .filter((line) => line.startsWith(`${word} `) || line.startsWith(`${word}(`))
    .map((line) => line.slice(line.indexOf(" ") + 1).trim());
}

function isReadable(phrase: string, pronounce: Pronunciations): boolean {
  return READABLE.test(phrase) && phrase.split(" ").every((word) => pronounce(word).length > 0);
}

function entries(word: string, pronounce: Pronunciations): string {
  return pronounce(word)
    .map((phones, index) => `${word}${index === 0 ? "" : `(${index + 1})`} ${phones}\n`)
    .join("");
}

function maxSpeechMs(phrase: string, pronounce: Pronunciations): number {
  const phones = phrase
    .split(" ")
    .reduce((sum, word) => sum + (pronounce(word)[0]?.split(" ").length ?? 0), 0);
  return SPEECH_BASE_MS + SPEECH_PER_PHONE_MS * phones;
}
