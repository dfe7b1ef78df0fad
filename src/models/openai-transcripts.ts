/** Text that comes in pieces, made into what the sink wants: the whole so far, then once the final text. */
import type { ModelSink, Speaker } from "../ports/realtime-model.ts";
import type { ServerEvent } from "./openai-server-event.ts";

/** Items whose text is still growing; the oldest is given up beyond this. */
const MAX_GROWING = 32;

/** The transcripts of one session. */
export class OpenAiTranscripts {
  readonly #sink: ModelSink;
  readonly #growing = new Map<string, { readonly speaker: Speaker; text: string }>();

  constructor(sink: ModelSink) {
    this.#sink = sink;
  }

  /** Returns whether the event was about text. */
  onEvent(event: ServerEvent): boolean {
    switch (event.kind) {
      case "modelText":
        this.#add("model", event.itemId, event.delta);
        return true;
      case "callerText":
        this.#add("caller", event.itemId, event.delta);
        return true;
      case "modelTextDone":
        this.#finish("model", event.itemId, event.text);
        return true;
      case "callerTextDone":
        this.#finish("caller", event.itemId, event.text);
        return true;
      case "callerTextFailed":
        this.#giveUp(event.itemId);
        return true;
      default:
        return false;
    }
  }

  /** The answer is over: texts of the model that the service left unfinished become final. */
  onResponseDone(): void {
    for (const [itemId, item] of this.#growing) {
      if (item.speaker === "model") {
        this.#finish(item.speaker, itemId, item.text);
      }
    }
  }

  #add(speaker: Speaker, itemId: string, delta: string): void {
    if (delta.length === 0) {
      return;
    }
    let item = this.#growing.get(itemId);
    if (item === undefined) {
      item = { speaker, text: "" };
      this.#growing.set(itemId, item);
      this.#forgetOldest();
    }
    item.text += delta;
    this.#sink.onTranscript(speaker, item.text, itemId, false);
  }

  #finish(speaker: Speaker, itemId: string, text: string): void {
    this.#growing.delete(itemId);
    this.#sink.onTranscript(speaker, text, itemId, true);
  }

  /** No more text of this item comes: what there is, is final. */
  #giveUp(itemId: string): void {
    const item = this.#growing.get(itemId);
    if (item !== undefined) {
      this.#finish(item.speaker, itemId, item.text);
    }
  }

  #forgetOldest(): void {
    const oldest = this.#growing.keys().next();
    if (this.#growing.size > MAX_GROWING && oldest.done !== true) {
      this.#giveUp(oldest.value);
    }
  }
}
