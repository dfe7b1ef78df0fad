/** The sockets of the SIP server: UDP and TCP on one port, TLS on another, and its certificates. */
import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/logger.ts";
import type { ConnectionLimits } from "./connection-budget.ts";
import { ConnectionBudget } from "./connection-budget.ts";
import { StreamTransport, TCP_SOCKETS } from "./stream-transport.ts";
import type { TlsContexts, TlsMaterial } from "./tls-material.ts";
import { createTlsContexts } from "./tls-material.ts";
import type { ClientCertificates } from "./tls-sockets.ts";
import { TlsSockets } from "./tls-sockets.ts";
import type { SipProtocol, SipTransport, TransportReceiver } from "./transport.ts";
import { UdpTransport } from "./udp-transport.ts";

/** SIP over TLS. */
export interface SipTlsOptions {
  /** Undefined: peers are dialled, nobody dials us. */
  readonly port: number | undefined;
  /** Reads the files, at the start and at every reload; may throw. */
  readonly load: () => TlsMaterial;
  readonly clientCertificates: ClientCertificates;
  /** Whether a peer that we dial must prove its name. */
  readonly verify: boolean;
}

/** Where to listen. */
export interface SipAddress {
  readonly host: string;
  /** For UDP and TCP; 0 picks a free one. */
  readonly port: number;
  readonly tls?: SipTlsOptions | undefined;
}

/** What the sockets are made of. */
export interface ServerTransportsOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly receiver: TransportReceiver;
  readonly connectionLimits: ConnectionLimits | undefined;
}

/** How often another port is tried when the one that TCP picked is taken on UDP. */
const PORT_ATTEMPTS = 20;
const TLS_PORT = 5061;
const EXPIRY_WARNING_MS = 30 * 86_400_000;

/** Created idle; {@link open} binds, {@link close} releases. */
export class ServerTransports {
  readonly byProtocol = new Map<SipProtocol, SipTransport>();
  readonly #options: ServerTransportsOptions;
  readonly #budget: ConnectionBudget;
  #certificatesEndMs: number | undefined;
  #tls: { readonly sockets: TlsSockets; readonly load: () => TlsMaterial } | undefined;

  constructor(options: ServerTransportsOptions) {
    this.#options = options;
    this.#budget = new ConnectionBudget(options.connectionLimits);
  }

  /** Open stream connections. */
  get connections(): number {
    return [...this.byProtocol.values()].reduce((sum, { connections }) => sum + connections, 0);
  }

  /** Seconds until the first of the certificates expires; undefined without any. */
  get certificateSeconds(): number | undefined {
    const nowMs = this.#options.clock.wallMs();
    const endMs = this.#certificatesEndMs;
    return endMs === undefined ? undefined : Math.floor((endMs - nowMs) / 1000);
  }

  portOf(protocol: SipProtocol): number {
    return this.byProtocol.get(protocol)?.port ?? 0;
  }

  /** Rejects with the socket's error, or throws SIP_TLS_INVALID; then whatever was opened is still to be closed. */
  async open({ host, port, tls }: SipAddress): Promise<void> {
    if (tls !== undefined) {
      await this.#openTls(host, tls);
    }
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#openPlain(host, port);
        return;
      } catch (error) {
        if (port !== 0 || attempt === PORT_ATTEMPTS) {
          throw error;
        }
      }
    }
  }

  /** Reads the certificates anew; throws and changes nothing when they cannot be used. */
  reloadCertificates(): void {
    if (this.#tls !== undefined) {
      const contexts = createTlsContexts(this.#tls.load());
      this.#tls.sockets.replace(contexts);
      this.#report(contexts);
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.byProtocol.values()].map((transport) => transport.close()));
  }

  async #openTls(host: string, options: SipTlsOptions): Promise<void> {
    const { receiver } = this.#options;
    const contexts = createTlsContexts(options.load());
    const sockets = new TlsSockets({ ...options, contexts, receiver });
    const transport = this.#createStream(sockets, TLS_PORT);
    this.#tls = { sockets, load: options.load };
    this.byProtocol.set("tls", transport);
    if (options.port !== undefined) {
      await transport.open(host, options.port);
    }
    this.#report(contexts);
    if (!options.verify) {
      this.#options.logger.warn("peers that we call over TLS need not prove their name");
    }
  }

  async #openPlain(host: string, port: number): Promise<void> {
    const tcp = this.#createStream(TCP_SOCKETS, port);
    await tcp.open(host, port);
    const udp = new UdpTransport(host, this.#options.receiver);
    try {
      await udp.open(host, tcp.port);
    } catch (error) {
      await tcp.close();
      throw error;
    }
    this.byProtocol.set("udp", udp).set("tcp", tcp);
  }

  #createStream(sockets: TlsSockets | typeof TCP_SOCKETS, defaultPort: number): StreamTransport {
    const { clock, receiver } = this.#options;
    return new StreamTransport({ clock, receiver, sockets, budget: this.#budget, defaultPort });
  }

  /** A certificate that runs out is noticed by people only when calls fail, unless it is told. */
  #report({ certificates }: TlsContexts): void {
    const { clock, logger } = this.#options;
    const nowMs = clock.wallMs();
    const ends = certificates.map(({ facts }) => facts.notAfterMs);
    this.#certificatesEndMs = ends.length === 0 ? undefined : Math.min(...ends);
    for (const { file, facts } of certificates) {
      const until = new Date(facts.notAfterMs).toISOString();
      const fields = { file, names: facts.names, until };
      if (facts.notAfterMs <= nowMs) {
        logger.error("certificate has expired", fields);
      } else if (facts.notAfterMs - nowMs < EXPIRY_WARNING_MS) {
        logger.warn("certificate expires soon", fields);
      } else {
        logger.info("certificate in use", fields);
      }
    }
  }
}
