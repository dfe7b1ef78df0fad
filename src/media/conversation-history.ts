/** What both sides have said, as far as it was heard: what another session is told when it takes over. */
import type { HistoryEntry, Speaker } from "../ports/realtime-model.ts";

/** The oldest entries go beyond these. */
const MAX_ENTRIES = 400;
const MAX_CHARACTERS = 64_000;
/** Answers that were cut before their text was final. */
const MAX_CUTS = 32;

interface Said {
  readonly speaker: Speaker;
  readonly itemId: string;
  /** Of the caller's turns, from 0: before they said anything. */
  readonly turn: number;
  text: string;
  final: boolean;
}

/** In the order of the conversation: within a turn the caller comes first, though their text often comes last. */
export class ConversationHistory {
  readonly #said: Said[] = [];
  /** What part of an answer was heard, 0 … 1. */
  readonly #heard = new Map<string, number>();
  #turn = 0;
  #characters = 0;

  /** The caller has had a turn. */
  get begun(): boolean {
    return this.#turn > 0;
  }

  /** The caller begins to say something new. */
  beginTurn(): void {
    this.#turn += 1;
  }

  /** The text so far, or the final one. */
  onTranscript(speaker: Speaker, text: string, itemId: string, final: boolean): void {
    const known = this.#said.findLast((said) => said.itemId === itemId);
    if (known === undefined) {
      this.#insert({ speaker, itemId, turn: this.#turn, text, final });
    } else if (!known.final) {
      this.#characters += text.length - known.text.length;
      known.text = text;
      known.final = final;
    }
    this.#bound();
  }

  /** An answer was cut off after this part of it, 0 … 1. */
  onCut(itemId: string, heardShare: number): void {
    this.#heard.set(itemId, heardShare);
    if (this.#heard.size > MAX_CUTS) {
      this.#heard.delete(this.#heard.keys().next().value ?? itemId);
    }
  }

  /** Oldest first; without the caller's last turn and what followed when that turn is still to be answered. */
  entries(options: { readonly withoutLastTurn: boolean }): readonly HistoryEntry[] {
    const entries: HistoryEntry[] = [];
    for (const said of this.#said) {
      const text = this.#heardText(said);
      const told = said.speaker === "model" || said.final;
      if (text !== "" && told && !(options.withoutLastTurn && said.turn === this.#turn)) {
        entries.push({ speaker: said.speaker, text });
      }
    }
    return entries;
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return { entries: this.#said.length, turns: this.#turn };
  }

  #insert(said: Said): void {
    this.#characters += said.text.length;
    let index = this.#said.length;
    if (said.speaker === "caller") {
      while (index > 0 && this.#isAnswerIn(said.turn, index - 1)) {
        index -= 1;
      }
    }
    this.#said.splice(index, 0, said);
  }

  #isAnswerIn(turn: number, index: number): boolean {
    const said = this.#said[index];
    return said?.turn === turn && said.speaker === "model";
  }

  /** Whole words of a cut answer. */
  #heardText({ itemId, text }: Said): string {
    const share = this.#heard.get(itemId) ?? 1;
    if (share >= 1) {
      return text;
    }
    const words = text.split(/(?<=\s)/);
    return words
      .slice(0, Math.floor(words.length * share))
      .join("")
      .trimEnd();
  }

  #bound(): void {
    while (this.#said.length > MAX_ENTRIES || this.#characters > MAX_CHARACTERS) {
      const oldest = this.#said.shift();
      if (oldest === undefined) {
        return;
      }
      this.#characters -= oldest.text.length;
      this.#heard.delete(oldest.itemId);
    }
  }
}
