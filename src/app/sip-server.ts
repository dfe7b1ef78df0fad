/** The embedded SIP server alone, for a drachtio application in another process. */
import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { Random } from "../core/random.ts";
import { EmbeddedSipServer } from "../signaling/embedded/server.ts";
import { systemFiles } from "./files.ts";
import { readTlsMaterial } from "./tls-files.ts";

/** An address and a port, 0 for a free one. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** SIP over TLS, at the address of SIP. */
export interface TlsEndpoint {
  /** 0 for a free one. */
  readonly port: number;
  /** PEM files. */
  readonly cert: string;
  readonly key: string;
}

/** What runs, and on what. */
export interface SipServerOptions {
  readonly sip: Endpoint;
  /** Undefined: no TLS. */
  readonly tls: TlsEndpoint | undefined;
  /** Where applications connect. */
  readonly admin: Endpoint;
  /** What applications must know. */
  readonly secret: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** A server that listens. */
export interface RunningSipServer {
  readonly sipPort: number;
  /** 0 without TLS. */
  readonly tlsPort: number;
  readonly adminPort: number;
  /** Reads certificate and key anew; bad ones are logged, and the old ones stay. */
  reloadCertificates(): void;
  /** Idempotent; ends the links and forgets the calls, which are the applications' business. */
  close(): Promise<void>;
}

/** Rejects with SIP_BIND_FAILED, whose `host` and `port` say what could not be opened, or SIP_TLS_INVALID. */
export async function startSipServer(options: SipServerOptions): Promise<RunningSipServer> {
  const { tls, sip } = options;
  const server = new EmbeddedSipServer({
    ...options,
    sip: { ...sip, tls: tls === undefined ? undefined : tlsOptions(tls) },
  });
  await server.start();
  return server;
}

/** Whoever calls us needs no certificate; whom we call must prove its name. */
function tlsOptions(tls: TlsEndpoint) {
  const policy = { clientCertificates: "none", verify: true } as const;
  const files = { ...tls, ...policy, serverNames: [] };
  return { ...policy, port: tls.port, load: () => readTlsMaterial(files, systemFiles) };
}
