/** Builds the way to SIP: the embedded server, or a drachtio-server elsewhere. */
import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { Advertise } from "../core/own-addresses.ts";
import type { Random } from "../core/random.ts";
import type { SipGate } from "../ports/sip-gate.ts";
import { DrachtioSignaling } from "../signaling/drachtio-signaling.ts";
import { EmbeddedSipServer } from "../signaling/embedded/server.ts";
import type { SipTlsOptions } from "../signaling/embedded/server-transports.ts";
import { SUPPORTED_EXTENSIONS } from "../signaling/supported-extensions.ts";
import type { Config } from "./config.ts";
import { systemFiles } from "./files.ts";
import { readTlsMaterial } from "./tls-files.ts";

/** What signaling runs on. */
export interface SignalingParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** What Via and Contact name; `undefined`: the bound address. */
  readonly advertise: Advertise | undefined;
  /** Asked before anything is made for a request. */
  readonly gate: SipGate;
}

/** The signaling, and where calls reach it once it is started. */
export interface ComposedSignaling {
  readonly signaling: DrachtioSignaling;
  readonly sip: () => SipListener;
  /** Reads certificates anew; whatever is wrong with them is logged, and the old ones stay. */
  readonly reload: () => void;
}

/** Where calls reach the gateway. */
export interface SipListener {
  readonly host: string;
  readonly port: number;
  /** Undefined: no TLS, or not ours. */
  readonly tlsPort?: number | undefined;
}

const CONNECT_TIMEOUT_MS = 5000;
const SECRET_BYTES = 24;

/** Nothing is opened before `signaling.start`. */
export function composeSignaling(config: Config, parts: SignalingParts): ComposedSignaling {
  const { drachtio, host, port, connections } = config.sip;
  const common = {
    clock: parts.clock,
    random: parts.random,
    logger: parts.logger,
    retryAfterSeconds: config.calls.retryAfterSeconds,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
  };
  if (drachtio !== "embedded") {
    const server = { host: drachtio.host, port: drachtio.port };
    const { gate } = parts;
    const theirs = { server, secret: drachtio.secret, gate, sendsReliably: false };
    const signaling = new DrachtioSignaling({ ...common, ...theirs });
    return { signaling, sip: () => ({ host, port }), reload: () => undefined };
  }
  const secret = parts.random.hex(SECRET_BYTES);
  const server = new EmbeddedSipServer({
    ...parts,
    sip: {
      host,
      port,
      advertise: parts.advertise,
      extensions: SUPPORTED_EXTENSIONS,
      tls: tlsOptions(config),
      connectionLimits: { total: connections.max, perSource: connections.perSource },
    },
    admin: { host: "127.0.0.1", port: 0 },
    secret,
  });
  const signaling = new DrachtioSignaling({ ...common, server, secret, sendsReliably: true });
  return {
    signaling,
    sip: () => ({
      host,
      port: server.sipPort,
      tlsPort: server.tlsPort === 0 ? undefined : server.tlsPort,
    }),
    reload: () => server.reloadCertificates(),
  };
}

function tlsOptions({ sip: { tls } }: Config): SipTlsOptions | undefined {
  if (tls === undefined) {
    return undefined;
  }
  const { port, clientCertificates, verify } = tls;
  return { port, clientCertificates, verify, load: () => readTlsMaterial(tls, systemFiles) };
}
