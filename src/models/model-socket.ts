/** A WebSocket as models see it: an interface that tests can fill, and the real one over `ws`. */
import type { IncomingMessage } from "node:http";
import WebSocket, { type ClientOptions, type RawData } from "ws";
import type { Random } from "../core/random.ts";
import { type AudioEnvelope, MaskedFrameWriter } from "./masked-frame.ts";

/** Why a socket ended. */
export interface SocketClosure {
  /** RFC 6455 §7.4 Status Codes; 1006 when the connection just broke. */
  readonly closeCode: number;
  /** The code of the error that broke it, such as `ECONNREFUSED`. */
  readonly errorCode: string | undefined;
  /** What the service said about it; unchecked text, which may quote anything: to be recognised, never to be repeated. */
  readonly reason?: string | undefined;
}

/** Hears of a socket; never called from within the factory or a method of the socket. */
export interface ModelSocketListener {
  onOpen(): void;
  /** One whole message; borrowed. */
  onMessage(data: Buffer, isBinary: boolean): void;
  onPong(): void;
  /** The upgrade was answered with this HTTP status; `body` is its beginning. Nothing follows. */
  onRefused(statusCode: number, body: string): void;
  /** Nothing follows. */
  onClosed(closure: SocketClosure): void;
}

/** A socket that is opening, open or over; no method throws, and sending does nothing unless it is open. */
export interface ModelSocket {
  /** Bytes handed over and not yet taken by the kernel. */
  readonly bufferedBytes: number;
  send(text: string): void;
  /** Sends one text message made of the envelope and `bytes` in base64 between its parts. */
  sendAudio(envelope: AudioEnvelope, bytes: Uint8Array): void;
  ping(): void;
  /** Says goodbye; the connection is cut when the peer does not answer in a moment. */
  close(): void;
  /** Cuts the connection at once. */
  terminate(): void;
}

/** Where to connect, and with what. */
export interface ModelSocketRequest {
  readonly url: string;
  /** Holds secrets; never logged. */
  readonly headers: Readonly<Record<string, string>>;
  /** A longer message closes the socket with 1009. */
  readonly maxMessageBytes: number;
}

/** Opens a socket, at once and without waiting; throws only for a URL or header that cannot be sent at all. */
export type ModelSocketFactory = (
  request: ModelSocketRequest,
  listener: ModelSocketListener,
) => ModelSocket;

/** `closeTimeout` is of `ws` 8.19 and later; the types are of 8.18. */
type WebSocketOptions = ClientOptions & { readonly closeTimeout: number };

const CLOSE_GRACE_MS = 2000;
const REFUSAL_BODY_CHARS = 4096;
const NORMAL_CLOSURE = 1000;

/** A factory of real sockets; they share one frame writer. */
export function createSocketFactory(random: Random): ModelSocketFactory {
  const frames = new MaskedFrameWriter(random);
  return (request, listener) => new WsSocket(request, listener, frames);
}

class WsSocket implements ModelSocket {
  readonly #listener: ModelSocketListener;
  readonly #frames: MaskedFrameWriter;
  readonly #socket: WebSocket;
  #connection: IncomingMessage["socket"] | undefined;
  #errorCode: string | undefined;
  #over = false;

  constructor(
    request: ModelSocketRequest,
    listener: ModelSocketListener,
    frames: MaskedFrameWriter,
  ) {
    this.#listener = listener;
    this.#frames = frames;
    const options: WebSocketOptions = {
      headers: request.headers,
      maxPayload: request.maxMessageBytes,
      perMessageDeflate: false,
      skipUTF8Validation: true,
      closeTimeout: CLOSE_GRACE_MS,
    };
    this.#socket = new WebSocket(request.url, options);
    this.#socket.on("upgrade", (response) => {
      this.#connection = response.socket;
    });
    this.#socket.on("open", () => listener.onOpen());
    this.#socket.on("message", (data: RawData, isBinary) => {
      listener.onMessage(data as Buffer, isBinary);
    });
    this.#socket.on("pong", () => listener.onPong());
    this.#socket.on("error", (error: NodeJS.ErrnoException) => {
      this.#errorCode = error.code;
    });
    this.#socket.on("unexpected-response", (_request, response) => this.#onRefused(response));
    this.#socket.on("close", (closeCode, reason) => this.#onClosed(closeCode, reason));
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  send(text: string): void {
    if (this.#socket.readyState === WebSocket.OPEN) {
      this.#socket.send(text);
    }
  }

  /** Between two frames of `ws`, which writes each of its own in one go as long as it does not compress. */
  sendAudio(envelope: AudioEnvelope, bytes: Uint8Array): void {
    const connection = this.#connection;
    if (this.#socket.readyState === WebSocket.OPEN && connection?.writable === true) {
      connection.write(this.#frames.frame(envelope, bytes));
    }
  }

  ping(): void {
    if (this.#socket.readyState === WebSocket.OPEN) {
      this.#socket.ping();
    }
  }

  close(): void {
    this.#socket.close(NORMAL_CLOSURE);
  }

  terminate(): void {
    this.#socket.terminate();
  }

  #onRefused(response: IncomingMessage): void {
    this.#over = true;
    let body = "";
    let told = false;
    const tell = (): void => {
      if (!told) {
        told = true;
        this.#socket.terminate();
        this.#listener.onRefused(response.statusCode ?? 0, body);
      }
    };
    response.setEncoding("utf8");
    response.on("data", (text: string) => {
      body += text;
      if (body.length > REFUSAL_BODY_CHARS) {
        body = body.slice(0, REFUSAL_BODY_CHARS);
        tell();
      }
    });
    response.on("error", tell);
    response.on("close", tell);
  }

  #onClosed(closeCode: number, reason: Buffer): void {
    if (!this.#over) {
      this.#over = true;
      const closure = { closeCode, errorCode: this.#errorCode, reason: reason.toString("utf8") };
      this.#listener.onClosed(closure);
    }
  }
}
