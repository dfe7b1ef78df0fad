/** Texts of Gemini Live, which come in pieces without an end: who said what, and when it is final. */
import { after, type Clock, type Timer } from "../core/clock.ts";
import type { ModelSink, Speaker } from "../ports/realtime-model.ts";

/** Pieces of what the caller said may still come this long after the answer to it began. */
const LATE_TEXT_MS = 1000;

interface Growing {
  readonly itemId: string;
  text: string;
  /** The caller said it while an answer was under way. */
  isOverAnswer: boolean;
}

/** The texts of one session. */
export class GeminiTranscripts {
  readonly #clock: Clock;
  readonly #sink: ModelSink;
  #caller: Growing | undefined;
  #model: Growing | undefined;
  #callerTurns = 0;
  #answering = false;
  #timer: Timer | undefined;

  constructor(clock: Clock, sink: ModelSink) {
    this.#clock = clock;
    this.#sink = sink;
  }

  onCallerText(text: string): void {
    if (this.#caller === undefined) {
      this.#callerTurns += 1;
      const itemId = `caller-${this.#callerTurns}`;
      this.#caller = { itemId, text: "", isOverAnswer: this.#answering };
    }
    this.#add("caller", this.#caller, text);
  }

  onModelText(text: string, itemId: string): void {
    if (this.#model !== undefined && this.#model.itemId !== itemId) {
      this.finishModel();
    }
    this.#model ??= { itemId, text: "", isOverAnswer: false };
    this.#add("model", this.#model, text);
  }

  /** An answer begins: what the caller said before is theirs for a moment more. */
  onAnswerBegins(): void {
    this.#answering = true;
    if (this.#caller !== undefined) {
      this.#timer ??= after(this.#clock, LATE_TEXT_MS, () => this.#finishCaller());
    }
  }

  /** The turn is over, and every text with it, but for that of a caller who interrupted it and goes on speaking. */
  onTurnOver(wasInterrupted: boolean): void {
    this.#answering = false;
    this.finishModel();
    if (wasInterrupted && this.#caller !== undefined) {
      this.#caller.isOverAnswer = false;
    } else {
      this.#finishCaller();
    }
  }

  /** The answer is over, and before it what it was the answer to. */
  finishModel(): void {
    const item = this.#model;
    if (this.#caller?.isOverAnswer === false) {
      this.#finishCaller();
    }
    this.#model = undefined;
    this.#finish("model", item);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #finishCaller(): void {
    const item = this.#caller;
    this.#caller = undefined;
    this.stop();
    this.#finish("caller", item);
  }

  #add(speaker: Speaker, item: Growing, text: string): void {
    item.text += text;
    this.#sink.onTranscript(speaker, item.text, item.itemId, false);
  }

  #finish(speaker: Speaker, item: Growing | undefined): void {
    if (item !== undefined) {
      this.#sink.onTranscript(speaker, item.text, item.itemId, true);
    }
  }
}
