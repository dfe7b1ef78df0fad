/** One SIP connection over a stream socket (TCP, TLS): framing, keep-alive, and limits on slow or idle peers. */
import type { Socket } from "node:net";
import type { Clock, Timer } from "../../core/clock.ts";
import { after } from "../../core/clock.ts";
import { SIP_LIMITS } from "./limits.ts";
import { StreamFramer } from "./stream-framing.ts";
import type { Hop, SendListener, SipTransport, TransportReceiver } from "./transport.ts";

const PONG = Buffer.from("\r\n");
/** The system looks after connections on which nobody sends anything. */
const PROBE_AFTER_MS = 60_000;

/** What a socket of ours says when it is open and, with TLS, the peer's certificate is found good. */
export type ReadyEvent = "connect" | "secureConnect";

/** What a connection is made of. */
export interface StreamConnectionOptions {
  readonly transport: SipTransport;
  readonly socket: Socket;
  /** The connection's number within its transport. */
  readonly id: number;
  /** The peer, as accepted or dialled. */
  readonly host: string;
  readonly port: number;
  /** The name it was dialled by. */
  readonly serverName?: string | undefined;
  /** Undefined for an accepted connection, which is open already. */
  readonly readyEvent: ReadyEvent | undefined;
  readonly receiver: TransportReceiver;
  readonly clock: Clock;
  onClosed(connection: StreamConnection): void;
}

interface Waiting {
  readonly bytes: Buffer;
  readonly listener: SendListener;
}

/** Listens from construction on; {@link destroy} releases everything. */
export class StreamConnection {
  readonly hop: Hop;
  readonly id: number;
  readonly #options: StreamConnectionOptions;
  readonly #framer: StreamFramer;
  /** What is sent when the connection is open: never a byte before the peer's certificate is found good. */
  #waiting: Waiting[] | undefined;
  #waitingBytes = 0;
  #failure = "closed";
  #lastTrafficUs: number;
  /** When the message that is being received began; undefined between messages. */
  #startedUs: number | undefined;
  #watch: Timer | undefined;
  #closed = false;

  constructor(options: StreamConnectionOptions) {
    const { socket, transport, host, port, serverName, id, clock, readyEvent } = options;
    this.#options = options;
    this.id = id;
    this.hop = { transport, host, port, connection: id, serverName };
    this.#lastTrafficUs = clock.nowUs();
    this.#framer = new StreamFramer({
      onMessage: (bytes) => options.receiver.onBytes(bytes, this.hop),
      onOversized: (head) => options.receiver.onOversized(head, this.hop),
      onPing: () => this.#write(PONG),
    });
    socket.setNoDelay(true);
    socket.setKeepAlive(true, PROBE_AFTER_MS);
    socket.on("data", (chunk: Buffer) => this.#onData(chunk));
    socket.on("error", (error) => this.#onError(error));
    socket.on("close", () => this.destroy());
    socket.on("end", () => this.destroy());
    if (readyEvent === undefined) {
      this.#startedUs = clock.nowUs();
      this.#arm();
    } else {
      this.#waiting = [];
      this.#watch = after(clock, SIP_LIMITS.handshakeMs, () => this.#fail("ETIMEDOUT"));
      socket.once(readyEvent, () => this.#onReady());
    }
  }

  get closed(): boolean {
    return this.#closed;
  }

  send(bytes: Buffer, listener: SendListener): void {
    const { socket, receiver, clock } = this.#options;
    if (socket.writableLength + this.#waitingBytes > SIP_LIMITS.connectionBacklogBytes) {
      receiver.onDropped("backlog");
      this.destroy();
    }
    this.#lastTrafficUs = clock.nowUs();
    if (this.#closed) {
      queueMicrotask(() => listener.onSendFailed(this.#failure));
    } else if (this.#waiting === undefined) {
      this.#send(bytes, listener);
    } else {
      this.#waiting.push({ bytes, listener });
      this.#waitingBytes += bytes.length;
    }
  }

  destroy(): void {
    this.#options.socket.destroy();
    this.#release();
  }

  #release(): void {
    if (this.#closed) {
      return;
    }
    this.#closed = true;
    this.#watch?.cancel();
    this.#options.onClosed(this);
    const unsent = this.#waiting ?? [];
    this.#waiting = undefined;
    queueMicrotask(() => {
      for (const { listener } of unsent) {
        listener.onSendFailed(this.#failure);
      }
    });
  }

  #send(bytes: Buffer, listener: SendListener): void {
    this.#options.socket.write(bytes, (error) => {
      if (error !== undefined && error !== null) {
        listener.onSendFailed((error as NodeJS.ErrnoException).code ?? "send failed");
      }
    });
  }

  #write(bytes: Buffer): void {
    if (!this.#closed) {
      this.#options.socket.write(bytes);
    }
  }

  #onReady(): void {
    if (this.#closed) {
      return;
    }
    this.#watch?.cancel();
    this.#arm();
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    this.#waitingBytes = 0;
    for (const { bytes, listener } of waiting) {
      this.#send(bytes, listener);
    }
  }

  /** A peer that cannot prove its name is for the operator to know; that nobody listens, for the sender. */
  #onError(error: NodeJS.ErrnoException): void {
    const { receiver, transport } = this.#options;
    if (this.#waiting !== undefined && transport.protocol === "tls" && !isNetworkError(error)) {
      receiver.onTransportError(error);
    }
    this.#fail(error.code ?? "failed");
  }

  #fail(reason: string): void {
    this.#failure = reason;
    this.destroy();
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
      // What was answered to it goes out first.
      this.#options.socket.destroySoon();
      this.#release();
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

function isNetworkError(error: NodeJS.ErrnoException): boolean {
  return error.syscall !== undefined;
}
