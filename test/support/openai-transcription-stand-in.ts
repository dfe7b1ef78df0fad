/**
 * A stand-in for transcription sessions of OpenAI over real WebSockets, for tests and for trying the gateway by hand:
 * `npx tsx test/support/openai-transcription-stand-in.ts --port 16500`.
 */
import type { IncomingMessage } from "node:http";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Clock, SystemClock } from "../../src/core/clock.ts";
import { type BrainServer, type Refusal, startBrainServer } from "./openai/brain-server.ts";
import { STAND_IN_KEY } from "./openai-stand-in.ts";
import {
  OpenAiTranscriptionBrain,
  type OpenAiTranscriptionScript,
} from "./openai-transcription/brain.ts";

/** Starts to listen on 127.0.0.1. */
export async function startOpenAiTranscriptionStandIn(options: {
  /** 0: any free one. */
  readonly port: number;
  readonly script: OpenAiTranscriptionScript;
  readonly clock?: Clock;
}): Promise<BrainServer<OpenAiTranscriptionBrain> & { readonly url: string }> {
  const { script, clock = new SystemClock() } = options;
  const server = await startBrainServer({
    port: options.port,
    refuse: (request) => refuse(request, script),
    createBrain: (_request, { send, close }) =>
      new OpenAiTranscriptionBrain({ clock, script, send, close }),
  });
  return { ...server, url: `ws://127.0.0.1:${server.port}/v1/realtime` };
}

function refuse(request: IncomingMessage, script: OpenAiTranscriptionScript): Refusal | undefined {
  const type = "invalid_request_error";
  const url = new URL(request.url ?? "/", "ws://127.0.0.1");
  if (script.refuse !== undefined) {
    return { type, ...script.refuse };
  }
  if (request.headers.authorization !== `Bearer ${STAND_IN_KEY}`) {
    return { status: 401, type, code: "invalid_api_key" };
  }
  const isRight =
    url.pathname === "/v1/realtime" &&
    url.searchParams.get("intent") === "transcription" &&
    !url.searchParams.has("model") &&
    request.headers["openai-beta"] === undefined;
  return isRight ? undefined : { status: 400, type, code: "invalid_request" };
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { port: { type: "string", default: "16500" } } });
  const { url } = await startOpenAiTranscriptionStandIn({ port: Number(values.port), script: {} });
  console.log(`OpenAI transcription stand-in. Point the gateway at it:

models:
  scribe:
    kind: openai-transcription
    url: ${url}
    apiKey: ${STAND_IN_KEY}
`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main();
}
