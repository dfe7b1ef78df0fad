/** The embedded SIP server alone, for a drachtio application in another process. */
import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { Random } from "../core/random.ts";
import { EmbeddedSipServer } from "../signaling/embedded/server.ts";

/** An address and a port, 0 for a free one. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** What runs, and on what. */
export interface SipServerOptions {
  readonly sip: Endpoint;
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
  readonly adminPort: number;
  /** Idempotent; ends the links and forgets the calls, which are the applications' business. */
  close(): Promise<void>;
}

/** Rejects with SIP_BIND_FAILED, whose `host` and `port` say what could not be opened. */
export async function startSipServer(options: SipServerOptions): Promise<RunningSipServer> {
  const server = new EmbeddedSipServer(options);
  await server.start();
  return server;
}
