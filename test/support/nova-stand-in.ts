/**
 * A stand-in for Amazon Nova Sonic over real HTTP/2, with signatures checked, for tests and for trying the gateway by hand:
 * `npx tsx test/support/nova-stand-in.ts --port 17000 [--script name] [--limit seconds]`.
 */
import {
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { STAND_IN_KEYS } from "../../src/core/aws-access.ts";
import { after, type Clock, SystemClock } from "../../src/core/clock.ts";
import { FrameReader } from "./aws/event-frames.ts";
import { checkRequest, type KnownKeys, type SignatureChain } from "./aws/signatures.ts";
import { NovaBrain } from "./nova/brain.ts";
import { chunkFrame, chunkText, novaExceptionFrame } from "./nova/event-frames.ts";
import type { StandInGeneration } from "./nova/protocol.ts";
import { NOVA_SCRIPTS, type NovaScript } from "./nova/script.ts";
import { SeededRandom } from "./seeded-random.ts";

const PATH = /^\/model\/([^/]+)\/invoke-with-bidirectional-stream$/;
const GENERATIONS: ReadonlyMap<string, StandInGeneration> = new Map([
  ["amazon.nova-sonic-v1:0", "v1"],
  ["amazon.nova-2-sonic-v1:0", "v2"],
]);

/** How to run one. */
export interface NovaStandInOptions {
  /** 0: any free one. */
  readonly port: number;
  readonly script: NovaScript;
  readonly clock?: Clock;
  /** Secrets by access key; those that loopback endpoints get by default. */
  readonly keys?: KnownKeys;
  readonly onBrain?: (brain: NovaBrain) => void;
}

/** A running stand-in. */
export interface NovaStandIn {
  readonly endpoint: string;
  /** Sessions so far, oldest first. */
  readonly brains: readonly NovaBrain[];
  /** Names of the exceptions that requests were refused with. */
  readonly refusals: readonly string[];
  /** Breaks every connection, and takes no more. */
  close(): Promise<void>;
}

/** Starts to listen on 127.0.0.1. */
export async function startNovaStandIn(options: NovaStandInOptions): Promise<NovaStandIn> {
  const server = createServer();
  const sessions = new Set<ServerHttp2Session>();
  const service = new StandInService(options);
  server.on("session", (session) => {
    sessions.add(session);
    session.on("error", () => session.destroy());
    session.on("close", () => sessions.delete(session));
  });
  server.on("stream", (stream, headers) => service.serve(stream, headers));
  await new Promise<void>((resolve) => server.listen(options.port, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    brains: service.brains,
    refusals: service.refusals,
    close: async () => {
      for (const session of sessions) {
        session.destroy();
      }
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

class StandInService {
  readonly brains: NovaBrain[] = [];
  readonly refusals: string[] = [];
  readonly #options: NovaStandInOptions;
  readonly #clock: Clock;
  readonly #keys: KnownKeys;

  constructor(options: NovaStandInOptions) {
    const { accessKeyId, secretAccessKey } = STAND_IN_KEYS;
    this.#options = options;
    this.#clock = options.clock ?? new SystemClock();
    this.#keys = options.keys ?? new Map([[accessKeyId, secretAccessKey]]);
  }

  serve(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    const { script } = this.#options;
    stream.on("error", () => stream.destroy());
    const path = headers[":path"] ?? "";
    const generation = GENERATIONS.get(decodeURIComponent(PATH.exec(path)?.[1] ?? ""));
    const signed = checkRequest(headers, {
      path,
      service: "bedrock",
      keys: this.#keys,
      nowMs: this.#clock.wallMs(),
    });
    if (script.mute === true) {
      return;
    }
    if (script.refuse !== undefined) {
      this.#refuse(stream, script.refuse.name, script.refuse.status);
    } else if (signed.kind === "refused") {
      this.#refuse(stream, signed.exception, 403);
    } else if (generation === undefined) {
      this.#refuse(stream, "ResourceNotFoundException", 404);
    } else {
      const { chain } = signed;
      const accept = (): void => this.#accept(stream, generation, chain);
      if (script.acceptDelayMs === undefined) {
        accept();
      } else {
        after(this.#clock, script.acceptDelayMs, accept);
      }
    }
  }

  #accept(stream: ServerHttp2Stream, generation: StandInGeneration, chain: SignatureChain): void {
    if (stream.destroyed) {
      return;
    }
    stream.respond({ ":status": 200, "content-type": "application/vnd.amazon.eventstream" });
    const reader = new FrameReader(chain);
    const brain = new NovaBrain({
      clock: this.#clock,
      random: new SeededRandom(this.brains.length),
      script: this.#options.script,
      generation,
      send: (payload) => stream.write(chunkFrame(payload)),
      fail: (exception) => stream.end(novaExceptionFrame(exception)),
      end: () => stream.end(),
      cut: () => stream.session?.destroy(),
    });
    this.brains.push(brain);
    this.#options.onBrain?.(brain);
    brain.start();
    stream.on("data", (bytes: Buffer) => {
      for (const message of reader.push(bytes)) {
        if (message.kind === "event") {
          brain.receive(chunkText(message.body));
        } else if (message.kind === "end") {
          brain.onClientEnded();
        } else {
          this.refusals.push("InvalidSignatureException");
          brain.stop();
          stream.end(novaExceptionFrame({ name: "InvalidSignatureException" }));
        }
      }
    });
    stream.on("close", () => brain.stop());
  }

  #refuse(stream: ServerHttp2Stream, exception: string, status: number): void {
    this.refusals.push(exception);
    stream.respond({
      ":status": status,
      "content-type": "application/json",
      "x-amzn-errortype": exception,
    });
    stream.end(JSON.stringify({ message: "refused by the stand-in" }));
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "17000" },
      script: { type: "string", default: "default" },
      limit: { type: "string" },
    },
  });
  const named = NOVA_SCRIPTS[values.script];
  if (named === undefined) {
    console.error(`no script ${values.script}; there are: ${Object.keys(NOVA_SCRIPTS).join(", ")}`);
    process.exitCode = 2;
    return;
  }
  const seconds = values.limit === undefined ? undefined : Number(values.limit);
  const script = seconds === undefined ? named : { ...named, sessionLimitMs: seconds * 1000 };
  const standIn = await startNovaStandIn({ port: Number(values.port), script });
  const limit = seconds === undefined ? "" : `\n    maxSessionSeconds: ${seconds}`;
  console.log(`Nova Sonic stand-in, script "${values.script}". Point the gateway at it:

models:
  nova:
    kind: nova-sonic
    endpoint: ${standIn.endpoint}${limit}

then: npx trunkline call sip:nova@127.0.0.1
`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main();
}
