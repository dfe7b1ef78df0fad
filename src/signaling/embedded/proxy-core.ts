/** Requests that are passed on: by the command `proxy`, or because a Route names us. RFC 3261 section 16, Proxy Behavior. */
import { createHmac } from "node:crypto";
import { isIP } from "node:net";
import type { AppClient } from "./app-client.ts";
import type { Arrival } from "./arrival.ts";
import type { CoreContext } from "./core-context.ts";
import { countFailures } from "./core-context.ts";
import { listOf, parseNameAddress } from "./header-values.ts";
import type { HeaderField, SipRequest } from "./message.ts";
import { field, serialise, usualName } from "./message.ts";
import type { Target } from "./next-hop.ts";
import type { PendingRequest, PendingRequests } from "./pending-requests.ts";
import { parseProxyPlan } from "./proxy-command.ts";
import type { Located, ProxyForkOptions } from "./proxy-fork.ts";
import { ProxyFork } from "./proxy-fork.ts";
import {
  forwardedRequest,
  hopsLeft,
  isOwnRoute,
  proofIn,
  remainingRoutes,
} from "./proxy-messages.ts";
import { plainResponse } from "./response-builder.ts";
import type { ServerTransaction } from "./server-transaction.ts";
import type { Hop } from "./transport.ts";

/** The command `proxy`. */
export interface ProxyCommand {
  readonly client: AppClient;
  readonly messageId: string;
  readonly transactionId: string;
  /** What follows the transaction id. */
  readonly fields: readonly string[];
  /** What the application wants in the request. */
  readonly headers: readonly HeaderField[];
}

/** What a proxy runs on. */
export interface ProxyCoreOptions {
  readonly context: CoreContext;
  readonly pending: PendingRequests;
  onFault(error: unknown): void;
}

/** Owns what is on its way, by the transaction it came in. */
export class ProxyCore {
  readonly #options: ProxyCoreOptions;
  readonly #context: CoreContext;
  readonly #key: string;
  readonly #forks = new Map<ServerTransaction, ProxyFork>();

  constructor(options: ProxyCoreOptions) {
    this.#options = options;
    this.#context = options.context;
    this.#key = options.context.random.hex(16);
  }

  /** Passes a request on that an application was given. */
  proxy(command: ProxyCommand): void {
    const { client, messageId, transactionId } = command;
    const pending = this.#options.pending.get(transactionId);
    const plan = parseProxyPlan(command.fields);
    if (pending?.owner !== client || pending.answer !== undefined) {
      client.reply(messageId, { ok: false, reason: `unknown transaction id: ${transactionId}` });
    } else if (typeof plan === "string") {
      client.reply(messageId, { ok: false, reason: plan });
    } else if (listOf(pending.arrival.request, "proxy-require").length > 0) {
      this.#refuseExtensions(pending);
      client.acknowledge(messageId, "done");
    } else {
      const arrival = this.#options.pending.handOver(pending);
      const headers = command.headers.map(({ name, value }) => field(usualName(name), value));
      const recordRoute = plan.recordRoute ? this.#proofFor(arrival) : undefined;
      this.#start({
        ...this.#common(arrival, pending.transaction),
        ...plan,
        patience: plan,
        passage: { recordRoute, headers },
        onFinal: (response, from) => {
          if (plan.fullResponse) {
            client.report(messageId, from, serialise(response));
          }
        },
        onDone: () => client.acknowledge(messageId, "done"),
      });
    }
  }

  /** We know no extensions for proxies. RFC 3261 section 16.3, Request Validation, step 5. */
  #refuseExtensions(pending: PendingRequest): void {
    const wanted = listOf(pending.arrival.request, "proxy-require").join(", ");
    this.#context.counters.add("refusedExtension");
    this.#options.pending.refuse(pending, 420, "Bad Extension", [field("Unsupported", wanted)]);
  }

  /**
   * Whether a request belongs to a call in whose path we stayed: its first Route is one that we wrote for this Call-ID.
   * Without the proof strangers could send anything anywhere through us.
   */
  isPassing(arrival: Arrival): boolean {
    const [first] = listOf(arrival.request, "route");
    return (
      first !== undefined &&
      proofIn(first) === this.#proofFor(arrival) &&
      isOwnRoute(this.#context, first, arrival.from)
    );
  }

  /** Passes on a request within a dialog. RFC 3261 section 16.12, Summary of Proxy Route Processing. */
  pass(arrival: Arrival, transaction: ServerTransaction): void {
    if (hopsLeft(arrival.request) === 0) {
      this.#context.counters.add("refusedTooManyHops");
      const refusal = plainResponse(arrival.request, 483, "Too Many Hops", undefined);
      transaction.respond(483, serialise(refusal));
      return;
    }
    if (transaction.invite) {
      const trying = plainResponse(arrival.request, 100, "Trying", undefined);
      transaction.respond(100, serialise(trying));
    }
    this.#start({
      ...this.#common(arrival, transaction),
      targets: [arrival.request.uri],
      parallel: false,
      followRedirects: false,
      patience: { provisionalMs: undefined, finalMs: undefined },
      passage: {
        recordRoute: transaction.invite ? this.#proofFor(arrival) : undefined,
        headers: [],
      },
      onFinal: () => undefined,
      onDone: () => undefined,
    });
  }

  /** The ACK of a 2xx is a message of its own: it goes on without a transaction. */
  passAck(arrival: Arrival): void {
    this.#passAck(arrival).catch(this.#options.onFault);
  }

  async #passAck(arrival: Arrival): Promise<void> {
    const { request, from } = arrival;
    if (hopsLeft(request) === 0) {
      this.#context.counters.add("droppedStrayAck");
      return;
    }
    const located = this.#locate(arrival, request.uri);
    const to = located instanceof Promise ? await located : located;
    if ("status" in to) {
      this.#context.counters.add("sendFailures");
      return;
    }
    const passage = { from, to, recordRoute: undefined, headers: [] };
    const bytes = serialise(forwardedRequest(this.#context, request, request.uri, passage));
    to.transport.send(bytes, to, countFailures(this.#context));
  }

  /** Cancels what came in by this transaction; false when that is nothing of ours. */
  cancel(transaction: ServerTransaction): boolean {
    const fork = this.#forks.get(transaction);
    fork?.cancel();
    return fork !== undefined;
  }

  /** The transaction has ended. */
  forget(transaction: ServerTransaction): void {
    this.#forks.get(transaction)?.abandon();
    this.#forks.delete(transaction);
  }

  close(): void {
    for (const transaction of [...this.#forks.keys()]) {
      this.forget(transaction);
    }
  }

  #common(arrival: Arrival, transaction: ServerTransaction) {
    const locate = (uri: string): Located | Promise<Located> => this.#locate(arrival, uri);
    const { onFault } = this.#options;
    return { context: this.#context, arrival, transaction, locate, onFault };
  }

  #proofFor({ essentials }: Arrival): string {
    const digest = createHmac("sha256", this.#key).update(essentials.callId).digest("hex");
    return digest.slice(0, 16);
  }

  #start(options: ProxyForkOptions): void {
    const fork = new ProxyFork(options);
    this.#forks.set(options.transaction, fork);
    fork.start();
  }

  /** By the first Route that is left, else by the URI. */
  #locate(arrival: Arrival, uri: string): Located | Promise<Located> {
    const { nextHop } = this.#context;
    const target = nextHop.targetOf(this.#nextUri(arrival, uri), arrival.from.transport.protocol);
    if (target === "invalidUri") {
      return { status: 416, reason: "Unsupported URI Scheme" };
    }
    if (target === "noTransport") {
      return { status: 503, reason: "Service Unavailable" };
    }
    const { transport, host, port, serverName } = target;
    return isIP(host) === 0
      ? this.#find(target)
      : this.#chosen([{ transport, host, port, serverName, connection: undefined }]);
  }

  #nextUri({ request, from }: { request: SipRequest; from: Arrival["from"] }, uri: string): string {
    const [route] = remainingRoutes(this.#context, request, from);
    return route === undefined ? uri : (parseNameAddress(route)?.uri ?? uri);
  }

  async #find(target: Target): Promise<Located> {
    const hops = await this.#context.locator.locate(target).catch(() => []);
    return hops.length === 0 ? { status: 503, reason: "DNS Error" } : this.#chosen(hops);
  }

  #chosen(hops: readonly Hop[]): Located {
    const { local } = this.#context;
    const other = hops.find(({ host, port, transport }) => !local.isOurs(host, port, transport));
    return other ?? { status: 482, reason: "Loop Detected" };
  }
}
