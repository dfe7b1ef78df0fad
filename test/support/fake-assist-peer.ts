/** A page on the assist socket that a test reads, and whose network it can stop. */
import type { AssistConnection } from "../../src/api/assist/assist-connection.ts";
import type { AssistHub } from "../../src/api/assist/assist-hub.ts";
import type { AssistPeer, ClosingReason } from "../../src/api/assist/assist-peer.ts";
import type { AssistScope } from "../../src/api/assist/assist-scope.ts";

/** What a page was told, as far as tests look at it. */
export interface ToldMessage {
  readonly type: string;
  readonly eventId?: number;
  readonly callId?: string;
  readonly code?: string;
  readonly through?: number;
  readonly [field: string]: unknown;
}

/** Takes everything at once unless `stopped`. */
export class FakeAssistPeer implements AssistPeer {
  readonly told: ToldMessage[] = [];
  readonly #hub: AssistHub;
  bufferedBytes = 0;
  pings = 0;
  closedFor: ClosingReason | undefined;
  #stopped = false;
  #connection: AssistConnection | undefined;

  constructor(hub: AssistHub) {
    this.#hub = hub;
  }

  static join(
    hub: AssistHub,
    scope: AssistScope = { kind: "all" },
    expiresAtMs?: number,
    { mayCorrect = true } = {},
  ) {
    const peer = new FakeAssistPeer(hub);
    peer.#connection = hub.join({ peer, scope, mayCorrect, expiresAtMs });
    return peer;
  }

  /** Numbers of the events that came. */
  get eventIds(): number[] {
    return this.told.flatMap(({ type, eventId }) =>
      type === "event" && eventId !== undefined ? [eventId] : [],
    );
  }

  get types(): string[] {
    return this.told.map(({ type }) => type);
  }

  ask(message: unknown): void {
    this.#connection?.receive(typeof message === "string" ? message : JSON.stringify(message));
  }

  answerPing(): void {
    this.#connection?.heard();
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Takes what waits, and what comes. */
  resume(): void {
    this.#stopped = false;
    this.bufferedBytes = 0;
    this.#connection?.drained();
  }

  leave(): void {
    if (this.#connection !== undefined) {
      this.#hub.leave(this.#connection, this.closedFor ?? "client");
    }
  }

  send(text: string): void {
    this.told.push(JSON.parse(text) as ToldMessage);
    this.bufferedBytes += this.#stopped ? text.length : 0;
  }

  ping(): void {
    this.pings += 1;
  }

  close(reason: ClosingReason): void {
    this.closedFor = reason;
    this.leave();
  }
}
