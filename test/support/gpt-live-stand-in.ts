/**
 * A stand-in for GPT-Live over real WebSockets, for tests and for trying the gateway by hand:
 * `npx tsx test/support/gpt-live-stand-in.ts --port 16100 [--script name]`.
 */
import type { IncomingMessage } from "node:http";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Clock, SystemClock } from "../../src/core/clock.ts";
import { LiveBrain, type LiveScript } from "./gpt-live/brain.ts";
import { type Refusal, startBrainServer } from "./openai/brain-server.ts";
import { OPENAI_SCRIPTS } from "./openai/script.ts";
import { SeededRandom } from "./seeded-random.ts";

/** What the stand-in takes for a good key. */
export const LIVE_STAND_IN_KEY = "sk-stand-in";

const LIVE_PATH = "/v1/live/sessions";

/** Scripts that can be named on the command line. */
export const LIVE_SCRIPTS: Readonly<Record<string, LiveScript>> = {
  ...OPENAI_SCRIPTS,
  "endless-silence": { ...OPENAI_SCRIPTS["default"], sendsSilence: true },
};

/** How to run one. */
export interface LiveStandInOptions {
  /** 0: any free one. */
  readonly port: number;
  readonly script: LiveScript;
  readonly clock?: Clock;
}

/** A running stand-in. */
export interface LiveStandIn {
  readonly url: string;
  /** Sessions so far, oldest first. */
  readonly brains: readonly LiveBrain[];
  close(): Promise<void>;
}

/** Starts to listen on 127.0.0.1. */
export async function startLiveStandIn(options: LiveStandInOptions): Promise<LiveStandIn> {
  const clock = options.clock ?? new SystemClock();
  const { script } = options;
  const server = await startBrainServer({
    port: options.port,
    refuse: (request) => refuse(request, script),
    createBrain: (_request, outlet, serial) =>
      new LiveBrain({ ...outlet, clock, script, random: new SeededRandom(serial) }),
  });
  return {
    url: `ws://127.0.0.1:${server.port}${LIVE_PATH}`,
    brains: server.brains,
    close: () => server.close(),
  };
}

/** The model is named in `session.start`, never in the address. */
function refuse(
  { headers, url }: IncomingMessage,
  { refuse: scripted }: LiveScript,
): Refusal | undefined {
  const type = "invalid_request_error";
  if (scripted !== undefined) {
    return { type, ...scripted };
  }
  if (headers.authorization !== `Bearer ${LIVE_STAND_IN_KEY}`) {
    return { status: 401, type, code: "invalid_api_key" };
  }
  return url === LIVE_PATH ? undefined : { status: 404, type, code: "not_found" };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "16100" },
      script: { type: "string", default: "default" },
    },
  });
  const script = LIVE_SCRIPTS[values.script];
  if (script === undefined) {
    console.error(`no script ${values.script}; there are: ${Object.keys(LIVE_SCRIPTS).join(", ")}`);
    process.exitCode = 2;
    return;
  }
  const standIn = await startLiveStandIn({ port: Number(values.port), script });
  console.log(`GPT-Live stand-in, script "${values.script}". Point the gateway at it:

models:
  live:
    kind: gpt-live
    url: ${standIn.url}
    apiKey: ${LIVE_STAND_IN_KEY}
    toolModel: any
`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main();
}
