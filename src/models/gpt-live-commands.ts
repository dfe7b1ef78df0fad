/** What a session tells GPT-Live: messages with an id each, so that a refusal names the one refused. */
import {
  type LiveSettings,
  liveCommentary,
  liveDigits,
  liveResponseCreate,
  liveSessionClose,
  liveSessionStart,
  liveToolOutput,
} from "./gpt-live-wire.ts";

/** How messages go out: at once, or when the session is ready. */
export interface LiveOutlet {
  send(text: string): void;
  sendNow(text: string): void;
}

/** The commands of one session. */
export class LiveCommands {
  readonly #outlet: LiveOutlet;
  #nextId = 1;

  constructor(outlet: LiveOutlet) {
    this.#outlet = outlet;
  }

  start(settings: LiveSettings): void {
    this.#outlet.sendNow(liveSessionStart(this.#eventId(), settings));
  }

  close(): void {
    this.#outlet.sendNow(liveSessionClose(this.#eventId()));
  }

  say(text: string): void {
    for (const message of liveCommentary(() => this.#eventId(), text)) {
      this.#outlet.send(message);
    }
  }

  tellDigits(digits: string): void {
    this.#outlet.send(liveDigits(this.#eventId(), digits));
  }

  tellToolOutput(callId: string, outputJson: string): void {
    this.#outlet.send(liveToolOutput(this.#eventId(), callId, outputJson));
  }

  goOn(): void {
    this.#outlet.send(liveResponseCreate(this.#eventId()));
  }

  #eventId(): string {
    const eventId = `trunkline-${this.#nextId}`;
    this.#nextId += 1;
    return eventId;
  }
}
