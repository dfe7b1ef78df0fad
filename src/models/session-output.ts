/** The way from a session to its sink: closed for good with the session, and the source of item ids. */
import type { ModelSink, Speaker } from "../ports/realtime-model.ts";

/** Lets nothing through before `open` and after `close`. */
export class SessionOutput {
  readonly #sink: ModelSink;
  #state: "opening" | "open" | "closed" = "opening";
  #serial = 0;

  constructor(sink: ModelSink) {
    this.#sink = sink;
  }

  /** Between `open` and `close`. */
  get isOpen(): boolean {
    return this.#state === "open";
  }

  get isClosed(): boolean {
    return this.#state === "closed";
  }

  /** Not after `close`. */
  open(): void {
    if (this.#state === "opening") {
      this.#state = "open";
    }
  }

  close(): void {
    this.#state = "closed";
  }

  emit(send: (sink: ModelSink) => void): void {
    if (this.isOpen) {
      send(this.#sink);
    }
  }

  /** A final transcript. */
  tell(speaker: Speaker, text: string, itemId: string): void {
    this.emit((sink) => sink.onTranscript(speaker, text, itemId, true));
  }

  /** Unique within the session. */
  nextId(prefix: string): string {
    this.#serial += 1;
    return `${prefix}-${this.#serial}`;
  }
}
