/** The SIP server in this process: stands in for drachtio-server behind drachtio-srf. */

import { bindFailureDetails } from "../../core/bind-failure.ts";
import type { Clock } from "../../core/clock.ts";
import { GatewayError } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Random } from "../../core/random.ts";
import { AdminServer } from "./admin-server.ts";
import { LocalAddress } from "./local-address.ts";
import type { HostResolver } from "./next-hop.ts";
import { systemResolver } from "./next-hop.ts";
import { SipCore } from "./sip-core.ts";
import { TcpTransport } from "./tcp-transport.ts";
import type { SipTimers } from "./timers.ts";
import { DEFAULT_SIP_TIMERS } from "./timers.ts";
import type { SipProtocol, SipTransport } from "./transport.ts";
import { UdpTransport } from "./udp-transport.ts";

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
    /** Address to name in Via and Contact instead of the bound one. */
    readonly advertise?: string | undefined;
    /** Whether to send to the packet source when a Contact differs from it; on by default. */
    readonly natRule?: boolean | undefined;
  };
  /** Where drachtio-srf connects; port 0 picks a free one. */
  readonly admin: { readonly host: string; readonly port: number };
  /** What drachtio-srf must know. */
  readonly secret: string;
  readonly timers?: Partial<SipTimers> | undefined;
  readonly resolver?: HostResolver | undefined;
}

/** How often another port is tried when the one that TCP picked is taken on UDP. */
const PORT_ATTEMPTS = 20;

/** Created idle; {@link start} binds, {@link close} releases everything. */
export class EmbeddedSipServer {
  readonly #options: EmbeddedSipServerOptions;
  readonly #core: SipCore;
  readonly #local: LocalAddress;
  readonly #transports = new Map<SipProtocol, SipTransport>();
  readonly #admin: AdminServer;
  #closing: Promise<void> | undefined;

  constructor(options: EmbeddedSipServerOptions) {
    const { sip } = options;
    this.#options = options;
    this.#local = new LocalAddress(options.clock, sip.host, sip.advertise);
    this.#core = new SipCore({
      ...options,
      timers: { ...DEFAULT_SIP_TIMERS, ...options.timers },
      local: this.#local,
      transports: this.#transports,
      resolver: options.resolver ?? systemResolver,
      natRule: sip.natRule ?? true,
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
    return this.#transports.get("tcp")?.port ?? 0;
  }

  /** Binds everything. Throws SIP_BIND_FAILED with host and port; then nothing stays open. */
  async start(): Promise<void> {
    const { sip, admin } = this.#options;
    try {
      await this.#bindSip();
    } catch (cause) {
      await this.close();
      const details = bindFailureDetails(cause, { ...sip, setting: "sip" });
      throw new GatewayError("SIP_BIND_FAILED", details, { cause });
    }
    try {
      await this.#admin.open(admin.host, admin.port);
    } catch (cause) {
      await this.close();
      throw new GatewayError("SIP_BIND_FAILED", { host: admin.host, port: admin.port }, { cause });
    }
    const fields = { host: sip.host, sipPort: this.sipPort, adminPort: this.adminPort };
    this.#options.logger.info("SIP server listening", fields);
  }

  /** Live objects and counts, for dumps and metrics. */
  toJSON() {
    const sip = this.#transports.get("tcp")?.connections ?? 0;
    return { ...this.#core.toJSON(), connections: { sip, admin: this.#admin.connections } };
  }

  /** Idempotent; releases sockets and timers; calls are not ended, which is the application's business. */
  close(): Promise<void> {
    this.#closing ??= this.#release();
    return this.#closing;
  }

  async #release(): Promise<void> {
    await this.#admin.close();
    this.#core.close();
    await Promise.all([...this.#transports.values()].map((transport) => transport.close()));
  }

  async #bindSip(): Promise<void> {
    const { port } = this.#options.sip;
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#bindBoth();
        return;
      } catch (error) {
        if (port !== 0 || attempt === PORT_ATTEMPTS) {
          throw error;
        }
      }
    }
  }

  async #bindBoth(): Promise<void> {
    const { clock, sip } = this.#options;
    const tcp = new TcpTransport(clock, this.#core.ingress);
    await tcp.open(sip.host, sip.port);
    const udp = new UdpTransport(sip.host, this.#core.ingress);
    try {
      await udp.open(sip.host, tcp.port);
    } catch (error) {
      await tcp.close();
      throw error;
    }
    this.#transports.set("udp", udp).set("tcp", tcp);
  }

  #hostPorts(): string {
    const host = this.#local.primary;
    return [...this.#transports].map(([name, { port }]) => `${name}/${host}:${port}`).join(",");
  }
}
