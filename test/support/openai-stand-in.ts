/**
 * A stand-in for the OpenAI Realtime service over real WebSockets, for tests and for trying the gateway by hand:
 * `npx tsx test/support/openai-stand-in.ts --port 16000 [--script name] [--wav file.wav]`.
 */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type WebSocket, WebSocketServer } from "ws";
import { type Clock, SystemClock } from "../../src/core/clock.ts";
import { OpenAiBrain } from "./openai/brain.ts";
import { OPENAI_SCRIPTS, type OpenAiScript } from "./openai/script.ts";
import { SeededRandom } from "./seeded-random.ts";

/** What the stand-in takes for a good key. */
export const STAND_IN_KEY = "sk-stand-in";

/** How to run one. */
export interface StandInOptions {
  /** 0: any free one. */
  readonly port: number;
  readonly script: OpenAiScript;
  readonly clock?: Clock;
  readonly onBrain?: (brain: OpenAiBrain) => void;
}

/** A running stand-in. */
export interface StandIn {
  readonly url: string;
  /** The same server as a resource of Azure. */
  readonly azureEndpoint: string;
  /** Sessions so far, oldest first. */
  readonly brains: readonly OpenAiBrain[];
  /** Upgrades that were refused, by reason. */
  readonly refusals: readonly string[];
  close(): Promise<void>;
}

const OPENAI_PATH = "/v1/realtime";
const AZURE_PATH = "/openai/v1/realtime";

interface Refusal {
  readonly status: number;
  readonly type: string;
  readonly code: string | null;
}

/** Starts to listen on 127.0.0.1. */
export async function startOpenAiStandIn(options: StandInOptions): Promise<StandIn> {
  const clock = options.clock ?? new SystemClock();
  const brains: OpenAiBrain[] = [];
  const refusals: string[] = [];
  const server = createServer((_request, response) => response.writeHead(426).end());
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  server.on("upgrade", (request, socket, head) => {
    const model = modelOf(request);
    const refusal = refuse(request, model, options.script);
    if (refusal !== undefined || model === null) {
      refusals.push(refusal?.code ?? "unnamed");
      answerRefusal(socket, refusal ?? { status: 400, type: "invalid_request_error", code: null });
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const brain = serve(webSocket, model, clock, options.script, brains.length);
      brains.push(brain);
      options.onBrain?.(brain);
      brain.start();
    });
  });
  await new Promise<void>((resolve) => server.listen(options.port, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `ws://127.0.0.1:${port}${OPENAI_PATH}`,
    azureEndpoint: `http://127.0.0.1:${port}`,
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

function modelOf(request: IncomingMessage): string | null {
  return new URL(request.url ?? "/", "ws://127.0.0.1").searchParams.get("model");
}

function refuse(
  request: IncomingMessage,
  model: string | null,
  script: OpenAiScript,
): Refusal | undefined {
  const type = "invalid_request_error";
  if (script.refuse !== undefined) {
    return { type, ...script.refuse };
  }
  const { pathname, searchParams } = new URL(request.url ?? "/", "ws://127.0.0.1");
  if (!hasKey(request, pathname)) {
    return { status: 401, type, code: pathname === AZURE_PATH ? "401" : "invalid_api_key" };
  }
  if (request.headers["openai-beta"] !== undefined) {
    return { status: 400, type, code: "beta_api_shape_disabled" };
  }
  if (searchParams.has("api-version")) {
    return { status: 400, type, code: "api_version_not_allowed" };
  }
  if ((pathname !== OPENAI_PATH && pathname !== AZURE_PATH) || model === null) {
    return { status: 404, type, code: "model_not_found" };
  }
  return undefined;
}

/** Azure takes its key in a header of its own, and tokens of Entra ID as OpenAI takes its keys. */
function hasKey({ headers }: IncomingMessage, pathname: string): boolean {
  const isBearer = headers.authorization === `Bearer ${STAND_IN_KEY}`;
  return isBearer || (pathname === AZURE_PATH && headers["api-key"] === STAND_IN_KEY);
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

function serve(
  webSocket: WebSocket,
  model: string,
  clock: Clock,
  script: OpenAiScript,
  seed: number,
): OpenAiBrain {
  const brain = new OpenAiBrain({
    clock,
    random: new SeededRandom(seed),
    script,
    model,
    send: (message) => webSocket.send(message),
    close: (code) => {
      if (code === 1006) {
        webSocket.terminate();
      } else {
        webSocket.close(code);
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
      port: { type: "string", default: "16000" },
      script: { type: "string", default: "default" },
      wav: { type: "string", multiple: true },
    },
  });
  const named = OPENAI_SCRIPTS[values.script];
  if (named === undefined) {
    console.error(
      `no script ${values.script}; there are: ${Object.keys(OPENAI_SCRIPTS).join(", ")}`,
    );
    process.exitCode = 2;
    return;
  }
  const answers = values.wav?.map((wavPath) => ({ text: wavPath, wavPath }));
  const script = answers === undefined ? named : { ...named, answers };
  const standIn = await startOpenAiStandIn({ port: Number(values.port), script });
  console.log(`OpenAI stand-in, script "${values.script}". Point the gateway at it:

models:
  openai:
    kind: openai
    url: ${standIn.url}
    model: gpt-realtime
    apiKey: ${STAND_IN_KEY}
  azure:
    kind: azure
    endpoint: ${standIn.azureEndpoint}
    deployment: gpt-realtime
    apiKey: ${STAND_IN_KEY}
`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main();
}
