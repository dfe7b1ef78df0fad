/** `WS /assist`: who may open it, and the WebSocket under each connection. */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { ASSIST_REFUSALS } from "../../core/assist-metrics.ts";
import type { Clock } from "../../core/clock.ts";
import { codeOf, GatewayError } from "../../core/errors.ts";
import type { Metrics } from "../../core/metrics.ts";
import { type AccessGuard, isSameOrigin } from "../access.ts";
import { answerOf } from "../api-errors.ts";
import type { AssistHub } from "./assist-hub.ts";
import type { AssistScope } from "./assist-scope.ts";
import type { AssistTokens } from "./assist-tokens.ts";
import { SocketPeer } from "./socket-peer.ts";

/** What opening a socket takes. */
export interface AssistUpgradeOptions {
  readonly guard: AccessGuard;
  readonly tokens: AssistTokens;
  readonly hub: AssistHub;
  /** Origins beside our own whose pages may connect. */
  readonly origins: readonly string[];
  readonly clock: Clock;
  readonly metrics: Metrics;
}

interface Admitted {
  readonly scope: AssistScope;
  readonly mayCorrect: boolean;
  readonly expiresAtMs: number | undefined;
}

type Refusal = Extract<
  (typeof ASSIST_REFUSALS)[number],
  "unauthorized" | "forbidden" | "origin" | "full" | "notFound" | "handshake"
>;

const PATH = "/assist";
const MAX_MESSAGE_BYTES = 8192;

/** Takes requests that want to speak WebSocket; all others are for HTTP. */
export class AssistUpgrade {
  readonly #options: AssistUpgradeOptions;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
    clientTracking: false,
  });

  constructor(options: AssistUpgradeOptions) {
    this.#options = options;
    this.#sockets.on("wsClientError", (_error, socket) => this.#refuse(socket, "handshake"));
  }

  /** Answers the request, on a socket that is no longer HTTP's. */
  take(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on("error", () => socket.destroy());
    const { hub, clock } = this.#options;
    const admitted = this.#admit(request);
    if (typeof admitted === "string") {
      this.#refuse(socket, admitted);
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const peer = new SocketPeer(webSocket, clock);
      const connection = hub.join({ peer, ...admitted });
      peer.start(connection, (reason) => hub.leave(connection, reason));
    });
  }

  #refuse(socket: Duplex, reason: Refusal): void {
    this.#options.metrics.increment("trunkline_assist_refused_total", { reason });
    socket.end(refusal(reason), () => socket.destroy());
  }

  #admit(request: IncomingMessage): Admitted | Refusal {
    const { guard, hub } = this.#options;
    const [path, query = ""] = (request.url ?? "").split("?", 2);
    if (path !== PATH) {
      return "notFound";
    }
    const asked = { method: request.method ?? "GET", headers: request.headers };
    const source = attempt(() => guard.checkSource(asked));
    if (source !== undefined) {
      return source;
    }
    if (!this.#isKnownOrigin(request)) {
      return "origin";
    }
    const admitted = this.#identify(query) ?? attempt(() => guard.checkRole(asked, "read"));
    if (typeof admitted === "string") {
      return admitted;
    }
    const mayCorrect = guard.allows(asked, "operate");
    const all: Admitted = { scope: { kind: "all" }, mayCorrect, expiresAtMs: undefined };
    return hub.hasRoom ? (admitted ?? all) : "full";
  }

  /** By the token of the query; `undefined`: there is none. */
  #identify(query: string): Admitted | Refusal | undefined {
    const token = new URLSearchParams(query).get("token");
    if (token === null) {
      return undefined;
    }
    const grant = this.#options.tokens.read(token);
    return grant === undefined
      ? "unauthorized"
      : { scope: grant.subject, mayCorrect: true, expiresAtMs: grant.expiresAtMs };
  }

  /** Browsers say which page it is, and do not ask whether it may connect: we have to. */
  #isKnownOrigin({ headers: { origin, host } }: IncomingMessage): boolean {
    return (
      origin === undefined ||
      isSameOrigin(origin, host) ||
      this.#options.origins.includes(origin.toLowerCase())
    );
  }
}

function attempt(check: () => void): Refusal | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    return codeOf(error) === "API_UNAUTHORIZED" ? "unauthorized" : "forbidden";
  }
}

const REFUSALS: Readonly<Record<Refusal, readonly [string, GatewayError]>> = {
  unauthorized: [
    "401 Unauthorized",
    new GatewayError("API_UNAUTHORIZED", {
      reason:
        "send one of http.tokens as Authorization: Bearer, or a good ?token= of POST /assist/tokens",
    }),
  ],
  forbidden: [
    "403 Forbidden",
    new GatewayError("API_FORBIDDEN", { reason: "the Host header or the token does not allow it" }),
  ],
  origin: [
    "403 Forbidden",
    new GatewayError("API_FORBIDDEN", { reason: "the page's origin is not in assist.origins" }),
  ],
  full: [
    "503 Service Unavailable",
    new GatewayError("API_FULL", { reason: "assist.maxConnections pages are connected" }),
  ],
  notFound: [
    "404 Not Found",
    new GatewayError("API_NOT_FOUND", { reason: `the only WebSocket is ${PATH}` }),
  ],
  handshake: [
    "400 Bad Request",
    new GatewayError("API_BAD_REQUEST", { reason: "this is no handshake of WebSocket version 13" }),
  ],
};

function refusal(why: Refusal): string {
  const [line, error] = REFUSALS[why];
  const text = JSON.stringify(answerOf(error).body);
  return `HTTP/1.1 ${line}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`;
}
