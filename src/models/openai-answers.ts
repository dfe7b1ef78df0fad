/** The model's answers by item: how much audio came, which were interrupted, which are done. */
import type { ModelSink } from "../ports/realtime-model.ts";

interface Answer {
  bytes: number;
  done: boolean;
  interrupted: boolean;
  played: boolean;
}

/** Answers remembered; late audio of an older one is taken for a new answer's. */
const MAX_ANSWERS = 64;

/** The answers of one session. */
export class OpenAiAnswers {
  readonly #sink: ModelSink;
  readonly #bytesPerMs: number;
  readonly #answers = new Map<string, Answer>();
  /** The answer that spoke last, to spare a look-up per piece of audio. */
  #lastId = "";
  #last: Answer | undefined;
  #lateBytes = 0;
  #audioBytes = 0;

  constructor(sink: ModelSink, bytesPerMs: number) {
    this.#sink = sink;
    this.#bytesPerMs = bytesPerMs;
  }

  /** A piece of speech; passed on unless its answer was interrupted. */
  onAudio(bytes: Uint8Array, itemId: string): void {
    if (bytes.length === 0) {
      return;
    }
    const answer =
      this.#last !== undefined && this.#lastId === itemId ? this.#last : this.#find(itemId);
    if (answer.interrupted) {
      this.#lateBytes += bytes.length;
      return;
    }
    answer.bytes += bytes.length;
    this.#audioBytes += bytes.length;
    this.#sink.onAudio(bytes, itemId);
  }

  /** The caller hears an answer, or is about to. */
  get heard(): boolean {
    for (const { bytes, interrupted, played } of this.#answers.values()) {
      if (bytes > 0 && !interrupted && !played) {
        return true;
      }
    }
    return false;
  }

  /** The caller heard all of it. */
  onPlayed(itemId: string): void {
    const answer = this.#answers.get(itemId);
    if (answer !== undefined) {
      answer.played = true;
    }
  }

  onAudioDone(itemId: string): void {
    const answer = this.#answers.get(itemId);
    if (answer !== undefined && !answer.done) {
      this.#finish(answer, itemId);
    }
  }

  /** Ends the answers that the service left without an end. */
  onResponseDone(): void {
    for (const [itemId, answer] of this.#answers) {
      if (!answer.done) {
        this.#finish(answer, itemId);
      }
    }
  }

  /** Returns up to where the answer was heard, in whole ms of audio that exists; `undefined`: there is nothing to trim. */
  interrupt(itemId: string, playedMs: number): number | undefined {
    const known = this.#answers.get(itemId);
    const answer = known ?? this.#find(itemId);
    if (answer.interrupted) {
      return undefined;
    }
    answer.interrupted = true;
    const receivedMs = Math.floor(answer.bytes / this.#bytesPerMs);
    const heardMs = Number.isFinite(playedMs) ? Math.floor(playedMs) : receivedMs;
    return known === undefined ? undefined : Math.min(Math.max(0, heardMs), receivedMs);
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return { audioBytes: this.#audioBytes, lateDroppedBytes: this.#lateBytes };
  }

  #finish(answer: Answer, itemId: string): void {
    answer.done = true;
    if (!answer.interrupted) {
      this.#sink.onAudioDone(itemId);
    }
  }

  #find(itemId: string): Answer {
    let answer = this.#answers.get(itemId);
    if (answer === undefined) {
      answer = { bytes: 0, done: false, interrupted: false, played: false };
      this.#answers.set(itemId, answer);
      const oldest = this.#answers.keys().next();
      if (this.#answers.size > MAX_ANSWERS && oldest.done !== true) {
        this.#answers.delete(oldest.value);
      }
    }
    this.#lastId = itemId;
    this.#last = answer;
    return answer;
  }
}
