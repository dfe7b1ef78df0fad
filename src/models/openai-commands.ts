/** What a conversation tells the Realtime service: messages with an id each, so that a refusal names the one refused. */
import type { HistoryEntry } from "../ports/realtime-model.ts";
import {
  digitPressed,
  historyItem,
  itemDelete,
  itemTruncate,
  responseCancel,
  responseCreate,
  toolOutput,
} from "./openai-wire.ts";

/** The commands of one session. */
export class OpenAiCommands {
  readonly #send: (text: string) => void;
  #nextId = 1;

  constructor(send: (text: string) => void) {
    this.#send = send;
  }

  /** Asks for an answer; with `text`, for one that says this. Returns the id of the message. */
  ask(text: string | undefined): string {
    const eventId = this.#eventId("answer");
    this.#send(responseCreate(eventId, text));
    return eventId;
  }

  cancel(): void {
    this.#send(responseCancel(this.#eventId("cancel")));
  }

  truncate(itemId: string, heardMs: number): void {
    this.#send(itemTruncate(this.#eventId("truncate"), itemId, heardMs));
  }

  forget(itemId: string): void {
    this.#send(itemDelete(this.#eventId("dismiss"), itemId));
  }

  remember(history: readonly HistoryEntry[]): void {
    for (const entry of history) {
      this.#send(historyItem(this.#eventId("history"), entry));
    }
  }

  tellDigit(digit: string): void {
    this.#send(digitPressed(this.#eventId("digit"), digit));
  }

  tellToolOutput(callId: string, outputJson: string): void {
    this.#send(toolOutput(this.#eventId("tool"), callId, outputJson));
  }

  #eventId(kind: string): string {
    const eventId = `${kind}-${this.#nextId}`;
    this.#nextId += 1;
    return eventId;
  }
}
