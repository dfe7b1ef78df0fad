/** One client transaction: repeats a request until it is answered. RFC 3261 section 17.1, Client Transaction. */
import type { Clock, Timer } from "../../core/clock.ts";
import { after } from "../../core/clock.ts";
import type { SipRequest, SipResponse } from "./message.ts";
import { field, headerOf, NO_BODY, serialise } from "./message.ts";
import type { SipTimers } from "./timers.ts";
import { patienceMs, responseLingerMs } from "./timers.ts";
import type { ClientAction, ClientInput, TransactionState } from "./transaction-tables.ts";
import { INVITE_CLIENT, PLAIN_CLIENT, rowOf } from "./transaction-tables.ts";
import type { Hop, SendListener } from "./transport.ts";

/** Who sent the request. */
export interface ClientTransactionUser {
  onResponse(response: SipResponse, from: Hop): void;
  /** Timer B or F: no final response. The transaction has ended. */
  onTimeout(): void;
  /** The request could not be sent. The transaction has ended. */
  onUnsendable(reason: string): void;
  /** Nothing more comes; always the last call. */
  onEnded(): void;
}

/** What a client transaction is made of. */
export interface ClientTransactionOptions {
  readonly key: string;
  readonly request: SipRequest;
  readonly bytes: Buffer;
  readonly hop: Hop;
  readonly clock: Clock;
  readonly timers: SipTimers;
  readonly user: ClientTransactionUser;
  onEnded(transaction: ClientTransaction): void;
}

/** Created idle; {@link start} sends the request. */
export class ClientTransaction implements SendListener {
  readonly key: string;
  readonly request: SipRequest;
  readonly hop: Hop;
  readonly #options: ClientTransactionOptions;
  readonly #invite: boolean;
  #state: TransactionState;
  #arrived: { readonly response: SipResponse; readonly from: Hop } | undefined;
  #failureReason = "";
  #ack: Buffer | undefined;
  #intervalMs: number;
  #retransmit: Timer | undefined;
  #expiry: Timer | undefined;

  constructor(options: ClientTransactionOptions) {
    this.key = options.key;
    this.request = options.request;
    this.hop = options.hop;
    this.#options = options;
    this.#invite = options.request.method === "INVITE";
    this.#state = this.#invite ? "calling" : "trying";
    this.#intervalMs = options.timers.t1Ms;
  }

  get state(): TransactionState {
    return this.#state;
  }

  /** Sends the request and arms timers A and B, or E and F. */
  start(): void {
    const { clock, timers, bytes } = this.#options;
    this.#expiry = after(clock, patienceMs(timers), () => this.#handle("timeout"));
    this.#armRetransmit();
    this.#send(bytes);
  }

  onResponse(response: SipResponse, from: Hop): void {
    this.#arrived = { response, from };
    const final = response.status < 300 ? "success" : "failure";
    this.#handle(response.status < 200 ? "provisional" : final);
    this.#arrived = undefined;
  }

  onSendFailed(reason: string): void {
    this.#failureReason = reason;
    this.#handle("sendFailed");
  }

  /** Forgets the transaction; its user hears nothing more. */
  abandon(): void {
    this.#stopTimers();
    this.#end();
  }

  /** Waits on, but sends the request no more. */
  stopRepeating(): void {
    this.#retransmit?.cancel();
  }

  #handle(input: ClientInput): void {
    if (this.#state === "terminated") {
      return;
    }
    const row = rowOf(this.#invite ? INVITE_CLIENT : PLAIN_CLIENT, this.#state, input);
    this.#state = row.next;
    for (const action of row.actions) {
      this.#perform(action);
    }
  }

  #perform(action: ClientAction): void {
    const { user, bytes } = this.#options;
    switch (action) {
      case "resend":
        this.#send(bytes);
        break;
      case "armRetransmit":
        this.#armRetransmit();
        break;
      case "stopTimers":
        this.#stopTimers();
        break;
      case "armLinger":
        this.#armLinger();
        break;
      case "pass":
        if (this.#arrived !== undefined) {
          user.onResponse(this.#arrived.response, this.#arrived.from);
        }
        break;
      case "acknowledge":
        this.#acknowledge();
        break;
      case "reportTimeout":
        user.onTimeout();
        break;
      case "reportSendFailure":
        user.onUnsendable(this.#failureReason);
        break;
      case "end":
        this.#end();
        break;
    }
  }

  #send(bytes: Buffer): void {
    this.hop.transport.send(bytes, this.hop, this);
  }

  #end(): void {
    this.#state = "terminated";
    this.#options.onEnded(this);
    this.#options.user.onEnded();
  }

  /** Timers A (unbounded doubling) and E (doubling up to T2; always T2 once provisionally answered). */
  #armRetransmit(): void {
    if (this.hop.transport.reliable) {
      return;
    }
    const { clock, timers } = this.#options;
    const delayMs = this.#state === "proceeding" ? timers.t2Ms : this.#intervalMs;
    this.#retransmit = after(clock, delayMs, () => this.#handle("retransmit"));
    const doubledMs = this.#intervalMs * 2;
    this.#intervalMs = this.#invite ? doubledMs : Math.min(doubledMs, timers.t2Ms);
  }

  /** Timers D, K and M. */
  #armLinger(): void {
    if (this.#state === "terminated") {
      return;
    }
    const delayMs = this.#lingerMs();
    if (delayMs === 0) {
      this.#handle("linger");
      return;
    }
    this.#expiry = after(this.#options.clock, delayMs, () => this.#handle("linger"));
  }

  #lingerMs(): number {
    const { timers } = this.#options;
    if (this.#state === "accepted") {
      return patienceMs(timers);
    }
    if (this.hop.transport.reliable) {
      return 0;
    }
    return this.#invite ? responseLingerMs(timers) : timers.t4Ms;
  }

  /** RFC 3261 section 17.1.1.3, Construction of the ACK Request. */
  #acknowledge(): void {
    const response = this.#arrived?.response;
    if (this.#ack === undefined && response !== undefined) {
      this.#ack = serialise(failureAck(this.request, response));
    }
    if (this.#ack !== undefined) {
      this.#send(this.#ack);
    }
  }

  #stopTimers(): void {
    this.#retransmit?.cancel();
    this.#expiry?.cancel();
  }
}

function failureAck(invite: SipRequest, response: SipResponse): SipRequest {
  const kept = new Set(["via", "from", "call-id", "max-forwards", "route"]);
  const [via, ...others] = invite.headers.filter((header) => kept.has(header.key));
  const sequence = headerOf(invite, "cseq") ?? "";
  const headers = [
    ...(via === undefined ? [] : [via]),
    ...others,
    field("To", headerOf(response, "to") ?? headerOf(invite, "to") ?? ""),
    field("CSeq", sequence.replace("INVITE", "ACK")),
  ];
  return { kind: "request", method: "ACK", uri: invite.uri, headers, body: NO_BODY };
}
