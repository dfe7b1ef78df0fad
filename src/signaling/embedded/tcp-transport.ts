/** SIP over TCP: accepts connections, dials others, and reuses both. RFC 3261 section 18, Transport. */
import net from "node:net";
import type { Clock } from "../../core/clock.ts";
import { SIP_LIMITS } from "./limits.ts";
import { StreamConnection } from "./stream-connection.ts";
import type { Hop, SendListener, SipTransport, TransportReceiver } from "./transport.ts";
import { formatHostPort } from "./uri.ts";

/** Created unbound; {@link open} binds. */
export class TcpTransport implements SipTransport {
  readonly protocol = "tcp";
  readonly reliable = true;
  readonly #receiver: TransportReceiver;
  readonly #clock: Clock;
  readonly #server: net.Server;
  readonly #byId = new Map<number, StreamConnection>();
  readonly #byPeer = new Map<string, StreamConnection>();
  #serial = 0;
  #port = 0;
  #closed = false;

  constructor(clock: Clock, receiver: TransportReceiver) {
    this.#clock = clock;
    this.#receiver = receiver;
    this.#server = net.createServer((socket) => this.#accept(socket));
  }

  get port(): number {
    return this.#port;
  }

  get connections(): number {
    return this.#byId.size;
  }

  /** Listens; rejects with the socket's error. */
  open(host: string, port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, host, () => {
        this.#server.off("error", reject);
        this.#server.on("error", (error) => this.#receiver.onTransportError(error));
        const address = this.#server.address();
        this.#port = typeof address === "object" && address !== null ? address.port : port;
        resolve();
      });
    });
  }

  send(bytes: Buffer, hop: Hop, listener: SendListener): void {
    if (this.#closed) {
      return;
    }
    const connection = this.#connectionOf(hop) ?? this.#dial(hop);
    if (connection === undefined) {
      queueMicrotask(() => listener.onSendFailed("too many connections"));
    } else {
      connection.send(bytes, listener);
    }
  }

  isConnected(hop: Hop): boolean {
    return hop.connection !== undefined && this.#byId.has(hop.connection);
  }

  async close(): Promise<void> {
    if (this.#closed) {
      return;
    }
    this.#closed = true;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const connection of [...this.#byId.values()]) {
      connection.destroy();
    }
    await closed;
  }

  #connectionOf(hop: Hop): StreamConnection | undefined {
    const chosen = hop.connection === undefined ? undefined : this.#byId.get(hop.connection);
    return chosen ?? this.#byPeer.get(formatHostPort(hop.host, hop.port));
  }

  #dial(hop: Hop): StreamConnection | undefined {
    if (this.#byId.size >= SIP_LIMITS.connections) {
      this.#receiver.onDropped("tooManyConnections");
      return undefined;
    }
    return this.#adopt(net.connect({ host: hop.host, port: hop.port }), hop.host, hop.port);
  }

  #accept(socket: net.Socket): void {
    const { remoteAddress, remotePort } = socket;
    const full = this.#byId.size >= SIP_LIMITS.connections;
    if (this.#closed || full || remoteAddress === undefined || remotePort === undefined) {
      if (full) {
        this.#receiver.onDropped("tooManyConnections");
      }
      socket.on("error", () => undefined);
      socket.destroy();
      return;
    }
    this.#adopt(socket, remoteAddress.replace(/^::ffff:/, ""), remotePort);
  }

  #adopt(socket: net.Socket, host: string, port: number): StreamConnection {
    this.#serial += 1;
    const peer = formatHostPort(host, port);
    const connection = new StreamConnection({
      transport: this,
      socket,
      id: this.#serial,
      host,
      port,
      receiver: this.#receiver,
      clock: this.#clock,
      onClosed: (closed) => {
        this.#byId.delete(closed.id);
        if (this.#byPeer.get(peer) === closed) {
          this.#byPeer.delete(peer);
        }
      },
    });
    this.#byId.set(connection.id, connection);
    this.#byPeer.set(peer, connection);
    return connection;
  }
}
