/**
 * A stand-in for Amazon Transcribe over real HTTP/2, with signatures and parameters checked, for tests and for trying the gateway
 * by hand: `npx tsx test/support/transcribe-stand-in.ts --port 17500 [--script name]`.
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
import { type Clock, SystemClock } from "../../src/core/clock.ts";
import { eventFrame, exceptionFrame, FrameReader } from "./aws/event-frames.ts";
import { checkRequest, type KnownKeys, type SignatureChain } from "./aws/signatures.ts";
import { TranscribeBrain } from "./transcribe/brain.ts";
import { OPERATIONS, readParameters, type TranscribeParameters } from "./transcribe/request.ts";
import { TRANSCRIBE_SCRIPTS, type TranscribeScript } from "./transcribe/script.ts";

/** How to run one. */
export interface TranscribeStandInOptions {
  /** 0: any free one. */
  readonly port: number;
  readonly script: TranscribeScript;
  readonly clock?: Clock;
  /** Secrets by access key; those that loopback endpoints get by default. */
  readonly keys?: KnownKeys;
  readonly onBrain?: (brain: TranscribeBrain) => void;
}

/** A running stand-in. */
export interface TranscribeStandIn {
  readonly endpoint: string;
  readonly port: number;
  /** Streams so far, oldest first. */
  readonly brains: readonly TranscribeBrain[];
  /** Names of the exceptions that requests were refused with. */
  readonly refusals: readonly string[];
  /** Breaks every connection, and takes no more. */
  close(): Promise<void>;
}

/** Starts to listen on 127.0.0.1. */
export async function startTranscribeStandIn(
  options: TranscribeStandInOptions,
): Promise<TranscribeStandIn> {
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
    port,
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
  readonly brains: TranscribeBrain[] = [];
  readonly refusals: string[] = [];
  readonly #options: TranscribeStandInOptions;
  readonly #clock: Clock;
  readonly #keys: KnownKeys;

  constructor(options: TranscribeStandInOptions) {
    const { accessKeyId, secretAccessKey } = STAND_IN_KEYS;
    this.#options = options;
    this.#clock = options.clock ?? new SystemClock();
    this.#keys = options.keys ?? new Map([[accessKeyId, secretAccessKey]]);
  }

  serve(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    const { script } = this.#options;
    stream.on("error", () => stream.destroy());
    const path = headers[":path"] ?? "";
    const isAnalytics = OPERATIONS.get(path);
    const nowMs = this.#clock.wallMs();
    const check = { path, service: "transcribe", keys: this.#keys, nowMs };
    const signed = checkRequest(headers, check);
    const parameters = readParameters(headers, isAnalytics === true);
    if (script.mute === true) {
      return;
    }
    if (script.refuse !== undefined) {
      this.#refuse(stream, script.refuse.name, script.refuse.status);
    } else if (signed.kind === "refused") {
      this.#refuse(stream, signed.exception, 403);
    } else if (isAnalytics === undefined) {
      this.#refuse(stream, "ResourceNotFoundException", 404);
    } else if (typeof parameters === "string") {
      this.#refuse(stream, "BadRequestException", 400, parameters);
    } else {
      this.#accept(stream, { isAnalytics, parameters, chain: signed.chain });
    }
  }

  #accept(
    stream: ServerHttp2Stream,
    asked: {
      readonly isAnalytics: boolean;
      readonly parameters: TranscribeParameters;
      readonly chain: SignatureChain;
    },
  ): void {
    const { isAnalytics, parameters, chain } = asked;
    stream.respond({
      ":status": 200,
      "content-type": "application/vnd.amazon.eventstream",
      "x-amzn-request-id": "stand-in",
    });
    const reader = new FrameReader(chain);
    const brain = new TranscribeBrain({
      clock: this.#clock,
      script: this.#options.script,
      parameters,
      isAnalytics,
      send: (type, event) => stream.write(eventFrame(type, event)),
      fail: ({ name, message }) => stream.end(exceptionFrame(name, message)),
      end: () => stream.end(),
      cut: () => stream.session?.destroy(),
    });
    this.brains.push(brain);
    this.#options.onBrain?.(brain);
    brain.start();
    stream.on("data", (bytes: Buffer) => {
      for (const message of reader.push(bytes)) {
        if (message.kind === "wrongSignature") {
          this.refusals.push("InvalidSignatureException");
          brain.stop();
          stream.end(exceptionFrame("InvalidSignatureException"));
        } else if (message.kind === "end") {
          brain.onClientEnded();
        } else if (message.type === "ConfigurationEvent") {
          brain.configure(message.body.toString("utf8"));
        } else {
          brain.hear(message.body);
        }
      }
    });
    stream.on("close", () => brain.stop());
  }

  #refuse(
    stream: ServerHttp2Stream,
    exception: string,
    status: number,
    message = "refused by the stand-in",
  ): void {
    this.refusals.push(exception);
    stream.respond({
      ":status": status,
      "content-type": "application/json",
      "x-amzn-errortype": exception,
    });
    stream.end(JSON.stringify({ message }));
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "17500" },
      script: { type: "string", default: "lines" },
    },
  });
  const script = TRANSCRIBE_SCRIPTS[values.script];
  if (script === undefined) {
    const known = Object.keys(TRANSCRIBE_SCRIPTS).join(", ");
    console.error(`no script ${values.script}; there are: ${known}`);
    process.exitCode = 2;
    return;
  }
  const standIn = await startTranscribeStandIn({ port: Number(values.port), script });
  console.log(`Amazon Transcribe stand-in, script "${values.script}". Point the gateway at it:

models:
  ears:
    kind: transcribe
    endpoint: ${standIn.endpoint}
    analytics: true

and name it in flows/assist.yaml:

ears: { model: ears }

then: npx trunkline siprec send FILE.wav
`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main();
}
