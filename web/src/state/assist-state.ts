/** What the page knows: calls by their events, levels of their streams, and what concerns all calls. */
import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { GatewayMessage } from "../link/messages.ts";
import { applyEvent, type CallView, emptyView, noticesAfter } from "./call-view.ts";
import { LevelHistory } from "./level-history.ts";

/** Of a contact with many calls, the newest ones are kept. */
const MAX_CALLS = 4;

/** Fed by the link, read by the views. */
export class AssistState {
  readonly levels = new LevelHistory();
  /** Last `eventId` by call id: what comes twice is left out. */
  readonly #positions = new Map<string, number>();
  readonly #calls = signal<ReadonlyMap<string, CallView>>(new Map());
  readonly #notices = signal<Readonly<Record<string, string>>>({});
  /** Why the gateway did not do what was asked. */
  readonly refusal = signal<string | undefined>(undefined);
  /** The newest call of what is followed. */
  readonly view: ReadonlySignal<CallView | undefined> = computed(() =>
    [...this.#calls.value.values()].at(-1),
  );
  /** What is wrong, in the call and with the gateway. */
  readonly notices: ReadonlySignal<readonly string[]> = computed(() => [
    ...new Set([
      ...Object.values(this.#notices.value),
      ...Object.values(this.view.value?.notices ?? {}),
    ]),
  ]);

  get positions(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#positions);
  }

  /** Something else is followed from now on. */
  clear(): void {
    this.#positions.clear();
    this.#calls.value = new Map();
    this.#notices.value = {};
    this.refusal.value = undefined;
    this.levels.clear();
  }

  take(message: GatewayMessage): void {
    switch (message.type) {
      case "subscribed":
        // Notices in force follow.
        this.#notices.value = {};
        break;
      case "event":
        this.#takeEvent(message);
        break;
      case "gap":
        this.#change(message.callId, (view) => ({ ...view, hasGap: true }));
        break;
      case "notice":
        this.#notices.value = noticesAfter(this.#notices.value, message.event);
        break;
      case "error":
        this.refusal.value = message.message;
        break;
      case "pong":
        break;
    }
  }

  #takeEvent(message: Extract<GatewayMessage, { type: "event" }>): void {
    const { callId, eventId, event } = message;
    if (event.kind === "level") {
      // It has the number of the event before it.
      this.levels.add(event);
      return;
    }
    if (eventId <= (this.#positions.get(callId) ?? -1)) {
      return;
    }
    this.#positions.set(callId, eventId);
    this.#change(callId, (view) => ({
      ...applyEvent(view, event),
      contactId: message.contactId ?? view.contactId,
    }));
  }

  #change(callId: string, change: (view: CallView) => CallView): void {
    const calls = new Map(this.#calls.value);
    calls.set(callId, change(calls.get(callId) ?? emptyView(callId)));
    const [oldest] = calls.keys();
    if (calls.size > MAX_CALLS && oldest !== undefined) {
      calls.delete(oldest);
      this.#positions.delete(oldest);
    }
    this.#calls.value = calls;
  }
}
