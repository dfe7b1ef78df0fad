/** Which of the caller's utterances a text belongs to: texts come late, and models do not say of what. */
import { countWords } from "./backchannels.ts";

/** Nobody says more words than one in so many milliseconds; more were said before. */
const MIN_WORD_MS = 120;
/** A text that did not come by then does not come. */
const TEXT_DUE_MS = 5000;
const MAX_KNOWN_ITEMS = 16;

/** Follows one caller. */
export class CallerWords {
  /** Utterances whose text began before the sound. */
  readonly #knownItems = new Set<string>();
  /** Utterances that ended and whose text is still to come; of those, the ones from before the sound. */
  #untold = 0;
  #untoldBefore = 0;
  #lastEndMs = 0;

  /** The model heard an utterance end. */
  onEnded(nowMs: number): void {
    this.#untold += 1;
    this.#lastEndMs = nowMs;
  }

  /** A sound begins; texts are compared with it from now on. */
  onSound(nowMs: number): void {
    if (nowMs - this.#lastEndMs > TEXT_DUE_MS) {
      this.#untold = 0;
    }
    this.#untoldBefore = this.#untold;
  }

  /** Whether `text` can be what was said in the sound. @param soundMs How long it was so far. */
  belong(text: string, itemId: string, final: boolean, soundMs: number): boolean {
    const known = this.#knownItems.has(itemId);
    const earlier = known || this.#untoldBefore > 0;
    if (final) {
      this.#untold = Math.max(0, this.#untold - 1);
      this.#untoldBefore = Math.max(0, this.#untoldBefore - 1);
    }
    if (final || earlier) {
      this.#remember(itemId);
    }
    return !earlier && countWords(text) <= 1 + soundMs / MIN_WORD_MS;
  }

  /** A text that came while no sound was judged. */
  pass(itemId: string, final: boolean): void {
    this.belong("", itemId, final, 0);
    this.#remember(itemId);
  }

  #remember(itemId: string): void {
    this.#knownItems.add(itemId);
    if (this.#knownItems.size > MAX_KNOWN_ITEMS) {
      this.#knownItems.delete(this.#knownItems.values().next().value ?? itemId);
    }
  }
}
