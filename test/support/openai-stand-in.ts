/**
 * A stand-in for the OpenAI Realtime service over real WebSockets, for tests and for trying the gateway by hand:
 * `npx tsx test/support/openai-stand-in.ts --port 16000 [--script name] [--wav file.wav]`.
 */
import type { IncomingMessage } from "node:http";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Clock, SystemClock } from "../../src/core/clock.ts";
import { OpenAiBrain } from "./openai/brain.ts";
import { type Refusal, startBrainServer } from "./openai/brain-server.ts";
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

/** Starts to listen on 127.0.0.1. */
export async function startOpenAiStandIn(options: StandInOptions): Promise<StandIn> {
  const clock = options.clock ?? new SystemClock();
  const { script } = options;
  const server = await startBrainServer({
    port: options.port,
    refuse: (request) => refuse(request, script),
    createBrain: (request, outlet, serial) =>
      new OpenAiBrain({
        ...outlet,
        clock,
        script,
        random: new SeededRandom(serial),
        model: urlOf(request).searchParams.get("model") ?? "",
      }),
    onBrain: options.onBrain,
  });
  const { brains, port, refusals } = server;
  return {
    url: `ws://127.0.0.1:${port}${OPENAI_PATH}`,
    azureEndpoint: `http://127.0.0.1:${port}`,
    brains,
    refusals,
    close: () => server.close(),
  };
}

function urlOf({ url }: IncomingMessage): URL {
  return new URL(url ?? "/", "ws://127.0.0.1");
}

function refuse(request: IncomingMessage, script: OpenAiScript): Refusal | undefined {
  const type = "invalid_request_error";
  if (script.refuse !== undefined) {
    return { type, ...script.refuse };
  }
  const { pathname, searchParams } = urlOf(request);
  if (!hasKey(request, pathname)) {
    return { status: 401, type, code: pathname === AZURE_PATH ? "401" : "invalid_api_key" };
  }
  if (request.headers["openai-beta"] !== undefined) {
    return { status: 400, type, code: "beta_api_shape_disabled" };
  }
  if (searchParams.has("api-version")) {
    return { status: 400, type, code: "api_version_not_allowed" };
  }
  if ((pathname !== OPENAI_PATH && pathname !== AZURE_PATH) || !searchParams.has("model")) {
    return { status: 404, type, code: "model_not_found" };
  }
  return undefined;
}

/** Azure takes its key in a header of its own, and tokens of Entra ID as OpenAI takes its keys. */
function hasKey({ headers }: IncomingMessage, pathname: string): boolean {
  const isBearer = headers.authorization === `Bearer ${STAND_IN_KEY}`;
  return isBearer || (pathname === AZURE_PATH && headers["api-key"] === STAND_IN_KEY);
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
