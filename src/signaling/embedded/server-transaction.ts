/** One server transaction: absorbs repeated requests and repeats responses. RFC 3261 section 17.2, Server Transaction. */
import type { Clock, Timer } from "../../core/clock.ts";
import { after } from "../../core/clock.ts";
import type { Arrival } from "./arrival.ts";
import type { SipTimers } from "./timers.ts";
import { patienceMs } from "./timers.ts";
import type { ServerAction, ServerInput, TransactionState } from "./transaction-tables.ts";
import { INVITE_SERVER, PLAIN_SERVER, rowOf } from "./transaction-tables.ts";
import type { Hop, SendListener } from "./transport.ts";

/** Hears what a server transaction cannot deal with itself. */
export interface ServerTransactionOwner {
  /** An ACK with the INVITE's own branch came after a 2xx; such peers exist. */
  onAckOfSuccess(ack: Arrival): void;
  onServerTransactionEnded(transaction: ServerTransaction): void;
}

/** What a server transaction is made of. */
export interface ServerTransactionOptions {
  readonly key: string;
  readonly invite: boolean;
  /** Where the request came from, and the responses go. */
  readonly source: Hop;
  /** The port of the top Via, to dial when the connection of the request has closed. */
  readonly sentByPort: number;
  readonly clock: Clock;
  readonly timers: SipTimers;
  readonly owner: ServerTransactionOwner;
}

/** Holds the bytes of its last response, nothing of the request. */
export class ServerTransaction implements SendListener {
  readonly key: string;
  readonly invite: boolean;
  readonly source: Hop;
  readonly #options: ServerTransactionOptions;
  #state: TransactionState;
  /** What is being sent for the first time. */
  #fresh: Buffer | undefined;
  /** In Latin-1, which keeps every byte: a buffer of 500 bytes can hold 8 kB of its pool for half a minute. */
  #last: string | undefined;
  #ack: Arrival | undefined;
  #intervalMs: number;
  #retransmit: Timer | undefined;
  #expiry: Timer | undefined;

  constructor(options: ServerTransactionOptions) {
    this.key = options.key;
    this.invite = options.invite;
    this.source = options.source;
    this.#options = options;
    this.#state = options.invite ? "proceeding" : "trying";
    this.#intervalMs = options.timers.t1Ms;
  }

  get state(): TransactionState {
    return this.#state;
  }

  /** The same request again. */
  onRequest(): void {
    this.#handle("request");
  }

  /** An ACK that belongs to this INVITE. */
  onAck(ack: Arrival): void {
    this.#ack = ack;
    this.#handle("ack");
    this.#ack = undefined;
  }

  /** Sends a response. After a final response only further 2xx to an INVITE are accepted. */
  respond(status: number, bytes: Buffer): void {
    this.#fresh = bytes;
    this.#last = bytes.toString("latin1");
    const final = status < 300 ? "success" : "failure";
    this.#handle(status < 200 ? "provisional" : final);
    this.#fresh = undefined;
  }

  onSendFailed(): void {
    this.#handle("sendFailed");
  }

  /** Forgets the transaction without sending anything. */
  abandon(): void {
    this.#stopTimers();
    this.#state = "terminated";
  }

  #handle(input: ServerInput): void {
    if (this.#state === "terminated") {
      return;
    }
    const machine = this.invite ? INVITE_SERVER : PLAIN_SERVER;
    const row = rowOf(machine, this.#state, input);
    this.#state = row.next;
    for (const action of row.actions) {
      this.#perform(action);
    }
  }

  #perform(action: ServerAction): void {
    switch (action) {
      case "send":
      case "resend":
        this.#send();
        break;
      case "armRetransmit":
        this.#armRetransmit();
        break;
      case "armTimeout":
        this.#armExpiry("timeout", patienceMs(this.#options.timers));
        break;
      case "armLinger":
        this.#armExpiry("linger", this.#lingerMs());
        break;
      case "stopTimers":
        this.#stopTimers();
        break;
      case "passAck":
        if (this.#ack !== undefined) {
          this.#options.owner.onAckOfSuccess(this.#ack);
        }
        break;
      case "end":
        this.#options.owner.onServerTransactionEnded(this);
        break;
    }
  }

  #send(): void {
    const last = this.#last === undefined ? undefined : Buffer.from(this.#last, "latin1");
    const bytes = this.#fresh ?? last;
    if (bytes !== undefined) {
      this.source.transport.send(bytes, this.#replyHop(), this);
    }
  }

  /** RFC 3261 section 18.2.2, Sending Responses. */
  #replyHop(): Hop {
    const { source } = this;
    if (!source.transport.reliable || source.transport.isConnected(source)) {
      return source;
    }
    return { ...source, port: this.#options.sentByPort, connection: undefined };
  }

  /** Timer G. */
  #armRetransmit(): void {
    if (this.source.transport.reliable) {
      return;
    }
    const { clock, timers } = this.#options;
    this.#retransmit = after(clock, this.#intervalMs, () => this.#handle("retransmit"));
    this.#intervalMs = Math.min(this.#intervalMs * 2, timers.t2Ms);
  }

  /** Timers I, J and L. */
  #lingerMs(): number {
    if (this.#state === "accepted") {
      return patienceMs(this.#options.timers);
    }
    if (this.source.transport.reliable) {
      return 0;
    }
    return this.invite ? this.#options.timers.t4Ms : patienceMs(this.#options.timers);
  }

  #armExpiry(input: "timeout" | "linger", delayMs: number): void {
    if (delayMs === 0) {
      this.#handle(input);
      return;
    }
    this.#expiry?.cancel();
    this.#expiry = after(this.#options.clock, delayMs, () => this.#handle(input));
  }

  #stopTimers(): void {
    this.#retransmit?.cancel();
    this.#expiry?.cancel();
  }
}
