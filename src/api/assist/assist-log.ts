/** What was lately said about all calls of all nodes: heard on the bus once, for every page that asks. */
import { after, type Clock, type Timer } from "../../core/clock.ts";
import type { CallId } from "../../core/ids.ts";
import type { Metrics } from "../../core/metrics.ts";
import { type Bus, type BusMessage, FLEETING_PREFIX } from "../../ports/bus.ts";
import { CallEvents, type CallEventsBounds, type KeptEvent } from "./call-events.ts";
import { ASSIST_TOPIC_PREFIX, readEnvelope } from "./read-envelope.ts";

/** How much is kept, and for how long. */
export interface AssistLogBounds extends CallEventsBounds {
  readonly maxCalls: number;
  /** Of all calls together; the call that was silent longest goes first. */
  readonly maxTotalChars: number;
  /** For how long a call that ended can be read. */
  readonly keepEndedMs: number;
  /** After which silence a call that never ended is forgotten. */
  readonly keepSilentMs: number;
}

/** What the log works with. */
export interface AssistLogOptions extends AssistLogBounds {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

/** What somebody wants to hear of. */
export type AssistSubject =
  | { readonly kind: "call"; readonly id: string }
  | { readonly kind: "contact"; readonly id: string };

/** Hears that a call has something new, or that it is gone. */
export interface AssistWatcher {
  news(call: CallEvents): void;
  /** Something that is worth telling now or never, and is kept nowhere. */
  passing(call: CallEvents, event: KeptEvent): void;
  forgotten(callId: CallId): void;
}

interface Kept {
  readonly call: CallEvents;
  touchedUs: number;
}

const SWEEP_MS = 30_000;

/** Listens from `start` to `close`. */
export class AssistLog {
  readonly #options: AssistLogOptions;
  /** In order of their last event. */
  readonly #calls = new Map<CallId, Kept>();
  readonly #byContact = new Map<string, Set<CallId>>();
  readonly #watchers = new Map<string, Set<AssistWatcher>>();
  readonly #counters = { events: 0, repeated: 0, malformed: 0, lost: 0, forgotten: 0 };
  #totalChars = 0;
  #unsubscribe: (() => void)[] = [];
  #sweep: Timer | undefined;

  constructor(options: AssistLogOptions) {
    this.#options = options;
  }

  start(): void {
    const { bus } = this.#options;
    this.#unsubscribe = [
      bus.subscribe(`${ASSIST_TOPIC_PREFIX}*`, (topic, message) => this.#take(topic, message)),
      bus.subscribe(`${FLEETING_PREFIX}${ASSIST_TOPIC_PREFIX}*`, (topic, message) =>
        this.#pass(topic.slice(FLEETING_PREFIX.length), message),
      ),
    ];
    this.#armSweep();
  }

  close(): void {
    for (const unsubscribe of this.#unsubscribe) {
      unsubscribe();
    }
    this.#sweep?.cancel();
    this.#calls.clear();
    this.#byContact.clear();
    this.#watchers.clear();
    this.#totalChars = 0;
  }

  /** The calls of a subject, oldest first; a contact may have several. */
  find({ kind, id }: AssistSubject): readonly CallEvents[] {
    const ids = kind === "call" ? [id as CallId] : [...(this.#byContact.get(id) ?? [])];
    return ids.flatMap((callId) => this.#calls.get(callId)?.call ?? []);
  }

  /** The returned function ends it; calling it again does nothing. */
  watch(subject: AssistSubject, watcher: AssistWatcher): () => void {
    const key = keyOf(subject);
    const watchers = this.#watchers.get(key) ?? new Set();
    watchers.add(watcher);
    this.#watchers.set(key, watchers);
    return () => {
      watchers.delete(watcher);
      if (watchers.size === 0 && this.#watchers.get(key) === watchers) {
        this.#watchers.delete(key);
      }
    };
  }

  toJSON(): Readonly<Record<string, number>> {
    return { calls: this.#calls.size, chars: this.#totalChars, ...this.#counters };
  }

  #take(topic: string, message: BusMessage): void {
    const envelope = readEnvelope(topic, message);
    if (envelope === undefined) {
      this.#counters.malformed += 1;
      return;
    }
    const { callId } = envelope;
    const call = this.#calls.get(callId)?.call ?? new CallEvents(callId, this.#options);
    const charsBefore = call.chars;
    const lost = call.append(envelope);
    if (lost === undefined) {
      this.#counters.repeated += 1;
      return;
    }
    this.#count(lost);
    this.#calls.delete(callId);
    this.#calls.set(callId, { call, touchedUs: this.#options.clock.nowUs() });
    this.#totalChars += call.chars - charsBefore;
    this.#index(call);
    this.#makeRoom();
    for (const watcher of this.#watchersOf(call)) {
      watcher.news(call);
    }
  }

  /** Of a call that is known, to whoever follows it; its number is one that they have already. */
  #pass(topic: string, message: BusMessage): void {
    const envelope = readEnvelope(topic, message);
    if (envelope === undefined) {
      this.#counters.malformed += 1;
      return;
    }
    const call = this.#calls.get(envelope.callId)?.call;
    const watchers = call === undefined ? undefined : this.#watchersOf(call);
    if (call === undefined || watchers === undefined || watchers.size === 0) {
      return;
    }
    const event = call.passing(envelope);
    for (const watcher of watchers) {
      watcher.passing(call, event);
    }
  }

  #count(lost: number): void {
    this.#counters.events += 1;
    if (lost > 0) {
      this.#counters.lost += lost;
      this.#options.metrics.increment("trunkline_assist_events_lost_total", {}, lost);
    }
  }

  #index({ callId, contactId }: CallEvents): void {
    if (contactId !== undefined) {
      const calls = this.#byContact.get(contactId) ?? new Set();
      this.#byContact.set(contactId, calls.add(callId));
    }
  }

  #watchersOf({ callId, contacts }: CallEvents): ReadonlySet<AssistWatcher> {
    const found = new Set(this.#watchers.get(keyOf({ kind: "call", id: callId })));
    for (const id of contacts) {
      for (const watcher of this.#watchers.get(keyOf({ kind: "contact", id })) ?? []) {
        found.add(watcher);
      }
    }
    return found;
  }

  #makeRoom(): void {
    const { maxCalls, maxTotalChars } = this.#options;
    for (const { call } of this.#calls.values()) {
      const isFull = this.#calls.size > maxCalls || this.#totalChars > maxTotalChars;
      if (!isFull || this.#calls.size === 1) {
        return;
      }
      this.#forget(call);
    }
  }

  /** Always armed, so that an idle gateway has the same timers before and after a call. */
  #armSweep(): void {
    this.#sweep = after(this.#options.clock, SWEEP_MS, () => {
      this.#forgetOld();
      this.#armSweep();
    });
  }

  #forgetOld(): void {
    const { clock, keepEndedMs, keepSilentMs } = this.#options;
    const nowUs = clock.nowUs();
    for (const { call, touchedUs } of this.#calls.values()) {
      const keepMs = call.ended ? keepEndedMs : keepSilentMs;
      if (nowUs - touchedUs >= keepMs * 1000) {
        this.#forget(call);
      }
    }
  }

  #forget(call: CallEvents): void {
    const { callId, contacts } = call;
    this.#calls.delete(callId);
    this.#totalChars -= call.chars;
    this.#counters.forgotten += 1;
    for (const watcher of this.#watchersOf(call)) {
      watcher.forgotten(callId);
    }
    for (const contactId of contacts) {
      const calls = this.#byContact.get(contactId);
      calls?.delete(callId);
      if (calls?.size === 0) {
        this.#byContact.delete(contactId);
      }
    }
  }
}

function keyOf({ kind, id }: AssistSubject): string {
  return `${kind} ${id}`;
}
