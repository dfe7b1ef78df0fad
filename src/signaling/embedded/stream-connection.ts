/** One SIP connection over a stream socket (TCP, later TLS): framing, keep-alive, and limits on slow or idle peers. */
import type { Socket } from "node:net";
import type { Clock, Timer } from "../../core/clock.ts";
import { after } from "../../core/clock.ts";
import { SIP_LIMITS } from "./limits.ts";
import { StreamFramer } from "./stream-framing.ts";
import type { Hop, SendListener, SipTransport, TransportReceiver } from "./transport.ts";

const PONG = Buffer.from("\r\n");

/** What a connection is made of. */
export interface StreamConnectionOptions {
  readonly transport: SipTransport;
  readonly socket: Socket;
  /** The connection's number within its transport. */
  readonly id: number;
  /** The peer, as accepted or dialled. */
  readonly host: string;
  readonly port: number;
  readonly receiver: TransportReceiver;
  readonly clock: Clock;
  onClosed(connection: StreamConnection): void;
}

/** Listens from construction on; {@link destroy} releases everything. */
export class StreamConnection {
  readonly hop: Hop;
  readonly id: number;
  readonly #options: StreamConnectionOptions;
  readonly #framer: StreamFramer;
  #lastTrafficUs: number;
  /** When the message that is being received began; undefined between messages. */
  #startedUs: number | undefined;
  #watch: Timer | undefined;
  #closed = false;

  constructor(options: StreamConnectionOptions) {
    const { socket, transport, host, port, id, clock } = options;
    this.#options = options;
    this.id = id;
    this.hop = { transport, host, port, connection: id };
    this.#lastTrafficUs = clock.nowUs();
    this.#startedUs = clock.nowUs();
    this.#framer = new StreamFramer({
      onMessage: (bytes) => options.receiver.onBytes(bytes, this.hop),
      onPing: () => this.#write(PONG),
    });
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => this.#onData(chunk));
    socket.on("error", () => this.destroy());
    socket.on("close", () => this.destroy());
    socket.on("end", () => this.destroy());
    this.#arm();
  }

  get closed(): boolean {
    return this.#closed;
  }

  send(bytes: Buffer, listener: SendListener): void {
    const { socket, receiver, clock } = this.#options;
    if (socket.writableLength > SIP_LIMITS.connectionBacklogBytes) {
      receiver.onDropped("backlog");
      this.destroy();
    }
    this.#lastTrafficUs = clock.nowUs();
    socket.write(bytes, (error) => {
      if (error !== undefined && error !== null) {
        listener.onSendFailed((error as NodeJS.ErrnoException).code ?? "send failed");
      }
    });
  }

  destroy(): void {
    if (this.#closed) {
      return;
    }
    this.#closed = true;
    this.#watch?.cancel();
    this.#options.socket.destroy();
    this.#options.onClosed(this);
  }

  #write(bytes: Buffer): void {
    if (!this.#closed) {
      this.#options.socket.write(bytes);
    }
  }

  #onData(chunk: Buffer): void {
    if (this.#closed) {
      return;
    }
    const nowUs = this.#options.clock.nowUs();
    this.#lastTrafficUs = nowUs;
    const fault = this.#framer.push(chunk);
    if (fault !== undefined) {
      this.#options.receiver.onDropped(fault);
      this.destroy();
    } else if (this.#framer.waiting === 0) {
      this.#startedUs = undefined;
    } else {
      this.#startedUs ??= nowUs;
    }
  }

  /** One timer per connection looks after both limits. */
  #arm(): void {
    this.#watch = after(this.#options.clock, SIP_LIMITS.slowMessageMs, () => {
      const nowUs = this.#options.clock.nowUs();
      const slowUs = this.#startedUs === undefined ? 0 : nowUs - this.#startedUs;
      if (slowUs >= SIP_LIMITS.slowMessageMs * 1000) {
        this.#options.receiver.onDropped("slowPeer");
        this.destroy();
      } else if (nowUs - this.#lastTrafficUs >= SIP_LIMITS.idleConnectionMs * 1000) {
        this.destroy();
      } else {
        this.#arm();
      }
    });
  }
}
