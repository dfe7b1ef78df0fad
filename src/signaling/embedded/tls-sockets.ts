/** TLS for SIP: server side with several certificates, client side with verified peers. RFC 5630 and RFC 3261 section 26.3. */
import { isIP, type Socket } from "node:net";
import tls from "node:tls";
import type { StreamSockets } from "./stream-transport.ts";
import type { TlsContexts } from "./tls-material.ts";
import type { Hop, TransportReceiver } from "./transport.ts";
import { plainAddress } from "./uri.ts";

/** Whether a client has to show a certificate: `request` takes clients without one, but none with a bad one. */
export type ClientCertificates = "none" | "request" | "require";

/** What the sockets are made of. */
export interface TlsSocketsOptions {
  readonly contexts: TlsContexts;
  readonly clientCertificates: ClientCertificates;
  /** Whether peers that we dial must prove their name. */
  readonly verify: boolean;
  readonly receiver: TransportReceiver;
}

/** {@link replace} exchanges the certificates; connections keep those they have. */
export class TlsSockets implements StreamSockets {
  readonly protocol = "tls";
  readonly readyEvent = "secureConnect";
  readonly #options: TlsSocketsOptions;
  readonly #server: tls.Server;
  /** By the far end of the connection. */
  readonly #handshakes = new Map<string, (ready: Socket) => void>();
  #contexts: TlsContexts;

  constructor(options: TlsSocketsOptions) {
    this.#options = options;
    this.#contexts = options.contexts;
    this.#server = this.#createServer();
  }

  replace(contexts: TlsContexts): void {
    this.#server.setSecureContext(contexts.options);
    this.#contexts = contexts;
  }

  dial({ host, port, serverName = host }: Hop): Socket {
    const { verify } = this.#options;
    const name = isIP(serverName) === 0 ? { servername: serverName } : {};
    return tls.connect({
      host,
      port,
      ...name,
      secureContext: this.#contexts.dialling,
      rejectUnauthorized: verify,
      checkServerIdentity: (_name, certificate) =>
        verify ? tls.checkServerIdentity(serverName, certificate) : undefined,
    });
  }

  secure(socket: Socket, onReady: (ready: Socket) => void): void {
    const key = endOf(socket);
    this.#handshakes.set(key, onReady);
    socket.once("close", () => this.#handshakes.delete(key));
    this.#server.emit("connection", socket);
  }

  /** It never listens itself: sockets come from the transport, which has counted them. */
  #createServer(): tls.Server {
    const { clientCertificates } = this.#options;
    const server = tls.createServer({
      ...this.#contexts.options,
      requestCert: clientCertificates !== "none",
      rejectUnauthorized: clientCertificates === "require",
      SNICallback: (name, callback) => callback(null, this.#contexts.contextFor(name)),
    });
    server.on("secureConnection", (socket) => this.#onSecure(socket));
    server.on("tlsClientError", (_error, socket) => {
      this.#options.receiver.onDropped("handshake");
      socket.destroy();
    });
    return server;
  }

  #onSecure(socket: tls.TLSSocket): void {
    const onReady = this.#handshakes.get(endOf(socket));
    const isForged = this.#options.clientCertificates === "request" && showsBadCertificate(socket);
    if (isForged) {
      this.#options.receiver.onDropped("handshake");
    }
    if (onReady === undefined || isForged) {
      socket.on("error", () => undefined);
      socket.destroy();
    } else {
      onReady(socket);
    }
  }
}

function showsBadCertificate(socket: tls.TLSSocket): boolean {
  return !socket.authorized && Object.keys(socket.getPeerCertificate()).length > 0;
}

function endOf({ remoteAddress, remotePort }: Socket): string {
  return `${plainAddress(remoteAddress ?? "")} ${remotePort}`;
}
