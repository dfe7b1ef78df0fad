/** A WebSocket as an assist connection sees it. */
import type { WebSocket } from "ws";
import { after, type Clock, type Timer } from "../../core/clock.ts";
import type { AssistConnection } from "./assist-connection.ts";
import { type AssistPeer, CLOSE_CODES, type ClosingReason } from "./assist-peer.ts";

/** For which a peer may take its time to answer our close. */
const CLOSE_MS = 1000;
/** RFC 6455 "Status Codes": what endings of their own accord look like. */
const ORDERLY_CODES: ReadonlySet<number> = new Set([1000, 1001, 1005, 1006]);

/** Starts to listen with `start`. */
export class SocketPeer implements AssistPeer {
  readonly #socket: WebSocket;
  readonly #clock: Clock;
  #closing: ClosingReason | undefined;
  #limit: Timer | undefined;
  #onSent: () => void = () => undefined;

  constructor(socket: WebSocket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  /** `onGone` is called once, when the socket is closed. */
  start(
    connection: AssistConnection,
    onGone: (reason: ClosingReason | "client" | "protocol") => void,
  ): void {
    const socket = this.#socket;
    this.#onSent = () => connection.drained();
    socket.on("message", (data, isBinary) => {
      if (this.#closing === undefined) {
        connection.receive(isBinary ? "" : data.toString());
      }
    });
    socket.on("pong", () => connection.heard());
    // What a peer does wrong ends the socket; `close` follows.
    socket.on("error", () => undefined);
    socket.on("close", (code) => {
      this.#limit?.cancel();
      onGone(this.#closing ?? (ORDERLY_CODES.has(code) ? "client" : "protocol"));
    });
  }

  send(text: string): void {
    if (this.#closing === undefined) {
      this.#socket.send(text, () => this.#onSent());
    }
  }

  ping(): void {
    this.#socket.ping();
  }

  close(reason: ClosingReason): void {
    if (this.#closing === undefined) {
      this.#closing = reason;
      this.#socket.close(CLOSE_CODES[reason], reason);
      this.#limit = after(this.#clock, CLOSE_MS, () => this.#socket.terminate());
    }
  }
}
