/** What was said about one call, kept for pages that connect late: in order, newest version of each thing, within a bound. */
import type { CallId } from "../../core/ids.ts";
import type { AssistEnvelope, AssistEvent } from "../../ports/assist-events.ts";

/** How much of one call is kept; beyond, the oldest goes. */
export interface CallEventsBounds {
  readonly maxEvents: number;
  /** Of the events as JSON. */
  readonly maxChars: number;
}

/** An event as it is sent. */
export interface KeptEvent {
  readonly eventId: number;
  /** As JSON, with `type`. */
  readonly text: string;
  /** The contact that the call had then; `undefined`: none known yet. */
  readonly contactId: string | undefined;
  /** Events of the same subject replace each other. */
  readonly subject: string;
}

/** The events of one call. */
export class CallEvents {
  readonly callId: CallId;
  readonly #bounds: CallEventsBounds;
  readonly #versions = new Map<string, number>();
  readonly #contacts = new Set<string>();
  #events: KeptEvent[] = [];
  #chars = 0;
  #lastId: number | undefined;
  #lostThrough = -1;
  #firstContactId: string | undefined;
  #contactId: string | undefined;
  #ended = false;

  constructor(callId: CallId, bounds: CallEventsBounds) {
    this.callId = callId;
    this.#bounds = bounds;
  }

  /** The newest number; -1: none yet. */
  get lastId(): number {
    return this.#lastId ?? -1;
  }

  /** No number up to this one can be relied on to be kept: some never came, or made room; -1: all are there. */
  get lostThrough(): number {
    return this.#lostThrough;
  }

  /** Whether the call is over. */
  get ended(): boolean {
    return this.#ended;
  }

  /** What it holds, in characters of JSON. */
  get chars(): number {
    return this.#chars;
  }

  get size(): number {
    return this.#events.length;
  }

  /** The contact that it has now. */
  get contactId(): string | undefined {
    return this.#contactId;
  }

  /** All contacts that it ever had. */
  get contacts(): ReadonlySet<string> {
    return this.#contacts;
  }

  /** How many events before this one never came; `undefined`: it came before, and is left out. */
  append(envelope: AssistEnvelope): number | undefined {
    const { eventId, event } = envelope;
    if (eventId <= this.lastId) {
      return undefined;
    }
    const expected = this.#lastId === undefined ? Math.min(eventId, 1) : this.#lastId + 1;
    if (eventId > expected) {
      this.#lostThrough = eventId - 1;
    }
    this.#lastId = eventId;
    this.#noteContact(envelope.contactId);
    this.#ended = event.kind === "state" ? event.state === "ended" : this.#ended;
    this.#keep({
      eventId,
      text: eventText({ ...envelope, contactId: this.#contactId }),
      contactId: this.#contactId,
      subject: subjectOf(event),
    });
    return eventId - expected;
  }

  /** As {@link append} would keep it, but not kept, under the newest number. */
  passing({ callId, atMs, event }: AssistEnvelope): KeptEvent {
    const [eventId, contactId] = [this.lastId, this.#contactId];
    const text = eventText({ eventId, callId, contactId, atMs, event });
    return { eventId, text, contactId, subject: event.kind };
  }

  /** The first event after this number. */
  next(afterId: number): KeptEvent | undefined {
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#events[middle] as KeptEvent).eventId > afterId) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return this.#events[low];
  }

  /** Whose event it is: what was said before the contact was known belongs to the first one that became known. */
  contactOf(event: KeptEvent): string | undefined {
    return event.contactId ?? this.#firstContactId;
  }

  #noteContact(contactId: string | undefined): void {
    if (contactId !== undefined) {
      this.#firstContactId ??= contactId;
      this.#contactId = contactId;
      this.#contacts.add(contactId);
    }
  }

  #keep(event: KeptEvent): void {
    this.#forgetVersion(event.subject);
    this.#events.push(event);
    this.#versions.set(event.subject, event.eventId);
    this.#chars += event.text.length;
    const { maxEvents, maxChars } = this.#bounds;
    let dropped = 0;
    while (
      this.#events.length - dropped > 1 &&
      (this.#events.length - dropped > maxEvents || this.#chars > maxChars)
    ) {
      const oldest = this.#events[dropped] as KeptEvent;
      this.#chars -= oldest.text.length;
      this.#versions.delete(oldest.subject);
      this.#lostThrough = Math.max(this.#lostThrough, oldest.eventId);
      dropped += 1;
    }
    if (dropped > 0) {
      this.#events = this.#events.slice(dropped);
    }
  }

  #forgetVersion(subject: string): void {
    const eventId = this.#versions.get(subject);
    if (eventId === undefined) {
      return;
    }
    const index = this.#events.findLastIndex((event) => event.eventId === eventId);
    const [old] = index === -1 ? [] : this.#events.splice(index, 1);
    this.#chars -= old?.text.length ?? 0;
  }
}

/** Unknown contacts are `null`, as everywhere in the API. */
function eventText({ eventId, callId, contactId, atMs, event }: AssistEnvelope): string {
  return JSON.stringify({
    type: "event",
    eventId,
    callId,
    contactId: contactId ?? null,
    atMs,
    event,
  });
}

function subjectOf(event: AssistEvent): string {
  switch (event.kind) {
    case "transcript":
      return `transcript ${event.utteranceId}`;
    case "suggestion":
      return `suggestion ${event.suggestionId}`;
    case "sentiment":
      return `sentiment ${event.participantId} ${event.utteranceId}`;
    case "finding":
      return `finding ${event.finding} ${event.utteranceId} ${event.text}`;
    case "playbook":
      return `playbook ${event.name}`;
    case "notice":
      return `notice ${event.part}`;
    default:
      return event.kind;
  }
}
