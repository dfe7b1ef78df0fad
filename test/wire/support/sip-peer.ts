/** A SIP peer written by hand: sends exactly the bytes it is told to, shows exactly what came back. */
import dgram from "node:dgram";
import net from "node:net";
import tls from "node:tls";

/** A received message, hardly interpreted. */
export interface RawMessage {
  readonly text: string;
  readonly startLine: string;
  /** Undefined for requests. */
  readonly status: number | undefined;
  /** Of the request, or of the response's CSeq. */
  readonly method: string;
  readonly body: string;
  header(name: string): string | undefined;
  headers(name: string): string[];
}

export function readMessage(text: string): RawMessage {
  const [head = "", ...rest] = text.split("\r\n\r\n");
  const [startLine = "", ...lines] = head.split("\r\n");
  const headers = (name: string): string[] =>
    lines
      .filter((line) => line.slice(0, line.indexOf(":")).toLowerCase() === name.toLowerCase())
      .map((line) => line.slice(line.indexOf(":") + 1).trim());
  const header = (name: string): string | undefined => headers(name)[0];
  const status = startLine.startsWith("SIP/2.0 ") ? Number(startLine.slice(8, 11)) : undefined;
  const method =
    status === undefined ? (startLine.split(" ")[0] ?? "") : (header("cseq")?.split(" ")[1] ?? "");
  return { text, startLine, status, method, body: rest.join("\r\n\r\n"), header, headers };
}

interface Waiter {
  readonly matches: (message: RawMessage) => boolean;
  readonly resolve: (message: RawMessage) => void;
}

/** What both transports share: an inbox that tests wait on. */
export abstract class SipPeer {
  readonly received: RawMessage[] = [];
  readonly #inbox: RawMessage[] = [];
  readonly #waiters: Waiter[] = [];

  abstract readonly protocol: "UDP" | "TCP" | "TLS";
  abstract readonly port: number;
  abstract send(text: string): void;
  abstract close(): Promise<void>;

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  protected deliver(text: string): void {
    const message = readMessage(text);
    this.received.push(message);
    const index = this.#waiters.findIndex((waiter) => waiter.matches(message));
    const [waiter] = index === -1 ? [] : this.#waiters.splice(index, 1);
    if (waiter === undefined) {
      this.#inbox.push(message);
    } else {
      waiter.resolve(message);
    }
  }

  /** The first message not yet taken that matches; rejects after `timeoutMs`. */
  next(
    matches: (message: RawMessage) => boolean,
    what = "a message",
    timeoutMs = 3000,
  ): Promise<RawMessage> {
    const index = this.#inbox.findIndex(matches);
    const [found] = index === -1 ? [] : this.#inbox.splice(index, 1);
    if (found !== undefined) {
      return Promise.resolve(found);
    }
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        matches,
        resolve: (message) => {
          clearTimeout(timer);
          resolve(message);
        },
      };
      const timer = setTimeout(() => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        const seen = this.received.map((message) => message.startLine).join(" / ");
        reject(new Error(`no ${what} within ${timeoutMs} ms; seen: ${seen}`));
      }, timeoutMs);
      this.#waiters.push(waiter);
    });
  }

  response(status: number, method: string, timeoutMs?: number): Promise<RawMessage> {
    const matches = (m: RawMessage): boolean => m.status === status && m.method === method;
    return this.next(matches, `${status} to ${method}`, timeoutMs);
  }

  request(method: string, timeoutMs?: number): Promise<RawMessage> {
    const matches = (m: RawMessage): boolean => m.status === undefined && m.method === method;
    return this.next(matches, method, timeoutMs);
  }

  /** Messages that nobody has waited for. */
  get unread(): readonly RawMessage[] {
    return this.#inbox;
  }
}

export class UdpPeer extends SipPeer {
  readonly protocol = "UDP";
  readonly #socket = dgram.createSocket("udp4");
  #server: number;
  readonly #host: string;
  port = 0;

  constructor(serverPort: number, host: string) {
    super();
    this.#server = serverPort;
    this.#host = host;
  }

  /** @param serverPort 0: whoever sent last. @param host an address of 127.0.0.0/8. */
  static async open(serverPort: number, port: number, host = "127.0.0.1"): Promise<UdpPeer> {
    const peer = new UdpPeer(serverPort, host);
    await new Promise<void>((resolve) => peer.#socket.bind(port, host, resolve));
    peer.port = peer.#socket.address().port;
    peer.#socket.on("message", (bytes, sender) => {
      peer.#server = serverPort === 0 ? sender.port : serverPort;
      peer.deliver(bytes.toString("utf8"));
    });
    return peer;
  }

  override get address(): string {
    return `${this.#host}:${this.port}`;
  }

  send(text: string): void {
    this.#socket.send(text, this.#server, "127.0.0.1");
  }

  sendBytes(bytes: Buffer): void {
    this.#socket.send(bytes, this.#server, "127.0.0.1");
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#socket.close(resolve));
  }
}

/** How a stream peer makes its sockets. */
export interface StreamSockets {
  readonly protocol: "TCP" | "TLS";
  listen(onSocket: (socket: net.Socket) => void): net.Server;
  connect(port: number): net.Socket;
}

const TCP: StreamSockets = {
  protocol: "TCP",
  listen: (onSocket) => net.createServer(onSocket),
  connect: (port) => net.connect(port, "127.0.0.1"),
};

/** TLS with the options given, on both sides. */
export function tlsSockets(options: {
  readonly server: tls.TlsOptions;
  readonly client: tls.ConnectionOptions;
}): StreamSockets {
  return {
    protocol: "TLS",
    listen: (onSocket) => tls.createServer(options.server, onSocket),
    connect: (port) => tls.connect({ port, host: "127.0.0.1", ...options.client }),
  };
}

/** Listens, and connects on the first send unless the server has connected already. */
export class TcpPeer extends SipPeer {
  readonly protocol: "TCP" | "TLS";
  readonly #listener: net.Server;
  readonly #streams: StreamSockets;
  readonly #sockets = new Set<net.Socket>();
  readonly #server: number;
  /** How many connections there were, in either direction. */
  connectionCount = 0;
  port = 0;
  /** Double line ends answered by the server. */
  pongs = 0;
  closedByServer = false;

  constructor(serverPort: number, streams: StreamSockets) {
    super();
    this.#server = serverPort;
    this.#streams = streams;
    this.protocol = streams.protocol;
    this.#listener = streams.listen((socket) => this.#adopt(socket));
    this.#listener.on("tlsClientError", () => undefined);
  }

  static async open(serverPort: number, port: number, streams = TCP): Promise<TcpPeer> {
    const peer = new TcpPeer(serverPort, streams);
    await new Promise<void>((resolve) => peer.#listener.listen(port, "127.0.0.1", resolve));
    const address = peer.#listener.address();
    peer.port = typeof address === "object" && address !== null ? address.port : port;
    return peer;
  }

  send(text: string): void {
    this.sendBytes(Buffer.from(text));
  }

  sendBytes(bytes: Buffer): void {
    const open = [...this.#sockets].find((socket) => !socket.destroyed);
    const socket = open ?? this.#adopt(this.#streams.connect(this.#server));
    socket.write(bytes);
  }

  drop(): void {
    for (const socket of this.#sockets) {
      socket.destroy();
    }
    this.#sockets.clear();
  }

  close(): Promise<void> {
    this.drop();
    return new Promise((resolve) => this.#listener.close(() => resolve()));
  }

  #adopt(socket: net.Socket): net.Socket {
    this.#sockets.add(socket);
    this.connectionCount += 1;
    let pending = Buffer.alloc(0);
    socket.setNoDelay(true);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      this.#sockets.delete(socket);
      this.closedByServer = true;
    });
    socket.on("data", (chunk: Buffer) => {
      pending = Buffer.concat([pending, chunk]);
      pending = this.#cut(pending);
    });
    return socket;
  }

  #cut(bytes: Buffer): Buffer<ArrayBuffer> {
    let rest = Buffer.from(bytes);
    for (;;) {
      if (rest.subarray(0, 2).toString() === "\r\n") {
        this.pongs += 1;
        rest = rest.subarray(2);
        continue;
      }
      const headEnd = rest.indexOf("\r\n\r\n");
      const length = /\r\ncontent-length:\s*(\d+)/i.exec(rest.toString("latin1"))?.[1] ?? "0";
      const total = headEnd + 4 + Number(length);
      if (headEnd === -1 || rest.length < total) {
        return rest;
      }
      this.deliver(rest.subarray(0, total).toString("utf8"));
      rest = rest.subarray(total);
    }
  }
}
