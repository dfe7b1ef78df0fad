/** The end of a conversation in a few sentences: the customer's own words that say most, what was done, what was left out. */
import type { AssistRole, PlaybookStep, Sentiment } from "../ports/assist-events.ts";
import { excerptOf, sentencesOf, subjectWordsOf } from "./words.ts";

/** What is known beside the words. */
export interface SummaryFacts {
  readonly steps: readonly PlaybookStep[];
  readonly missed: readonly string[];
  /** Of the customer, at the end. */
  readonly sentiment: Sentiment | undefined;
}

/** Sentences of the customer that are kept; a reason for calling is said early. */
const MAX_SENTENCES = 200;
const MAX_SENTENCE_CHARACTERS = 300;
const REASONS = 2;

/** Extractive: it adds no word of its own to what was said. */
export class ConversationSummary {
  readonly #sentences: string[] = [];
  readonly #counts = new Map<string, number>();

  add(role: AssistRole, text: string): void {
    if (role !== "customer") {
      return;
    }
    for (const sentence of sentencesOf(text)) {
      if (this.#sentences.length >= MAX_SENTENCES) {
        return;
      }
      this.#sentences.push(excerptOf(sentence, MAX_SENTENCE_CHARACTERS));
      for (const word of new Set(subjectWordsOf(sentence))) {
        this.#counts.set(word, (this.#counts.get(word) ?? 0) + 1);
      }
    }
  }

  text({ steps, missed, sentiment }: SummaryFacts): string {
    const reasons = this.#reasons();
    const done = steps.filter((step) => step.done).map(({ title }) => title);
    const parts = [
      reasons.length === 0 ? "The customer said nothing that was understood." : undefined,
      reasons.length === 0 ? undefined : `The customer said: “${reasons.join("” “")}”`,
      done.length === 0 ? undefined : `Done: ${done.join("; ")}.`,
      missed.length === 0 ? undefined : `Left out: ${missed.join("; ")}.`,
      sentiment === undefined ? undefined : `Mood at the end: ${sentiment}.`,
    ];
    return parts.filter((part) => part !== undefined).join("\n");
  }

  /** The sentences with the most words that come back, earlier ones first among equals, in the order they were said. */
  #reasons(): readonly string[] {
    const rated = this.#sentences.map((sentence, index) => {
      const words = new Set(subjectWordsOf(sentence));
      const weight = [...words].reduce((sum, word) => sum + (this.#counts.get(word) ?? 0), 0);
      return { sentence, index, weight };
    });
    return rated
      .filter(({ weight }) => weight > 0)
      .toSorted((left, right) => right.weight - left.weight || left.index - right.index)
      .slice(0, REASONS)
      .sort((left, right) => left.index - right.index)
      .map(({ sentence }) => sentence);
  }
}
