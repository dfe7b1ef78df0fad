/** Publishes what happens in one conversation for those who follow it: numbered, on the bus topic of the call. */
import { ConversationAid } from "../../assist/conversation-aid.ts";
import type { Clock } from "../../core/clock.ts";
import type { CallId } from "../../core/ids.ts";
import type { AssistEnvelope, AssistEvent } from "../../ports/assist-events.ts";
import type { Bus } from "../../ports/bus.ts";
import type { AgentHelp } from "./recording-service.ts";

/** Where to, and what about. */
export interface AssistChannelOptions {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly callId: CallId;
  readonly contactId: string | undefined;
  readonly help: AgentHelp | undefined;
}

/** Event ids begin with 1. */
export class AssistChannel {
  readonly #options: AssistChannelOptions;
  readonly #aid: ConversationAid | undefined;
  #lastId = 0;

  constructor(options: AssistChannelOptions) {
    const { help } = options;
    this.#options = options;
    this.#aid = help && new ConversationAid({ ...help, publish: (event) => this.#send(event) });
  }

  /** Publishes it with what helps the agent because of it; a model's advice comes later. */
  publish(event: AssistEvent): void {
    if (this.#aid === undefined) {
      this.#send(event);
    } else {
      void this.#aid.pass(event);
    }
  }

  #send(event: AssistEvent): void {
    const { bus, clock, callId, contactId } = this.#options;
    this.#lastId += 1;
    const envelope: AssistEnvelope = {
      eventId: this.#lastId,
      callId,
      contactId,
      atMs: clock.wallMs(),
      event,
    };
    bus.publish(`assist/${callId}`, { ...envelope });
  }
}
