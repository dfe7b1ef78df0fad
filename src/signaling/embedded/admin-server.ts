/** Listens for applications on a TCP port, one {@link AdminConnection} per socket. */
import net from "node:net";
import { after, type Clock } from "../../core/clock.ts";
import type { Random } from "../../core/random.ts";
import { AdminConnection } from "./admin-connection.ts";
import type { AdminHub } from "./admin-hub.ts";
import { SIP_LIMITS } from "./limits.ts";

/** What the listener is made of. */
export interface AdminServerOptions {
  readonly hub: AdminHub;
  readonly clock: Clock;
  readonly random: Random;
  readonly secret: string;
  hostPorts(): string;
  /** A command met a fault of ours; the link is closed. */
  onFault(error: unknown): void;
}

/** Created unbound; {@link open} binds. */
export class AdminServer {
  readonly #options: AdminServerOptions;
  readonly #server: net.Server;
  readonly #sockets = new Set<net.Socket>();
  #port = 0;
  #closing = false;

  constructor(options: AdminServerOptions) {
    this.#options = options;
    this.#server = net.createServer((socket) => this.#accept(socket));
  }

  get port(): number {
    return this.#port;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  /** Listens; rejects with the socket's error. */
  open(host: string, port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, host, () => {
        this.#server.off("error", reject);
        const address = this.#server.address();
        this.#port = typeof address === "object" && address !== null ? address.port : port;
        resolve();
      });
    });
  }

  /** Idempotent; carries out what applications have sent, such as the 200 to the last BYE, and ends every link. */
  async close(): Promise<void> {
    if (!this.#server.listening) {
      return;
    }
    this.#closing = true;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) {
      socket.end();
    }
    const deadline = after(this.#options.clock, SIP_LIMITS.adminCloseMs, () => {
      for (const socket of this.#sockets) {
        socket.destroy();
      }
    });
    await closed;
    deadline.cancel();
  }

  #accept(socket: net.Socket): void {
    const connection = new AdminConnection({
      ...this.#options,
      owner: this.#options.hub,
      channel: {
        write: (bytes) => {
          if (socket.writableLength > SIP_LIMITS.adminBacklogBytes) {
            socket.destroy();
          } else if (socket.writable) {
            socket.write(bytes);
          }
        },
        end: () => socket.end(),
      },
    });
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.setKeepAlive(true);
    socket.on("data", (chunk: Buffer) => {
      try {
        connection.onBytes(chunk);
      } catch (error) {
        this.#options.onFault(error);
        socket.destroy();
      }
    });
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      this.#sockets.delete(socket);
      connection.onClosed();
      if (!this.#closing) {
        this.#options.hub.onGone(connection);
      }
    });
  }
}
