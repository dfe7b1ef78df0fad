/** The port of whoever takes WebSockets at a path of the HTTP server. */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

/** Takes requests that want to speak WebSocket, on sockets that are no longer HTTP's. */
export interface SocketDoor {
  readonly path: string;
  /** MUST answer the request or destroy the socket. */
  take(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** What describes the service to those who ask for it, by host header; `undefined`: nothing does. */
  card(host: string | undefined): Readonly<Record<string, unknown>> | undefined;
  /** Ends what is open; idempotent. */
  close(): void;
}
