/** The model's answers as they come from Nova Sonic: pieces of audio joined to answers, each interrupted at most once. */
import type { ModelSink } from "../ports/realtime-model.ts";
import { decodeAudio } from "./base64-audio.ts";
import type { ContentStart } from "./nova-events.ts";

/** Where the audio of one content goes. */
type Fate = "play" | "late" | "wrongRate";

/** Answers of one session. */
export class NovaAnswers {
  readonly #sink: ModelSink;
  readonly #rateHz: number;
  /** Contents of audio that are open, and what becomes of them. */
  readonly #contents = new Map<string, Fate>();
  #serial = 0;
  /** The answer whose audio comes; `undefined`: between answers. */
  #itemId: string | undefined;
  #lastItemId = "answer-0";
  /** Some of its audio was passed on. */
  #sounding = false;
  /** The model spoke since it was interrupted last, so that it can be again. */
  #interruptible = false;
  /** From an interruption to the next answer: what still comes belongs to the old one. */
  #dropping = false;
  /** The engine interrupted the answer whose audio comes. */
  #isUnwanted = false;
  readonly #counts = { audioBytes: 0, lateAudioBytes: 0, wrongRateContents: 0, interruptions: 0 };

  constructor(sink: ModelSink, rateHz: number) {
    this.#sink = sink;
    this.#rateHz = rateHz;
  }

  /** The answer that is made, or was made last. */
  get itemId(): string {
    return this.#itemId ?? this.#lastItemId;
  }

  /** The model plans to say something: an answer begins, unless one goes on. */
  onPlanned(): void {
    this.#dropping = false;
    this.#interruptible = true;
    this.#begin();
  }

  onAudioStart({ contentId, rateHz }: ContentStart): void {
    if (rateHz !== undefined && rateHz !== this.#rateHz) {
      this.#counts.wrongRateContents += 1;
      this.#contents.set(contentId, "wrongRate");
      return;
    }
    this.#contents.set(contentId, this.#dropping ? "late" : "play");
    if (!this.#dropping) {
      this.#interruptible = true;
      this.#begin();
    }
  }

  /** @returns whether it could be read */
  onAudio(contentId: string, base64: string): boolean {
    const bytes = decodeAudio(base64);
    if (bytes === undefined || bytes.length % 2 !== 0) {
      return false;
    }
    if (this.#contents.get(contentId) === "wrongRate") {
      return true;
    }
    if (this.#itemId === undefined && !this.#dropping) {
      this.#begin();
    }
    const itemId = this.#itemId;
    if (itemId === undefined || this.#isUnwanted || this.#contents.get(contentId) === "late") {
      this.#counts.lateAudioBytes += bytes.length;
    } else if (bytes.length > 0) {
      this.#counts.audioBytes += bytes.length;
      this.#sounding = true;
      this.#sink.onAudio(bytes, itemId);
    }
    return true;
  }

  /** @returns whether it was audio */
  onContentEnd(contentId: string, stopReason: string): boolean {
    const fate = this.#contents.get(contentId);
    this.#contents.delete(contentId);
    if (fate === "play" && stopReason !== "PARTIAL_TURN") {
      this.finish();
    }
    return fate !== undefined;
  }

  /** No more audio of the answer will come; of one that was only planned, nothing is said. */
  finish(): void {
    const itemId = this.#itemId;
    const sounded = this.#sounding;
    this.#itemId = undefined;
    this.#isUnwanted = false;
    this.#sounding = false;
    if (itemId !== undefined && sounded) {
      this.#sink.onAudioDone(itemId);
    }
  }

  /** The caller has the floor: what comes next is a new answer. */
  onCallerTurn(): void {
    this.finish();
    this.#dropping = false;
  }

  /** One of the service's signals of an interruption, which come in twos and threes. */
  onInterruption(): void {
    if (this.#interruptible) {
      this.#interruptible = false;
      this.#dropping = true;
      for (const contentId of this.#contents.keys()) {
        this.#contents.set(contentId, "late");
      }
      this.#counts.interruptions += 1;
      this.finish();
      this.#sink.onInterrupted();
    }
  }

  /** The engine wants no more audio of this answer; the service cannot be told. */
  interrupt(itemId: string): void {
    this.#isUnwanted ||= itemId === this.#itemId;
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return { answers: this.#serial, ...this.#counts };
  }

  #begin(): void {
    if (this.#itemId === undefined) {
      this.#serial += 1;
      this.#itemId = `answer-${this.#serial}`;
      this.#lastItemId = this.#itemId;
    }
  }
}
