/** A model's answer while it comes: shown as far as its text goes, and read as a whole when it is there. */
import type { AdviceOutcome, AdviceRequest } from "../ports/advisor.ts";
import { ADVICE_FIELD, MAX_ANSWER, readAdvice } from "./advice-prompt.ts";
import { PartialAnswer } from "./partial-answer.ts";

/** Of one answer, as it arrives. */
export const MAX_ADVICE_CHARACTERS = 128 * 1024;

/** Takes the pieces of the JSON that a model writes. */
export class GrowingAdvice {
  readonly #request: AdviceRequest;
  readonly #partial = new PartialAnswer(ADVICE_FIELD, MAX_ANSWER);
  #json = "";

  constructor(request: AdviceRequest) {
    this.#request = request;
  }

  /** `false`: it is longer than an answer can be, and nothing more is taken. */
  push(piece: string): boolean {
    if (this.#json.length + piece.length > MAX_ADVICE_CHARACTERS) {
      return false;
    }
    this.#json += piece;
    const isWanted = !this.#request.signal.aborted;
    if (this.#partial.push(piece) && isWanted && this.#partial.text.trim() !== "") {
      this.#request.onPartial?.(this.#partial.text.trimStart());
    }
    return true;
  }

  /** What the whole says; sources are believed only now. */
  finish(): AdviceOutcome {
    return readAdvice(jsonOf(this.#json), this.#request);
  }
}

/** `undefined`: it is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
