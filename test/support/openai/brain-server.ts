/** A WebSocket server with a stand-in's brain behind every session; refuses upgrades as HTTP services do. */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { BrainOutlet, SocketBrain } from "./memory-socket.ts";

/** Why an upgrade is refused. */
export interface Refusal {
  readonly status: number;
  readonly type: string;
  readonly code: string | null;
}

/** What the server does. */
export interface BrainServerOptions<Brain> {
  /** 0: any free one. */
  readonly port: number;
  readonly refuse: (request: IncomingMessage) => Refusal | undefined;
  /** @param serial sessions before this one. */
  readonly createBrain: (request: IncomingMessage, outlet: BrainOutlet, serial: number) => Brain;
  readonly onBrain?: ((brain: Brain) => void) | undefined;
}

/** A running server. */
export interface BrainServer<Brain> {
  readonly port: number;
  /** Sessions so far, oldest first. */
  readonly brains: readonly Brain[];
  /** Upgrades that were refused, by code. */
  readonly refusals: readonly string[];
  close(): Promise<void>;
}

/** Starts to listen on 127.0.0.1. */
export async function startBrainServer<Brain extends SocketBrain>(
  options: BrainServerOptions<Brain>,
): Promise<BrainServer<Brain>> {
  const brains: Brain[] = [];
  const refusals: string[] = [];
  const server = createServer((_request, response) => response.writeHead(426).end());
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  server.on("upgrade", (request, socket, head) => {
    const refusal = options.refuse(request);
    if (refusal !== undefined) {
      refusals.push(refusal.code ?? "unnamed");
      answerRefusal(socket, refusal);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const brain = options.createBrain(request, outletOf(webSocket), brains.length);
      brains.push(brain);
      attach(webSocket, brain);
      options.onBrain?.(brain);
      brain.start();
    });
  });
  await new Promise<void>((resolve) => server.listen(options.port, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    brains,
    refusals,
    close: async () => {
      for (const webSocket of sockets.clients) {
        webSocket.terminate();
      }
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answerRefusal(socket: Duplex, { status, type, code }: Refusal): void {
  const body = JSON.stringify({ error: { type, code, message: "refused by the stand-in" } });
  const head = [
    `HTTP/1.1 ${status} Refused`,
    "Content-Type: application/json",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}

function outletOf(webSocket: WebSocket): BrainOutlet {
  return {
    send: (message) => webSocket.send(message),
    close: (code) => {
      if (code === 1006) {
        webSocket.terminate();
      } else {
        webSocket.close(code);
      }
    },
  };
}

function attach(webSocket: WebSocket, brain: SocketBrain): void {
  webSocket.on("message", (data, isBinary) => {
    brain.receive(isBinary ? "" : (data as Buffer).toString("utf8"));
  });
  webSocket.on("close", () => brain.stop());
  webSocket.on("error", () => webSocket.terminate());
}
