/** `WS /a2a`: who may open it, and the WebSocket under each voice session of Amazon Connect. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { after, type Timer } from "../../core/clock.ts";
import { ERROR_CATALOGUE, type ErrorCode } from "../../core/errors.ts";
import type { A2A_HANDSHAKES } from "../../core/ingress-metrics.ts";
import type { SocketDoor } from "../../ports/socket-door.ts";
import { agentCard } from "./a2a-card.ts";
import { A2A_EXTENSION, A2A_PATH } from "./a2a-names.ts";
import { type A2aClosing, type A2aPeer, CLOSE_CODES } from "./a2a-peer.ts";
import { A2aSession } from "./a2a-session.ts";
import type { A2aParts, A2aTarget } from "./a2a-session-options.ts";

/** One key, and where its sessions go. */
export interface A2aKey {
  readonly name: string;
  /** Secret. */
  readonly key: string;
  readonly flow: string;
  readonly model: string | undefined;
}

/** What the door works with. */
export interface A2aDoorOptions extends A2aParts {
  /** Empty: nobody may come. */
  readonly keys: readonly A2aKey[];
  readonly maxSessions: number;
  readonly version: string;
  /** Where Connect finds us, for the card; `undefined`: as we are asked. */
  readonly publicUrl: string | undefined;
}

type Refusal = Exclude<(typeof A2A_HANDSHAKES)[number], "taken">;

const MAX_MESSAGE_BYTES = 256 * 1024;
/** A peer that does not answer a close frame is cut off. */
const CLOSE_MS = 5000;
const ORDERLY_CODES: ReadonlySet<number> = new Set([1000, 1001, 1005]);

/** Closed with the HTTP server. */
export class A2aDoor implements SocketDoor {
  readonly path = A2A_PATH;
  readonly #options: A2aDoorOptions;
  readonly #keys: readonly { readonly digest: Buffer; readonly target: A2aTarget }[];
  readonly #sessions = new Set<A2aSession>();
  readonly #sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
    clientTracking: false,
  });

  constructor(options: A2aDoorOptions) {
    this.#options = options;
    this.#keys = options.keys.map(({ name, key, flow, model }) => ({
      digest: digestOf(key),
      target: { key: name, flow, model },
    }));
    this.#sockets.on("wsClientError", (_error, socket) => this.#refuse(socket, "handshake"));
    this.#sockets.on("headers", (headers, request) => {
      if (extensionsOf(request).includes(A2A_EXTENSION)) {
        headers.push(`A2A-Extensions: ${A2A_EXTENSION}`);
      }
    });
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  take(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on("error", () => socket.destroy());
    const target = this.#admit(request);
    if (typeof target === "string") {
      this.#refuse(socket, target);
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      this.#count("taken");
      this.#open(webSocket, target, request);
    });
  }

  card(host: string | undefined): Readonly<Record<string, unknown>> | undefined {
    const { version, publicUrl } = this.#options;
    const asAsked = host === undefined ? undefined : `wss://${host}${A2A_PATH}`;
    const url = publicUrl ?? asAsked;
    return this.#keys.length === 0 || url === undefined ? undefined : agentCard(url, version);
  }

  close(): void {
    for (const session of [...this.#sessions]) {
      session.shutDown();
    }
  }

  #admit(request: IncomingMessage): A2aTarget | Refusal {
    if (this.#keys.length === 0) {
      return "off";
    }
    const target = this.#identify(request.headers.authorization);
    if (target === undefined) {
      return "unauthorized";
    }
    return this.#sessions.size < this.#options.maxSessions ? target : "full";
  }

  /** Looks at every key, in the same time whatever was sent. */
  #identify(authorization: string | undefined): A2aTarget | undefined {
    const digest = digestOf(/^Bearer +(\S+) *$/i.exec(authorization ?? "")?.[1] ?? "");
    let found: A2aTarget | undefined;
    for (const key of this.#keys) {
      if (timingSafeEqual(key.digest, digest)) {
        found = key.target;
      }
    }
    return found;
  }

  #open(webSocket: WebSocket, target: A2aTarget, request: IncomingMessage): void {
    const { clock, metrics, logger } = this.#options;
    let closing: A2aClosing | undefined;
    let limit: Timer | undefined;
    const peer: A2aPeer = {
      get bufferedBytes() {
        return webSocket.bufferedAmount;
      },
      send: (text) => webSocket.send(text, () => undefined),
      ping: () => webSocket.ping(() => undefined),
      close: (reason) => {
        closing = reason;
        webSocket.close(CLOSE_CODES[reason], reason);
        limit = after(clock, CLOSE_MS, () => webSocket.terminate());
      },
    };
    const session = new A2aSession({
      ...this.#options,
      logger: logger.child({ door: "a2a" }),
      peer,
      handshake: {
        traceparent: headerOf(request, "traceparent"),
        tracestate: headerOf(request, "tracestate"),
      },
      target,
      onDropped: (direction, ms) =>
        metrics.increment("trunkline_pcm_dropped_ms_total", { door: "a2a", direction }, ms),
    });
    this.#sessions.add(session);
    webSocket.on("message", (data, isBinary) => session.receive(isBinary ? "" : data.toString()));
    webSocket.on("ping", () => session.heard());
    webSocket.on("pong", () => session.heard());
    // What a peer does wrong ends the socket; `close` follows.
    webSocket.on("error", () => undefined);
    webSocket.on("close", (code) => {
      limit?.cancel();
      const orderly = ORDERLY_CODES.has(code);
      const reason = closing ?? (orderly ? "peer" : "broken");
      metrics.increment("trunkline_a2a_closed_total", { reason });
      this.#sessions.delete(session);
      session.gone(orderly);
    });
    session.start();
  }

  #refuse(socket: Duplex, reason: Refusal): void {
    this.#count(reason);
    socket.end(refusalText(reason), () => socket.destroy());
  }

  #count(outcome: (typeof A2A_HANDSHAKES)[number]): void {
    this.#options.metrics.increment("trunkline_a2a_handshakes_total", { outcome });
  }
}

const REFUSALS: Readonly<Record<Refusal, readonly [string, ErrorCode, string]>> = {
  unauthorized: [
    "401 Unauthorized",
    "API_UNAUTHORIZED",
    "send a key of a2a.keys as Authorization: Bearer",
  ],
  full: ["503 Service Unavailable", "API_FULL", "a2a.maxSessions sessions are open"],
  off: ["404 Not Found", "API_NOT_FOUND", "a2a.keys is empty: voice by A2A is off"],
  handshake: ["400 Bad Request", "API_BAD_REQUEST", "this is no handshake of WebSocket version 13"],
};

function refusalText(why: Refusal): string {
  const [line, code, reason] = REFUSALS[why];
  const text = JSON.stringify({
    error: { code, message: `${ERROR_CATALOGUE[code].meaning} (${reason})` },
  });
  return `HTTP/1.1 ${line}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`;
}

function digestOf(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}

function headerOf({ headers }: IncomingMessage, name: string): string | undefined {
  const value = headers[name];
  return typeof value === "string" ? value : undefined;
}

function extensionsOf(request: IncomingMessage): readonly string[] {
  return (headerOf(request, "a2a-extensions") ?? "").split(",").map((uri) => uri.trim());
}
