/** SIP over streams (TCP, TLS): accepts connections, dials others, and reuses both. RFC 3261 section 18, Transport. */
import net from "node:net";
import type { Clock, Timer } from "../../core/clock.ts";
import { after } from "../../core/clock.ts";
import type { ConnectionBudget } from "./connection-budget.ts";
import { SIP_LIMITS } from "./limits.ts";
import type { ReadyEvent } from "./stream-connection.ts";
import { StreamConnection } from "./stream-connection.ts";
import type { Hop, SendListener, SipTransport, TransportReceiver } from "./transport.ts";
import { formatHostPort, plainAddress } from "./uri.ts";

/** What makes a stream one of a certain protocol. */
export interface StreamSockets {
  readonly protocol: "tcp" | "tls";
  /** What a dialled socket says when it may be written to. */
  readonly readyEvent: ReadyEvent;
  /** Begins to connect; errors come as events. */
  dial(hop: Hop): net.Socket;
  /** Makes an accepted TCP socket ready and hands on the one to talk over; a failure closes `socket`. */
  secure(socket: net.Socket, onReady: (ready: net.Socket) => void): void;
}

/** What a stream transport is made of. */
export interface StreamTransportOptions {
  readonly clock: Clock;
  readonly receiver: TransportReceiver;
  readonly sockets: StreamSockets;
  readonly budget: ConnectionBudget;
  /** The port to name to peers while not listening. */
  readonly defaultPort: number;
}

/** Plain TCP: nothing to add. */
export const TCP_SOCKETS: StreamSockets = {
  protocol: "tcp",
  readyEvent: "connect",
  dial: ({ host, port }) => net.connect({ host, port }),
  secure: (socket, onReady) => onReady(socket),
};

interface Peer {
  readonly host: string;
  readonly port: number;
  readonly serverName?: string | undefined;
}

/** Created unbound; {@link open} binds, without which it only dials. */
export class StreamTransport implements SipTransport {
  readonly reliable = true;
  readonly #options: StreamTransportOptions;
  readonly #server: net.Server;
  readonly #byId = new Map<number, StreamConnection>();
  readonly #byPeer = new Map<string, StreamConnection>();
  /** Accepted, and busy with the handshake. */
  readonly #handshakes = new Map<net.Socket, Timer>();
  #serial = 0;
  #port: number;
  #closed = false;

  constructor(options: StreamTransportOptions) {
    this.#options = options;
    this.#port = options.defaultPort;
    this.#server = net.createServer((socket) => this.#accept(socket));
  }

  get protocol(): "tcp" | "tls" {
    return this.#options.sockets.protocol;
  }

  get port(): number {
    return this.#port;
  }

  get connections(): number {
    return this.#byId.size + this.#handshakes.size;
  }

  /** Listens; rejects with the socket's error. */
  open(host: string, port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, host, () => {
        this.#server.off("error", reject);
        this.#server.on("error", (error) => this.#options.receiver.onTransportError(error));
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
    for (const socket of [...this.#handshakes.keys()]) {
      this.#endHandshake(socket);
      socket.destroy();
    }
    await closed;
  }

  #connectionOf(hop: Hop): StreamConnection | undefined {
    const chosen = hop.connection === undefined ? undefined : this.#byId.get(hop.connection);
    return chosen ?? this.#byPeer.get(this.#dialKey(hop));
  }

  #dial(hop: Hop): StreamConnection | undefined {
    const { budget, receiver, sockets } = this.#options;
    const refusal = budget.admit(undefined);
    if (refusal !== undefined) {
      receiver.onDropped(refusal);
      return undefined;
    }
    const { host, port, serverName } = hop;
    const peer = { host, port, serverName };
    return this.#adopt(sockets.dial(hop), peer, sockets.readyEvent, undefined);
  }

  #accept(socket: net.Socket): void {
    const { budget, receiver, sockets, clock } = this.#options;
    const { remoteAddress, remotePort } = socket;
    socket.on("error", () => undefined);
    if (this.#closed || remoteAddress === undefined || remotePort === undefined) {
      socket.destroy();
      return;
    }
    const source = plainAddress(remoteAddress);
    if (!receiver.mayConnect(source)) {
      socket.destroy();
      return;
    }
    const refusal = budget.admit(source);
    if (refusal !== undefined) {
      receiver.onDropped(refusal);
      socket.destroy();
      return;
    }
    const deadline = after(clock, SIP_LIMITS.handshakeMs, () => {
      receiver.onDropped("slowPeer");
      socket.destroy();
    });
    this.#handshakes.set(socket, deadline);
    const onClose = (): void => {
      this.#endHandshake(socket);
      budget.release(source);
    };
    socket.once("close", onClose);
    sockets.secure(socket, (ready) => {
      if (this.#closed) {
        ready.destroy();
        return;
      }
      socket.off("close", onClose);
      this.#endHandshake(socket);
      this.#adopt(ready, { host: source, port: remotePort }, undefined, source);
    });
  }

  #endHandshake(socket: net.Socket): void {
    this.#handshakes.get(socket)?.cancel();
    this.#handshakes.delete(socket);
  }

  /** @param source whom the budget counts it for. */
  #adopt(
    socket: net.Socket,
    peer: Peer,
    readyEvent: ReadyEvent | undefined,
    source: string | undefined,
  ): StreamConnection {
    const { receiver, clock, budget } = this.#options;
    this.#serial += 1;
    const key = readyEvent === undefined ? this.#acceptedKey(peer) : this.#dialKey(peer);
    const connection = new StreamConnection({
      ...peer,
      transport: this,
      socket,
      id: this.#serial,
      readyEvent,
      receiver,
      clock,
      onClosed: (closed) => {
        this.#byId.delete(closed.id);
        budget.release(source);
        if (key !== undefined && this.#byPeer.get(key) === closed) {
          this.#byPeer.delete(key);
        }
      },
    });
    this.#byId.set(connection.id, connection);
    if (key !== undefined) {
      this.#byPeer.set(key, connection);
    }
    return connection;
  }

  /** TLS connections to one address under different names are different: each name has a certificate of its own. */
  #dialKey({ host, port, serverName }: Peer): string {
    const address = formatHostPort(host, port);
    return this.protocol === "tls" ? `${address} ${serverName ?? host}` : address;
  }

  /** Nobody proved to be the peer at the far end of an accepted connection, so TLS does not take it for a dialled one. */
  #acceptedKey(peer: Peer): string | undefined {
    return this.protocol === "tls" ? undefined : this.#dialKey(peer);
  }
}
