/** The answers of a Gemini Live session, which the service does not name: where one begins, ends and is cut off. */
import type { Clock } from "../core/clock.ts";
import type { ModelSink } from "../ports/realtime-model.ts";
import type { GeminiTranscripts } from "./gemini-transcripts.ts";

/** Text that comes this long before the audio of an answer belongs to it; older text is the rest of an answer that is over. */
const EARLY_TEXT_US = 1_000_000;

/** One answer at a time: the service speaks with one voice. */
export class GeminiAnswers {
  readonly #clock: Clock;
  readonly #sink: ModelSink;
  readonly #transcripts: GeminiTranscripts;
  #count = 0;
  #itemId: string | undefined;
  /** Audio of the answer came, and may go on. */
  #sounding = false;
  /** All audio of the answer came. */
  #complete = false;
  /** The engine cut the answer off: what still comes of it is dropped. */
  #muted = false;
  /** Text that came while there was no answer. */
  #early: { readonly text: string; readonly atUs: number } | undefined;
  #audioBytes = 0;
  #lateBytes = 0;
  #lateTexts = 0;

  constructor(clock: Clock, sink: ModelSink, transcripts: GeminiTranscripts) {
    this.#clock = clock;
    this.#sink = sink;
    this.#transcripts = transcripts;
  }

  /** The service has begun an answer and has not said that all its audio was sent. */
  get generating(): boolean {
    return this.#itemId !== undefined && !this.#complete;
  }

  onAudio(bytes: Uint8Array): void {
    const itemId = this.#open();
    if (this.#muted) {
      this.#lateBytes += bytes.length;
    } else if (bytes.length > 0) {
      this.#sounding = true;
      this.#audioBytes += bytes.length;
      this.#sink.onAudio(bytes, itemId);
    }
  }

  /** Text may come before and after the audio that it belongs to, but it begins no answer. */
  onText(text: string): void {
    if (this.#itemId === undefined) {
      this.#keepEarly(text);
    } else if (this.#muted) {
      this.#lateTexts += 1;
    } else {
      this.#transcripts.onModelText(text, this.#itemId);
    }
  }

  /** No more audio of this answer will come; text may. */
  onGenerationComplete(): void {
    const itemId = this.#itemId;
    if (itemId !== undefined && !this.#complete) {
      this.#complete = true;
      if (this.#sounding && !this.#muted) {
        this.#sink.onAudioDone(itemId);
      }
    }
  }

  /** The turn is over, and with it the answer. */
  onTurnComplete(): void {
    this.onGenerationComplete();
    this.#forget();
  }

  /** The service stopped the answer. Returns whether the engine does not know yet. */
  onInterrupted(): boolean {
    const isNews = !this.#muted;
    this.#forget();
    return isNews;
  }

  /** The engine stopped the answer. */
  interrupt(itemId: string): void {
    if (itemId === this.#itemId) {
      this.#muted = true;
      this.#transcripts.finishModel();
    }
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return {
      answers: this.#count,
      audioBytes: this.#audioBytes,
      lateDroppedBytes: this.#lateBytes,
      lateTexts: this.#lateTexts,
    };
  }

  /** The answer under way; audio after the end of one is another's. */
  #open(): string {
    if (this.#complete) {
      this.#forget();
    }
    if (this.#itemId === undefined) {
      this.#count += 1;
      this.#itemId = `answer-${this.#count}`;
      this.#useEarly(this.#itemId);
    }
    return this.#itemId;
  }

  #keepEarly(text: string): void {
    const before = this.#freshEarly();
    this.#early = { text: before + text, atUs: this.#clock.nowUs() };
  }

  #useEarly(itemId: string): void {
    const text = this.#freshEarly();
    this.#early = undefined;
    if (text !== "") {
      this.#transcripts.onModelText(text, itemId);
    }
  }

  #freshEarly(): string {
    const early = this.#early;
    if (early !== undefined && this.#clock.nowUs() - early.atUs > EARLY_TEXT_US) {
      this.#lateTexts += 1;
      return "";
    }
    return early?.text ?? "";
  }

  #forget(): void {
    this.#itemId = undefined;
    this.#sounding = false;
    this.#complete = false;
    this.#muted = false;
  }
}
