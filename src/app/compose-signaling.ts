/** Builds the way to SIP: the embedded server, or a drachtio-server elsewhere. */
import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { Random } from "../core/random.ts";
import { DrachtioSignaling } from "../signaling/drachtio-signaling.ts";
import { EmbeddedSipServer } from "../signaling/embedded/server.ts";
import type { Config } from "./config.ts";

/** What signaling runs on. */
export interface SignalingParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Address in Via and Contact; `undefined`: the bound one. */
  readonly advertise: string | undefined;
}

/** The signaling, and where calls reach it once it is started. */
export interface ComposedSignaling {
  readonly signaling: DrachtioSignaling;
  readonly sip: () => { readonly host: string; readonly port: number };
}

const CONNECT_TIMEOUT_MS = 5000;
const SECRET_BYTES = 24;

/** Nothing is opened before `signaling.start`. */
export function composeSignaling(config: Config, parts: SignalingParts): ComposedSignaling {
  const { drachtio, host, port } = config.sip;
  const common = {
    clock: parts.clock,
    logger: parts.logger,
    retryAfterSeconds: config.calls.retryAfterSeconds,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
  };
  if (drachtio !== "embedded") {
    const server = { host: drachtio.host, port: drachtio.port };
    const signaling = new DrachtioSignaling({ ...common, server, secret: drachtio.secret });
    return { signaling, sip: () => ({ host, port }) };
  }
  const secret = parts.random.hex(SECRET_BYTES);
  const server = new EmbeddedSipServer({
    ...parts,
    sip: { host, port, advertise: parts.advertise },
    admin: { host: "127.0.0.1", port: 0 },
    secret,
  });
  const signaling = new DrachtioSignaling({ ...common, server, secret });
  return { signaling, sip: () => ({ host, port: server.sipPort }) };
}
