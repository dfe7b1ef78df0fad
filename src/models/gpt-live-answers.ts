/**
 * Makes answers of GPT-Live's audio, which is one stream without turns or ids.
 *
 * An answer begins with the first piece that can be heard, and is named `live-1`, `live-2` … in this order. It is over
 * when nothing came for a while, or nothing but silence: whether the service sends silence between two answers is not
 * documented, and both ways are taken. Silence between answers is not passed on.
 */
import { after, type Clock, type Timer } from "../core/clock.ts";
import type { AudioFormat, ModelSink } from "../ports/realtime-model.ts";
import { isAudible } from "./audible.ts";

/** So much silence, or nothing at all, is no pause between two words any more. */
const GAP_MS = 700;

/** What the answers of a session need. */
export interface LiveAnswersOptions {
  readonly clock: Clock;
  readonly format: AudioFormat;
  readonly bytesPerMs: number;
  readonly sink: ModelSink;
  /** The answer is over, or was interrupted. */
  readonly onEnded: (itemId: string) => void;
}

/** The answers of one session. */
export class LiveAnswers {
  readonly #options: LiveAnswersOptions;
  #count = 0;
  #state: "none" | "speaking" | "interrupted" = "none";
  #timer: Timer | undefined;
  #lastAtUs = 0;
  #silentBytes = 0;
  #audioBytes = 0;
  #lateBytes = 0;

  constructor(options: LiveAnswersOptions) {
    this.#options = options;
  }

  /** The answer under way, or the one that comes next. */
  get itemId(): string {
    return `live-${this.#state === "none" ? this.#count + 1 : this.#count}`;
  }

  /** An answer is being spoken. */
  get speaking(): boolean {
    return this.#state !== "none";
  }

  onAudio(bytes: Uint8Array): void {
    const { bytesPerMs, clock, format, sink } = this.#options;
    const audible = isAudible(bytes, format.encoding);
    if (bytes.length === 0 || (this.#state === "none" && !audible)) {
      return;
    }
    this.#begin();
    this.#lastAtUs = clock.nowUs();
    this.#silentBytes = audible ? 0 : this.#silentBytes + bytes.length;
    if (this.#state === "interrupted") {
      this.#lateBytes += bytes.length;
    } else {
      this.#audioBytes += bytes.length;
      sink.onAudio(bytes, this.itemId);
    }
    if (this.#silentBytes >= GAP_MS * bytesPerMs) {
      this.#end();
    }
  }

  /** No more of the answer is passed on; what the service has of it is left to itself. */
  interrupt(itemId: string): void {
    if (this.#state === "speaking" && itemId === this.itemId) {
      this.#state = "interrupted";
      this.#options.onEnded(itemId);
    }
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return {
      answers: this.#count,
      audioBytes: this.#audioBytes,
      lateDroppedBytes: this.#lateBytes,
    };
  }

  #begin(): void {
    if (this.#state === "none") {
      this.#count += 1;
      this.#state = "speaking";
      this.#silentBytes = 0;
      this.#wait(GAP_MS);
    }
  }

  /** One timer looks again after the time that is left, rather than one timer per piece. */
  #wait(delayMs: number): void {
    this.#timer = after(this.#options.clock, delayMs, () => {
      const idleMs = (this.#options.clock.nowUs() - this.#lastAtUs) / 1000;
      if (idleMs >= GAP_MS) {
        this.#end();
      } else {
        this.#wait(GAP_MS - idleMs);
      }
    });
  }

  #end(): void {
    const { onEnded, sink } = this.#options;
    const { itemId } = this;
    const wasInterrupted = this.#state === "interrupted";
    this.stop();
    this.#state = "none";
    if (!wasInterrupted) {
      onEnded(itemId);
      sink.onAudioDone(itemId);
    }
  }
}
