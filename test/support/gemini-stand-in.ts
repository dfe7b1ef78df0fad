/**
 * A stand-in for Gemini Live over real WebSockets, for tests and for trying the gateway by hand:
 * `npx tsx test/support/gemini-stand-in.ts --port 18000 [--script name]`.
 */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type WebSocket, WebSocketServer } from "ws";
import { type Clock, SystemClock } from "../../src/core/clock.ts";
import { GeminiBrain, type GeminiMemory, GOOD_KEY } from "./gemini/brain.ts";
import { GEMINI_SCRIPTS, type GeminiScript } from "./gemini/script.ts";
import { SeededRandom } from "./seeded-random.ts";

const PATH = "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent";

/** How to run one. */
export interface GeminiStandInOptions {
  /** 0: any free one. */
  readonly port: number;
  readonly script: GeminiScript;
  readonly clock?: Clock;
}

/** A running stand-in. */
export interface GeminiStandIn {
  readonly url: string;
  /** Sessions so far, oldest first. */
  readonly brains: readonly GeminiBrain[];
  close(): Promise<void>;
}

/** Starts to listen on 127.0.0.1. */
export async function startGeminiStandIn(options: GeminiStandInOptions): Promise<GeminiStandIn> {
  const clock = options.clock ?? new SystemClock();
  const brains: GeminiBrain[] = [];
  const memory: GeminiMemory = new Map();
  const server = createServer((_request, response) => response.writeHead(426).end());
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  server.on("upgrade", (request, socket, head) => {
    const refusal = options.script.refuse ?? misplaced(request);
    if (refusal !== undefined) {
      answerRefusal(socket, refusal);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const key = String(request.headers["x-goog-api-key"]);
      const random = new SeededRandom(brains.length);
      const parts = { clock, random, script: options.script, memory, key };
      brains.push(serve(webSocket, parts));
    });
  });
  await new Promise<void>((resolve) => server.listen(options.port, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `ws://127.0.0.1:${port}${PATH}`,
    brains,
    close: async () => {
      for (const webSocket of sockets.clients) {
        webSocket.terminate();
      }
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

type Refusal = NonNullable<GeminiScript["refuse"]>;

/** A key in the address would be seen by whoever logs addresses: the stand-in takes none there. */
function misplaced({ url }: IncomingMessage): Refusal | undefined {
  return url === PATH ? undefined : { status: 404, error: "NOT_FOUND", message: "no such method" };
}

function answerRefusal(socket: Duplex, { status, error, message }: Refusal): void {
  const body = JSON.stringify({ error: { code: status, status: error, message } });
  const head = [
    `HTTP/1.1 ${status} Refused`,
    "Content-Type: application/json",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}

function serve(
  webSocket: WebSocket,
  parts: Omit<ConstructorParameters<typeof GeminiBrain>[0], "send" | "close">,
): GeminiBrain {
  const brain = new GeminiBrain({
    ...parts,
    send: (message) => webSocket.send(message, { binary: true }),
    close: (code, reason) => {
      if (code === 1006) {
        webSocket.terminate();
      } else {
        webSocket.close(code, reason);
      }
    },
  });
  webSocket.on("message", (data, isBinary) => {
    brain.receive(isBinary ? "" : (data as Buffer).toString("utf8"));
  });
  webSocket.on("close", () => brain.stop());
  webSocket.on("error", () => webSocket.terminate());
  return brain;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "18000" },
      script: { type: "string", default: "default" },
    },
  });
  const script = GEMINI_SCRIPTS[values.script];
  if (script === undefined) {
    const names = Object.keys(GEMINI_SCRIPTS).join(", ");
    console.error(`no script ${values.script}; there are: ${names}`);
    process.exitCode = 2;
    return;
  }
  const standIn = await startGeminiStandIn({ port: Number(values.port), script });
  console.log(`Gemini stand-in, script "${values.script}". Point the gateway at it:

models:
  gemini:
    kind: gemini
    url: ${standIn.url}
    apiKey: ${GOOD_KEY}
`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main();
}
