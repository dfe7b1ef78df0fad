/** One card on an agent's page, from its first words to its final text, or taken back. */
import type { AssistEvent, AssistSource } from "../ports/assist-events.ts";

/** What a card works with. */
export interface SuggestionCardOptions {
  readonly utteranceId: string;
  /** A new id; `undefined`: there are too many suggestions. */
  readonly reserve: () => string | undefined;
  readonly tell: (event: AssistEvent) => void;
}

/** Tells nothing after `finish` or `withdraw`. */
export class SuggestionCard {
  readonly #options: SuggestionCardOptions;
  #suggestionId: string | undefined;
  #isOver = false;

  constructor(options: SuggestionCardOptions) {
    this.#options = options;
  }

  /** Shows what is known of the answer so far. */
  grow(text: string): void {
    this.#show({ text, partial: true, sources: [] });
  }

  finish(text: string, sources: readonly AssistSource[]): void {
    this.#show({ text, partial: false, sources });
    this.#isOver = true;
  }

  /** What was shown was no answer after all; nothing where nothing was shown. */
  withdraw(): void {
    if (this.#suggestionId !== undefined) {
      this.#show({ text: "", partial: false, sources: [], withdrawn: true });
    }
    this.#isOver = true;
  }

  #show(
    shown: Pick<
      Extract<AssistEvent, { readonly kind: "suggestion" }>,
      "text" | "partial" | "sources" | "withdrawn"
    >,
  ): void {
    const { reserve, tell, utteranceId } = this.#options;
    if (this.#isOver) {
      return;
    }
    this.#suggestionId ??= reserve();
    const suggestionId = this.#suggestionId;
    if (suggestionId !== undefined) {
      tell({ kind: "suggestion", suggestionId, category: "answer", utteranceId, ...shown });
    }
  }
}
