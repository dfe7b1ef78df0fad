/** The SIP server in this process: stands in for drachtio-server behind drachtio-srf. */

import { bindFailureDetails } from "../../core/bind-failure.ts";
import type { Clock } from "../../core/clock.ts";
import { codeOf, GatewayError } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Advertise } from "../../core/own-addresses.ts";
import type { Random } from "../../core/random.ts";
import type { SipGate } from "../../ports/sip-gate.ts";
import { AdminServer } from "./admin-server.ts";
import type { ConnectionLimits } from "./connection-budget.ts";
import type { DnsResolver } from "./dns-resolver.ts";
import { systemDns } from "./dns-resolver.ts";
import { LocalAddress } from "./local-address.ts";
import type { SipTlsOptions } from "./server-transports.ts";
import { ServerTransports } from "./server-transports.ts";
import { SipCore } from "./sip-core.ts";
import type { SipTimers } from "./timers.ts";
import { DEFAULT_SIP_TIMERS } from "./timers.ts";
import { formatHostPort } from "./uri.ts";

/** Where the server listens and what it runs on. */
export interface EmbeddedSipServerOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly sip: {
    /** Address to bind. */
    readonly host: string;
    /** The same port for UDP and TCP; 0 picks a free one. */
    readonly port: number;
    /** Absent: no TLS in either direction. */
    readonly tls?: SipTlsOptions | undefined;
    /** How many stream connections there may be. */
    readonly connectionLimits?: ConnectionLimits | undefined;
    /** What to name in Via and Contact instead of the bound address. */
    readonly advertise?: Advertise | undefined;
    /** Whether to send to the packet source when a Contact differs from it; on by default. */
    readonly natRule?: boolean | undefined;
    /** Option tags that requests may require; absent: any, and the applications judge. */
    readonly extensions?: ReadonlySet<string> | undefined;
  };
  /** Where drachtio-srf connects; port 0 picks a free one. */
  readonly admin: { readonly host: string; readonly port: number };
  /** What drachtio-srf must know. */
  readonly secret: string;
  readonly timers?: Partial<SipTimers> | undefined;
  readonly resolver?: DnsResolver | undefined;
  /** Says who is let in; everybody if absent. */
  readonly gate?: SipGate | undefined;
}

/** Created idle; {@link start} binds, {@link close} releases everything. */
export class EmbeddedSipServer {
  readonly #options: EmbeddedSipServerOptions;
  readonly #core: SipCore;
  readonly #local: LocalAddress;
  readonly #transports: ServerTransports;
  readonly #admin: AdminServer;
  #closing: Promise<void> | undefined;

  constructor(options: EmbeddedSipServerOptions) {
    const { sip } = options;
    this.#options = options;
    this.#local = new LocalAddress(options.clock, sip.host, sip.advertise);
    this.#transports = new ServerTransports({
      clock: options.clock,
      logger: options.logger,
      connectionLimits: sip.connectionLimits,
      receiver: {
        onBytes: (bytes, from) => this.#core.ingress.onBytes(bytes, from),
        onOversized: (head, from) => this.#core.ingress.onOversized(head, from),
        onDropped: (reason) => this.#core.ingress.onDropped(reason),
        onTransportError: (error) => this.#core.ingress.onTransportError(error),
        mayConnect: (host) => this.#core.ingress.mayConnect(host),
      },
    });
    this.#core = new SipCore({
      ...options,
      timers: { ...DEFAULT_SIP_TIMERS, ...options.timers },
      local: this.#local,
      transports: this.#transports.byProtocol,
      resolver: options.resolver ?? systemDns,
      natRule: sip.natRule ?? true,
      extensions: sip.extensions,
    });
    this.#admin = new AdminServer({
      ...options,
      onFault: (error) => this.#core.onFault(error),
      hub: this.#core.hub,
      hostPorts: () => this.#hostPorts(),
    });
  }

  /** The bound port for applications; 0 before {@link start}. */
  get adminPort(): number {
    return this.#admin.port;
  }

  /** The bound SIP port, UDP and TCP; 0 before {@link start}. */
  get sipPort(): number {
    return this.#transports.portOf("tcp");
  }

  /** The bound port of SIP over TLS; 0 before {@link start} and without TLS. */
  get tlsPort(): number {
    return this.#transports.portOf("tls");
  }

  /** Binds everything. Throws SIP_BIND_FAILED with host and port, or SIP_TLS_INVALID; then nothing stays open. */
  async start(): Promise<void> {
    const { sip, admin } = this.#options;
    try {
      await this.#transports.open(sip);
    } catch (cause) {
      await this.close();
      throw codeOf(cause) === undefined ? sipBindError(cause, sip) : cause;
    }
    try {
      await this.#admin.open(admin.host, admin.port);
    } catch (cause) {
      await this.close();
      throw new GatewayError("SIP_BIND_FAILED", { host: admin.host, port: admin.port }, { cause });
    }
    const tlsPort = sip.tls === undefined ? {} : { tlsPort: this.tlsPort };
    const { sipPort, adminPort } = this;
    const fields = { host: sip.host, sipPort, ...tlsPort, adminPort };
    this.#options.logger.info("SIP server listening", fields);
  }

  /** Live objects and counts, for dumps and metrics. */
  toJSON() {
    const { connections: sip, certificateSeconds } = this.#transports;
    return {
      ...this.#core.toJSON(),
      connections: { sip, admin: this.#admin.connections },
      ...(certificateSeconds === undefined ? {} : { certificateSeconds }),
    };
  }

  /** Reads certificates and keys anew, for connections to come; bad ones are logged and counted, and the old ones stay. */
  reloadCertificates(): void {
    try {
      this.#transports.reloadCertificates();
    } catch (error) {
      this.#core.counters.add("certificateReloads");
      this.#options.logger.error("certificates were not reloaded", { error });
    }
  }

  /** Idempotent; releases sockets and timers; calls are not ended, which is the application's business. */
  close(): Promise<void> {
    this.#closing ??= this.#release();
    return this.#closing;
  }

  async #release(): Promise<void> {
    await this.#admin.close();
    this.#core.close();
    await this.#transports.close();
  }

  #hostPorts(): string {
    const host = this.#local.primary;
    return [...this.#transports.byProtocol]
      .map(([name, { port }]) => `${name}/${formatHostPort(host, port)}`)
      .join(",");
  }
}

/** Says which of the two ports it was. */
function sipBindError(cause: unknown, sip: EmbeddedSipServerOptions["sip"]): GatewayError {
  const port = (cause as { port?: unknown } | null)?.port;
  const isTls = sip.tls?.port !== undefined && sip.tls.port !== 0 && port === sip.tls.port;
  const target = isTls
    ? { host: sip.host, port: sip.tls?.port ?? 0, setting: "sip.tls" }
    : { host: sip.host, port: sip.port, setting: "sip" };
  return new GatewayError("SIP_BIND_FAILED", bindFailureDetails(cause, target), { cause });
}
