/** Publishes what happens in one conversation for those who follow it: numbered, on the bus topic of the call. */
import { ConversationAid } from "../../assist/conversation-aid.ts";
import type { Clock } from "../../core/clock.ts";
import type { CallId } from "../../core/ids.ts";
import type { AssistEnvelope, AssistEvent } from "../../ports/assist-events.ts";
import { type Bus, type BusMessage, FLEETING_PREFIX } from "../../ports/bus.ts";
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

  /** Publishes what is worth something now or never; it has no number of its own. */
  publishFleeting(event: Extract<AssistEvent, { kind: "level" }>): void {
    const { bus, callId } = this.#options;
    bus.publish(`${FLEETING_PREFIX}assist/${callId}`, this.#envelope(event));
  }

  #send(event: AssistEvent): void {
    const { bus, callId } = this.#options;
    this.#lastId += 1;
    bus.publish(`assist/${callId}`, this.#envelope(event));
  }

  #envelope(event: AssistEvent): BusMessage {
    const { clock, callId, contactId } = this.#options;
    const eventId = this.#lastId;
    const envelope: AssistEnvelope = { eventId, callId, contactId, atMs: clock.wallMs(), event };
    return { ...envelope };
  }
}
