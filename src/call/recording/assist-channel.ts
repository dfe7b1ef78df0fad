/** Publishes what happens in one conversation for those who follow it: numbered, on the bus topic of the call. */
import type { Clock } from "../../core/clock.ts";
import type { CallId } from "../../core/ids.ts";
import type { AssistEnvelope, AssistEvent } from "../../ports/assist-events.ts";
import type { Bus } from "../../ports/bus.ts";

/** Where to, and what about. */
export interface AssistChannelOptions {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly callId: CallId;
  readonly contactId: string | undefined;
}

/** Event ids begin with 1. */
export class AssistChannel {
  readonly #options: AssistChannelOptions;
  #lastId = 0;

  constructor(options: AssistChannelOptions) {
    this.#options = options;
  }

  publish(event: AssistEvent): void {
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
