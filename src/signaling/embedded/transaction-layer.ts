/** Finds the transaction of every message by key, and makes new ones. RFC 3261 section 17, Transactions. */
import type { Clock } from "../../core/clock.ts";
import type { Arrival } from "./arrival.ts";
import type { ClientTransactionUser } from "./client-transaction.ts";
import { ClientTransaction } from "./client-transaction.ts";
import type { Counters } from "./counters.ts";
import { listOf, parseVia } from "./header-values.ts";
import type { SipRequest, SipResponse } from "./message.ts";
import { headerOf, serialise } from "./message.ts";
import type { Essentials } from "./message-check.ts";
import type { ServerTransactionOwner } from "./server-transaction.ts";
import { ServerTransaction } from "./server-transaction.ts";
import type { SipTimers } from "./timers.ts";
import type { Hop } from "./transport.ts";

/** RFC 3261 section 8.1.1.7, Via: branches that are unique by themselves start with this. */
export const MAGIC_COOKIE = "z9hG4bK";

/** The core above the transactions. */
export interface TransactionUser {
  /** A new request other than ACK. */
  onRequest(arrival: Arrival, transaction: ServerTransaction): void;
  /** An ACK that no failed INVITE absorbed. */
  onAck(arrival: Arrival): void;
  onServerTransactionEnded(transaction: ServerTransaction): void;
}

/** What the layer is made of. */
export interface TransactionLayerOptions {
  readonly clock: Clock;
  readonly timers: SipTimers;
  readonly counters: Counters;
  /** How many server transactions may live at once. */
  readonly maxServers: number;
}

/** Owns all transactions; they remove themselves when they end. */
export class TransactionLayer {
  readonly #options: TransactionLayerOptions;
  readonly #servers = new Map<string, ServerTransaction>();
  readonly #clients = new Map<string, ClientTransaction>();
  #user: TransactionUser | undefined;

  constructor(options: TransactionLayerOptions) {
    this.#options = options;
  }

  /** Says who hears of requests; called once, before the first message. */
  attach(user: TransactionUser): void {
    this.#user = user;
  }

  get counts(): { readonly servers: number; readonly clients: number } {
    return { servers: this.#servers.size, clients: this.#clients.size };
  }

  /** A request that passed the checks. False when it is new and there are too many already. */
  onRequest(arrival: Arrival): boolean {
    const { request, essentials } = arrival;
    if (request.method === "ACK") {
      this.#options.counters.add("requestsIn");
    }
    const method = request.method === "ACK" ? "INVITE" : request.method;
    const existing = this.#servers.get(serverKey(essentials, method));
    if (existing === undefined) {
      return this.#onUnmatched(arrival);
    }
    if (request.method === "ACK") {
      existing.onAck(arrival);
    } else {
      this.#options.counters.add("retransmissionsIn");
      existing.onRequest();
    }
    return true;
  }

  /** Whether a request is one that is being served, or was a moment ago: then it is a retransmission. */
  knows({ request, essentials }: Arrival): boolean {
    return this.#servers.has(serverKey(essentials, request.method));
  }

  /** The INVITE that a CANCEL is for. RFC 3261 section 9.2, Server Behavior. */
  inviteOf(cancel: Essentials): ServerTransaction | undefined {
    return this.#servers.get(serverKey(cancel, "INVITE"));
  }

  onResponse(response: SipResponse, essentials: Essentials, from: Hop): void {
    const branch = essentials.via.branch ?? "";
    const transaction = this.#clients.get(clientKey(branch, essentials.sequenceMethod));
    if (transaction === undefined || !isWayBack(response, transaction.request)) {
      this.#options.counters.add("droppedStrayResponse");
    } else {
      transaction.onResponse(response, from);
    }
  }

  /** Sends a request whose top Via is ours. */
  send(request: SipRequest, hop: Hop, user: ClientTransactionUser): ClientTransaction {
    const branch = parseVia(headerOf(request, "via") ?? "")?.branch ?? "";
    const { clock, timers } = this.#options;
    const transaction = new ClientTransaction({
      key: clientKey(branch, request.method),
      request,
      bytes: serialise(request),
      hop,
      clock,
      timers,
      user,
      onEnded: this.#forgetClient,
    });
    this.#clients.set(transaction.key, transaction);
    transaction.start();
    return transaction;
  }

  /** Forgets every transaction without sending anything. */
  close(): void {
    for (const transaction of [...this.#servers.values(), ...this.#clients.values()]) {
      transaction.abandon();
    }
    this.#servers.clear();
    this.#clients.clear();
  }

  readonly #serverOwner: ServerTransactionOwner = {
    onAckOfSuccess: (ack) => this.#user?.onAck(ack),
    onServerTransactionEnded: (transaction) => {
      this.#servers.delete(transaction.key);
      this.#user?.onServerTransactionEnded(transaction);
    },
  };

  readonly #forgetClient = (transaction: ClientTransaction): void => {
    this.#clients.delete(transaction.key);
  };

  #onUnmatched(arrival: Arrival): boolean {
    const { request, essentials, from } = arrival;
    if (request.method === "ACK") {
      this.#user?.onAck(arrival);
      return true;
    }
    if (this.#servers.size >= this.#options.maxServers) {
      return false;
    }
    const { clock, timers } = this.#options;
    const transaction = new ServerTransaction({
      key: serverKey(essentials, request.method),
      invite: request.method === "INVITE",
      source: from,
      sentByPort: essentials.via.port ?? (from.transport.protocol === "tls" ? 5061 : 5060),
      clock,
      timers,
      owner: this.#serverOwner,
    });
    this.#servers.set(transaction.key, transaction);
    this.#user?.onRequest(arrival, transaction);
    return true;
  }
}

/**
 * RFC 3261 section 17.2.3, Matching Requests to Server Transactions. A branch without the cookie, or of the cookie alone, is RFC 2543's: then
 * Call-ID, CSeq and From tag stand in for it.
 */
function serverKey(essentials: Essentials, method: string): string {
  const { via, callId, sequence, fromTag } = essentials;
  const branch = via.branch ?? "";
  return branch.startsWith(MAGIC_COOKIE) && branch.length > MAGIC_COOKIE.length
    ? `${branch} ${via.sentBy} ${method}`
    : `${callId} ${sequence} ${fromTag ?? ""} ${via.sentBy} ${branch} ${method}`;
}

/** RFC 3261 section 8.1.3.3, Vias: as many as the request had, else it is somebody else's. */
function isWayBack(response: SipResponse, request: SipRequest): boolean {
  return listOf(response, "via").length === listOf(request, "via").length;
}

/** RFC 3261 section 17.1.3, Matching Responses to Client Transactions. */
function clientKey(branch: string, method: string): string {
  return `${branch} ${method}`;
}
