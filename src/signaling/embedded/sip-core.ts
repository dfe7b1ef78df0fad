/** The whole SIP server without its sockets: transports and application links are given to it. */
import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/logger.ts";
import type { Random } from "../../core/random.ts";
import type { SipGate } from "../../ports/sip-gate.ts";
import { AdminHub } from "./admin-hub.ts";
import type { AppClient } from "./app-client.ts";
import { CallRecords } from "./call-records.ts";
import type { CoreContext } from "./core-context.ts";
import { Counters } from "./counters.ts";
import { DialogRegistry } from "./dialog-registry.ts";
import type { DnsResolver } from "./dns-resolver.ts";
import { Doorway } from "./doorway.ts";
import { GuardedClock } from "./guarded-clock.ts";
import { Ingress } from "./ingress.ts";
import { SIP_LIMITS } from "./limits.ts";
import type { LocalAddress } from "./local-address.ts";
import { Locator } from "./locator.ts";
import { NextHop } from "./next-hop.ts";
import { PendingRequests } from "./pending-requests.ts";
import { ProxyCore } from "./proxy-core.ts";
import { Sessions } from "./sessions.ts";
import type { SipTimers } from "./timers.ts";
import { TransactionLayer } from "./transaction-layer.ts";
import type { SipProtocol, SipTransport } from "./transport.ts";
import { UacCore } from "./uac-core.ts";
import { UasCore } from "./uas-core.ts";
import { UasResponder } from "./uas-responder.ts";

/** What the core is made of; `transports` may be filled until the first message. */
export interface SipCoreOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly timers: SipTimers;
  readonly local: LocalAddress;
  readonly transports: ReadonlyMap<SipProtocol, SipTransport>;
  readonly resolver: DnsResolver;
  /** Whether to send to the packet source when a Contact differs from it. */
  readonly natRule: boolean;
  /** Says who is let in; everybody if absent. */
  readonly gate?: SipGate | undefined;
  /** Option tags that requests may require; absent: any, and the applications judge. */
  readonly extensions?: ReadonlySet<string> | undefined;
  /** How many requests may be served or remembered at once; SIP_LIMITS says how many if absent. */
  readonly maxServers?: number;
}

/** Wires transactions, dialogs and applications together. */
export class SipCore {
  readonly counters = new Counters();
  readonly hub: AdminHub;
  readonly ingress: Ingress;
  readonly #context: CoreContext;
  readonly #pending: PendingRequests;
  readonly #uac: UacCore;
  readonly #proxy: ProxyCore;
  readonly #logger: Logger;
  #closed = false;

  constructor(options: SipCoreOptions) {
    const { random, logger, timers, transports, extensions } = options;
    const maxServers = options.maxServers ?? SIP_LIMITS.serverTransactions;
    const { counters } = this;
    this.#logger = logger;
    const clock = new GuardedClock(options.clock, (error) => this.onFault(error));
    const layer = new TransactionLayer({ clock, timers, counters, maxServers });
    this.hub = new AdminHub({ counters, logger });
    const onFault = (error: unknown): void => this.onFault(error);
    const dialogs = new DialogRegistry();
    const doorway = new Doorway({ gate: options.gate, layer, dialogs, counters });
    this.ingress = new Ingress({ layer, doorway, counters, random, logger, extensions, onFault });
    const { local, resolver } = options;
    const reaches = (address: string): boolean => local.reaches(address);
    const locator = new Locator({ clock, random, resolver, transports, reaches });
    const context: CoreContext = {
      ...options,
      clock,
      counters,
      layer,
      dialogs,
      nextHop: new NextHop(transports, locator),
      locator,
      router: this.hub,
      records: new CallRecords(this.hub),
      sessions: new Sessions({ clock, timers, counters }),
    };
    this.#context = context;
    this.#pending = new PendingRequests(context);
    this.#uac = new UacCore(context);
    const responder = new UasResponder(context, this.#pending, (dialog, reason) =>
      this.#uac.end(dialog, reason),
    );
    this.#proxy = new ProxyCore({ context, pending: this.#pending, onFault });
    layer.attach(new UasCore(context, this.#pending, this.#proxy));
    this.hub.attach({
      request: (command) => this.#uac.request(command),
      respond: (client, messageId, transactionId, response) =>
        responder.respond(client, messageId, transactionId, response),
      proxy: (command) => this.#proxy.proxy(command),
      onClientGone: (client) => this.#onClientGone(client),
    });
  }

  /** A bug: counted and logged, and only the message or call at hand suffers. */
  onFault(error: unknown): void {
    this.counters.add("faults");
    this.#logger.error("the SIP server met a fault of its own", { error });
  }

  /** Live objects and counts. */
  toJSON() {
    const { servers, clients } = this.#context.layer.counts;
    return {
      transactions: { server: servers, client: clients },
      dialogs: this.#context.dialogs.size,
      pendingRequests: this.#pending.size,
      outgoingRequests: this.#uac.size,
      counters: this.counters.toJSON(),
    };
  }

  /** Forgets everything without sending anything. */
  close(): void {
    this.#closed = true;
    for (const dialog of this.#context.dialogs.all()) {
      dialog.unacknowledged?.abandon();
    }
    this.#pending.close();
    this.#uac.close();
    this.#proxy.close();
    this.#context.layer.close();
    this.#context.dialogs.clear();
  }

  /** Nobody can end these calls any more, so the server does. */
  #onClientGone(client: AppClient): void {
    if (this.#closed) {
      return;
    }
    for (const pending of this.#pending.ownedBy(client)) {
      if (pending.answer === undefined) {
        this.#pending.refuse(pending, 503, "Service Unavailable");
      }
    }
    this.#uac.onClientGone(client);
    for (const dialog of this.#context.dialogs.ownedBy(client)) {
      if (dialog.confirmed) {
        this.#uac.end(dialog, "application disconnected");
      }
    }
  }
}
