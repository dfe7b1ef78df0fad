/** What is known: Markdown cut into passages by its headings, and the passages that answer a question, ranked by BM25. */
import type { AssistSource } from "../ports/assist-events.ts";
import { excerptOf, sentencesOf, subjectWordsOf } from "./words.ts";

/** One file of Markdown. */
export interface KnowledgeFile {
  /** Relative to the folder, as sources are cited. */
  readonly path: string;
  readonly text: string;
}

/** A passage that was found. */
export interface KnowledgeHit {
  readonly source: AssistSource;
  /** What to say, of the passage's own sentences. */
  readonly answer: string;
  /** BM25; comparable within one search only. */
  readonly score: number;
}

interface Passage {
  readonly title: string;
  readonly uri: string;
  readonly text: string;
  readonly wordCount: number;
}

interface Posting {
  readonly passage: number;
  readonly count: number;
  readonly inTitle: boolean;
}

/** What a passage holds of a question. */
interface Found {
  score: number;
  weight: number;
  words: number;
  inTitle: boolean;
}

/** What more is given is not read. */
export const KNOWLEDGE_LIMITS = { files: 500, fileCharacters: 262_144, passages: 5000 } as const;

const K1 = 1.2;
const B = 0.75;
/** A word of a heading says more about a passage than one of its text. */
const TITLE_WEIGHT = 3;
/** The share of a question's weight that a passage has to hold to count as an answer; less where its heading holds a word of it. */
const MIN_COVERAGE = 0.4;
const MIN_TITLE_COVERAGE = 0.2;
/** A word that nothing is known of may be beside the point. */
const UNKNOWN_WEIGHT = 0.5;
const MAX_QUESTION_WORDS = 32;
const MAX_ANSWER_CHARACTERS = 600;
const MAX_EXCERPT_CHARACTERS = 300;
const MAX_PASSAGE_CHARACTERS = 4000;

/** An index in memory, built once; searches take no longer than the postings of the question's words. */
export class KnowledgeIndex {
  readonly #passages: Passage[] = [];
  readonly #postings = new Map<string, Posting[]>();
  #averageWords = 1;

  constructor(files: readonly KnowledgeFile[]) {
    for (const file of files.slice(0, KNOWLEDGE_LIMITS.files)) {
      for (const passage of passagesOf(file)) {
        this.#add(passage);
      }
    }
    const total = this.#passages.reduce((sum, { wordCount }) => sum + wordCount, 0);
    this.#averageWords = Math.max(1, total / Math.max(1, this.#passages.length));
  }

  /** How many passages there are. */
  get size(): number {
    return this.#passages.length;
  }

  /** The best passages for a question, best first; none where too little of the question is known. */
  search(question: string, maxHits: number): readonly KnowledgeHit[] {
    const words = [...new Set(subjectWordsOf(question))].slice(0, MAX_QUESTION_WORDS);
    const scores = new Map<number, Found>();
    let wholeWeight = 0;
    for (const word of words) {
      const postings = this.#postings.get(word) ?? [];
      const weight = this.#weightOf(Math.max(1, postings.length));
      wholeWeight += postings.length === 0 ? UNKNOWN_WEIGHT * weight : weight;
      for (const { passage, count, inTitle } of postings) {
        const sum = scores.get(passage) ?? { score: 0, weight: 0, words: 0, inTitle: false };
        sum.words += 1;
        sum.inTitle ||= inTitle;
        sum.score += weight * this.#frequencyOf(passage, count);
        sum.weight += weight;
        scores.set(passage, sum);
      }
    }
    return [...scores]
      .filter(([, found]) => isAnswer(found, wholeWeight))
      .sort(([a, left], [b, right]) => right.score - left.score || a - b)
      .slice(0, maxHits)
      .map(([passage, { score }]) => hitOf(this.#passages[passage] as Passage, words, score));
  }

  #add({ title, uri, text }: Omit<Passage, "wordCount">): void {
    if (this.#passages.length >= KNOWLEDGE_LIMITS.passages) {
      return;
    }
    const counts = new Map<string, number>();
    const count = (word: string, weight: number): void => {
      counts.set(word, (counts.get(word) ?? 0) + weight);
    };
    const words = subjectWordsOf(text);
    for (const word of words) {
      count(word, 1);
    }
    const titleWords = new Set(subjectWordsOf(title));
    for (const word of titleWords) {
      count(word, TITLE_WEIGHT);
    }
    const passage = this.#passages.push({ title, uri, text, wordCount: words.length }) - 1;
    for (const [word, times] of counts) {
      const postings = this.#postings.get(word) ?? [];
      postings.push({ passage, count: times, inTitle: titleWords.has(word) });
      this.#postings.set(word, postings);
    }
  }

  #weightOf(passages: number): number {
    return Math.log(1 + (this.#passages.length - passages + 0.5) / (passages + 0.5));
  }

  #frequencyOf(passage: number, count: number): number {
    const { wordCount } = this.#passages[passage] as Passage;
    return (count * (K1 + 1)) / (count + K1 * (1 - B + (B * wordCount) / this.#averageWords));
  }
}

/** A word alone, outside the heading, is a coincidence. */
function isAnswer({ weight, words, inTitle }: Found, wholeWeight: number): boolean {
  return inTitle
    ? weight >= MIN_TITLE_COVERAGE * wholeWeight
    : words > 1 && weight >= MIN_COVERAGE * wholeWeight;
}

/** A passage begins with each heading; its title holds those above it. */
function passagesOf({ path, text }: KnowledgeFile): readonly Omit<Passage, "wordCount">[] {
  const headings: string[] = [];
  const passages: Omit<Passage, "wordCount">[] = [];
  const fallback = path.replace(/^.*\//, "").replace(/\.md$/i, "").replaceAll(/[-_]/g, " ");
  let lines: string[] = [];
  const close = (): void => {
    const body = lines.join("\n").trim().slice(0, MAX_PASSAGE_CHARACTERS);
    lines = [];
    if (body !== "") {
      const named = headings.filter((heading) => heading !== undefined);
      const anchor = named.length > 1 ? `#${slugOf(named.at(-1) ?? "")}` : "";
      passages.push({
        title: named.length === 0 ? fallback : named.join(" – "),
        uri: `${path}${anchor}`,
        text: body,
      });
    }
  };
  for (const line of text.slice(0, KNOWLEDGE_LIMITS.fileCharacters).split(/\r?\n/)) {
    const heading = /^(#{1,6})\s+(\S.*)$/.exec(line);
    if (heading === null) {
      lines.push(line);
    } else {
      close();
      headings.length = Math.min(headings.length, (heading[1] as string).length - 1);
      headings.push((heading[2] as string).replace(/\s+#+\s*$/, "").slice(0, 200));
    }
  }
  close();
  return passages;
}

function slugOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s-]/gu, "")
    .trim()
    .replace(/\s+/g, "-");
}

/** A passage that a service found, with what of it answers the question. */
export function hitFrom(
  {
    title,
    uri,
    text,
  }: { readonly title: string; readonly uri: string | undefined; readonly text: string },
  question: string,
): KnowledgeHit {
  return hitOf({ title, uri, text }, subjectWordsOf(question).slice(0, MAX_QUESTION_WORDS), 0);
}

/** The sentences that hold most of the question, in the passage's order. */
function hitOf(
  { title, uri, text }: Pick<Passage, "title" | "text"> & { readonly uri: string | undefined },
  words: readonly string[],
  score: number,
): KnowledgeHit {
  const wanted = new Set(words);
  const sentences = sentencesOf(text);
  const rated = sentences.map((sentence, index) => {
    const found = new Set(subjectWordsOf(sentence).filter((word) => wanted.has(word)));
    return { sentence, index, found: found.size };
  });
  const best = rated
    .toSorted((left, right) => right.found - left.found || left.index - right.index)
    .slice(0, 3)
    .sort((left, right) => left.index - right.index);
  const answer = excerptOf(best.map(({ sentence }) => sentence).join(" "), MAX_ANSWER_CHARACTERS);
  const excerpt = excerptOf(text, MAX_EXCERPT_CHARACTERS);
  return { source: { title, uri, excerpt }, answer, score };
}
