/** One page on the assist socket: its subscriptions, and how far it has read; the log is its queue. */
import { after, type Timer } from "../../core/clock.ts";
import type { CallId } from "../../core/ids.ts";
import type { AssistSubject, AssistWatcher } from "./assist-log.ts";
import {
  type ClientMessage,
  errorText,
  gapText,
  type MessageRefusal,
  readClientMessage,
  subjectOfMessage,
  subscriptionText,
} from "./assist-messages.ts";
import type { ClosingReason } from "./assist-peer.ts";
import { isSeen, mayAskFor } from "./assist-scope.ts";
import type { CallEvents, KeptEvent } from "./call-events.ts";
import type { AssistConnectionOptions } from "./connection-options.ts";
import { Cursors } from "./cursors.ts";
import { setRole } from "./set-role.ts";
import { Subscriptions } from "./subscriptions.ts";

/** Lives until the peer is gone; `end` is then called once. */
export class AssistConnection implements AssistWatcher {
  readonly #options: AssistConnectionOptions;
  readonly #subscriptions = new Subscriptions();
  readonly #cursors = new Cursors();
  readonly #waiting = new Set<CallEvents>();
  #expiry: Timer | undefined;
  #aliveSinceBeat = true;
  #idleSinceUs: number;

  constructor(options: AssistConnectionOptions) {
    this.#options = options;
    this.#idleSinceUs = options.clock.nowUs();
  }

  get subscriptions(): number {
    return this.#subscriptions.size;
  }

  start(): void {
    const { clock, expiresAtMs } = this.#options;
    if (expiresAtMs !== undefined) {
      this.#expiry = after(clock, expiresAtMs - clock.wallMs(), () => this.close("expired"));
    }
  }

  /** Releases what it holds. */
  end(): void {
    this.#expiry?.cancel();
    this.#subscriptions.endAll();
    this.#waiting.clear();
  }

  close(reason: ClosingReason): void {
    this.end();
    this.#options.peer.close(reason);
  }

  /** The peer answered a ping. */
  heard(): void {
    this.#aliveSinceBeat = true;
  }

  /** Once per heartbeat: closes a peer that is gone, too slow or idle, and pings the others. */
  beat(): void {
    const { clock, limits, peer } = this.#options;
    if (!this.#aliveSinceBeat) {
      this.close(this.#isFull ? "slow" : "dead");
    } else if (
      this.#subscriptions.size === 0 &&
      clock.nowUs() - this.#idleSinceUs >= limits.idleMs * 1000
    ) {
      this.close("idle");
    } else {
      this.#aliveSinceBeat = false;
      peer.ping();
    }
  }

  /** What the peer had to take is on its way: there may be room for more. */
  drained(): void {
    for (const call of [...this.#waiting]) {
      this.#waiting.delete(call);
      this.#pump(call);
    }
  }

  /** A text from the peer. One that asks and never reads is closed. */
  receive(text: string): void {
    this.#aliveSinceBeat = true;
    const { peer, limits } = this.#options;
    if (peer.bufferedBytes > 2 * limits.maxBufferedBytes) {
      this.close("slow");
      return;
    }
    const message = readClientMessage(text);
    if (typeof message === "string") {
      this.#refuse(message);
    } else if (message.action === "ping") {
      peer.send(JSON.stringify({ type: "pong" }));
    } else if (message.action === "subscribe") {
      this.#subscribe(message);
    } else if (message.action === "setRole") {
      this.#setRole(message);
    } else {
      this.#unsubscribe(message);
    }
  }

  /** Tells it of something that concerns all calls; only those who follow one are told. */
  notify(text: string): void {
    if (this.#subscriptions.size > 0 && !this.#isFull) {
      this.#options.peer.send(text);
    }
  }

  news(call: CallEvents): void {
    this.#pump(call);
  }

  /** Dropped for a page that has not read what comes before, or whose socket is not empty. */
  passing(call: CallEvents, event: KeptEvent): void {
    const { peer, scope } = this.#options;
    if (this.#cursors.of(call).lastId < event.eventId || peer.bufferedBytes > 0) {
      return;
    }
    if (isSeen(scope, this.#subscriptions.subjects, [call, event]) === "yes") {
      peer.send(event.text);
    }
  }

  forgotten(callId: CallId): void {
    this.#cursors.delete(callId);
    for (const call of this.#waiting) {
      if (call.callId === callId) {
        this.#waiting.delete(call);
      }
    }
  }

  get #isFull(): boolean {
    const { peer, limits } = this.#options;
    return peer.bufferedBytes >= limits.maxBufferedBytes;
  }

  #refuse(reason: MessageRefusal): void {
    this.#options.metrics.increment("trunkline_assist_refused_total", { reason });
    this.#options.peer.send(errorText(reason));
  }

  #setRole({ callId, participantId, role }: Extract<ClientMessage, { action: "setRole" }>): void {
    const correction = { participantId, role };
    const subjects = this.#subscriptions.subjects;
    const refusal = setRole({ ...this.#options, callId, correction, subjects });
    if (refusal !== undefined) {
      this.#refuse(refusal);
    }
  }

  #subscribe(message: Extract<ClientMessage, { action: "subscribe" }>): void {
    const { scope, log, limits, peer, notices } = this.#options;
    const subject = subjectOfMessage(message) ?? (scope.kind === "all" ? undefined : scope);
    if (subject === undefined) {
      this.#refuse("badMessage");
      return;
    }
    const calls = log.find(subject);
    if (!mayAskFor(scope, subject, calls)) {
      this.#refuse("otherContact");
    } else if (
      !this.#subscriptions.has(subject) &&
      this.#subscriptions.size >= limits.maxSubscriptions
    ) {
      this.#refuse("tooManySubscriptions");
    } else {
      if (!this.#subscriptions.has(subject)) {
        this.#subscriptions.add(subject, log.watch(subject, this));
        this.#cursors.place(subject, calls, message.after);
      }
      peer.send(subscriptionText("subscribed", subject, this.#visible(calls)));
      for (const text of notices()) {
        peer.send(text);
      }
      for (const call of calls) {
        this.#pump(call);
      }
    }
  }

  /** The summary tells nothing of calls that a token does not open. */
  #visible(calls: readonly CallEvents[]): readonly CallEvents[] {
    const { scope } = this.#options;
    return calls.filter((call) => mayAskFor(scope, { kind: "call", id: call.callId }, [call]));
  }

  #unsubscribe(message: Extract<ClientMessage, { action: "unsubscribe" }>): void {
    const { scope, peer } = this.#options;
    const subject = subjectOfMessage(message) ?? (scope.kind === "all" ? undefined : scope);
    if (subject === undefined) {
      this.#refuse("badMessage");
      return;
    }
    this.#subscriptions.end(subject);
    this.#dropCursors(subject);
    this.#idleSinceUs = this.#options.clock.nowUs();
    peer.send(subscriptionText("unsubscribed", subject, []));
  }

  /** Where no subscription is left that has the call, a new one begins anew. */
  #dropCursors(subject: AssistSubject): void {
    const { log } = this.#options;
    const kept = new Set(this.#subscriptions.subjects.flatMap((other) => log.find(other)));
    for (const call of log.find(subject)) {
      if (!kept.has(call)) {
        this.#cursors.delete(call.callId);
        this.#waiting.delete(call);
      }
    }
  }

  /** Writes what is next of a call until all is read or the socket is full. */
  #pump(call: CallEvents): void {
    const { peer, scope } = this.#options;
    const cursor = this.#cursors.of(call);
    const subjects = this.#subscriptions.subjects;
    for (;;) {
      const event = call.next(cursor.lastId);
      const seen = event === undefined ? "unknown" : isSeen(scope, subjects, [call, event]);
      if (event === undefined || seen === "unknown") {
        return;
      }
      if (this.#isFull) {
        this.#waiting.add(call);
        return;
      }
      if (seen === "yes") {
        if (call.lostThrough > Math.max(cursor.lastId, cursor.toldLost)) {
          cursor.toldLost = call.lostThrough;
          peer.send(gapText(call));
        }
        peer.send(event.text);
      }
      cursor.lastId = event.eventId;
    }
  }
}
