/** The gateway as people run it: `trunkline start` in a process of its own, on ports and a store of its own. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { START_OPTIONS } from "../../support/start-options.ts";
import type { CallLog, LiveCall, ShownCall } from "./call-log.ts";
import { freeHttpPort, freeMediaPorts, freeSipPort } from "./free-ports.ts";
import { processesWith } from "./processes.ts";
import { eventually } from "./waiting.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const START_TIMEOUT_MS = 20_000;
const STOP_TIMEOUT_MS = 15_000;
/** Marks the gateway and all that it starts, so that what is left over is found by its environment. */
const MARK = "WIRE_TEST_GATEWAY";

/** How the process ended, and what it left behind. */
export interface GatewayExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
  /** Processes that outlived it and files it left in the folder for temporary ones. */
  readonly leftBehind: readonly string[];
}

/** Settings as environment variables, without their `TRUNKLINE_`. */
export type GatewaySettings = Readonly<Record<string, string>>;

/** The drachtio-server that DRACHTIO_HOST names, as for the conformance suite, in place of the embedded server. */
const EXTERNAL = externalServer(process.env);

function externalServer(environment: NodeJS.ProcessEnv) {
  const { DRACHTIO_HOST, DRACHTIO_PORT, DRACHTIO_SECRET, DRACHTIO_SIP_PORT } = environment;
  return DRACHTIO_HOST === undefined
    ? undefined
    : {
        sipPort: Number(DRACHTIO_SIP_PORT ?? 5060),
        settings: {
          SIP__DRACHTIO__HOST: DRACHTIO_HOST,
          SIP__DRACHTIO__PORT: DRACHTIO_PORT ?? "9022",
          SIP__DRACHTIO__SECRET: DRACHTIO_SECRET ?? "cymru",
        },
      };
}

let pagesBuilt: Promise<unknown> | undefined;

/** Builds the pages where they are older than what they are made of, once per test file. */
export function buildPages(): Promise<unknown> {
  pagesBuilt ??= promisify(execFile)(process.execPath, [join(ROOT, "scripts", "build-pages.mjs")], {
    cwd: ROOT,
  });
  return pagesBuilt;
}

let built: Promise<unknown> | undefined;

/** Compiles what `npm start` runs, once per test file; later times are incremental. */
export function buildGateway(): Promise<unknown> {
  built ??= promisify(execFile)(
    join(ROOT, "node_modules", ".bin", "tsc"),
    ["-p", "tsconfig.build.json"],
    { cwd: ROOT },
  );
  return built;
}

/** A running gateway. Whoever starts it stops it. */
export class GatewayProcess {
  readonly sipPort: number;
  readonly httpPort: number;
  readonly #child: ChildProcess;
  readonly #mark: string;
  readonly #folder: string;
  readonly #ended: Promise<GatewayExit>;
  #stdout = "";
  #stderr = "";

  private constructor(ports: { sip: number; http: number }, environment: NodeJS.ProcessEnv) {
    this.sipPort = ports.sip;
    this.httpPort = ports.http;
    this.#folder = mkdtempSync(join(tmpdir(), "wire-gateway-"));
    this.#mark = this.#folder;
    const temporary = join(this.#folder, "tmp");
    mkdirSync(temporary);
    const program = [...START_OPTIONS, join(ROOT, "dist", "main.js"), "start"];
    this.#child = spawn(process.execPath, program, {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        TRUNKLINE_STORE__PATH: join(this.#folder, "calls.db"),
        ...environment,
        TMPDIR: temporary,
        [MARK]: this.#mark,
      },
    });
    this.#child.stdout?.on("data", (chunk: Buffer) => {
      this.#stdout += chunk.toString();
    });
    this.#child.stderr?.on("data", (chunk: Buffer) => {
      this.#stderr += chunk.toString();
    });
    this.#ended = this.#whenEnded();
  }

  /** Resolves when calls can come in. */
  static async start(settings: GatewaySettings = {}): Promise<GatewayProcess> {
    const gateway = await GatewayProcess.launch(settings);
    try {
      await gateway.#untilReady();
    } catch (error) {
      gateway.#child.kill("SIGKILL");
      await gateway.#ended;
      throw error;
    }
    return gateway;
  }

  /** Starts the process and waits for nothing. */
  static async launch(settings: GatewaySettings = {}): Promise<GatewayProcess> {
    await buildGateway();
    const ports = { sip: EXTERNAL?.sipPort ?? (await freeSipPort()), http: await freeHttpPort() };
    const media = await freeMediaPorts();
    const wanted: GatewaySettings = {
      SIP__PORT: String(ports.sip),
      HTTP__PORT: String(ports.http),
      MEDIA__PORTS__MIN: String(media.min),
      MEDIA__PORTS__MAX: String(media.max),
      MEDIA__QUARANTINE_SECONDS: "1",
      ...EXTERNAL?.settings,
      ...settings,
    };
    const environment = Object.fromEntries([
      ...Object.entries(process.env).filter(([name]) => !name.startsWith("TRUNKLINE_")),
      ...Object.entries(wanted).map(([name, value]) => [`TRUNKLINE_${name}`, value]),
    ]);
    const { SIP__PORT, HTTP__PORT } = wanted;
    return new GatewayProcess({ sip: Number(SIP__PORT), http: Number(HTTP__PORT) }, environment);
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /** `address:port` for a SIP user agent. */
  get target(): string {
    return `127.0.0.1:${this.sipPort}`;
  }

  /** What people see: banner and complaints. */
  get stderr(): string {
    return this.#stderr;
  }

  /** The log, one object per line. */
  get log(): readonly Readonly<Record<string, unknown>>[] {
    return this.#stdout
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  kill(signal: "SIGTERM" | "SIGINT"): void {
    this.#child.kill(signal);
  }

  /** How it ends by itself; after `timeoutMs` it is killed, and that is an error. */
  async exit(timeoutMs = STOP_TIMEOUT_MS): Promise<GatewayExit> {
    let isLate = false;
    const deadline = setTimeout(() => {
      isLate = true;
      this.#child.kill("SIGKILL");
    }, timeoutMs);
    const exit = await this.#ended;
    clearTimeout(deadline);
    if (isLate) {
      throw new Error(`the gateway did not end within ${timeoutMs} ms:\n${this.#stderr}`);
    }
    return exit;
  }

  /** SIGTERM, and how it ended then. Rejects when it had ended before: somebody killed it, or it crashed. */
  async stop(timeoutMs?: number): Promise<GatewayExit> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
      const { code, signal } = await this.#ended;
      throw new Error(`the gateway had ended (${code ?? signal}):\n${this.#stderr}`);
    }
    this.kill("SIGTERM");
    return this.exit(timeoutMs);
  }

  async get(path: string): Promise<{ readonly status: number; readonly text: string }> {
    const response = await fetch(`http://127.0.0.1:${this.httpPort}${path}`);
    return { status: response.status, text: await response.text() };
  }

  async #json<T>(path: string): Promise<T> {
    const { status, text } = await this.get(path);
    if (status !== 200) {
      throw new Error(`GET ${path} answered ${status}: ${text}`);
    }
    return JSON.parse(text) as T;
  }

  /** Calls in progress. */
  async calls(): Promise<readonly LiveCall[]> {
    return (await this.#json<{ calls: LiveCall[] }>("/calls")).calls;
  }

  /** A call in progress. */
  show(callId: string): Promise<ShownCall> {
    return this.#json(`/calls/${callId}`);
  }

  /** Everything known of a call in progress. */
  dump(callId: string): Promise<Readonly<Record<string, unknown>>> {
    return this.#json(`/calls/${callId}/dump`);
  }

  /** Calls that ended, newest first. */
  async callLogs(): Promise<readonly CallLog[]> {
    return (await this.#json<{ calls: CallLog[] }>("/call-logs")).calls;
  }

  /** The record of the call with this Call-ID, as soon as there is one. */
  callLog(sipCallId: string): Promise<CallLog> {
    return eventually(`the record of call ${sipCallId}`, async () =>
      (await this.callLogs()).find((call) => call.sipCallId === sipCallId),
    );
  }

  /** The value of a metric: the sum of all its series that have these labels. */
  async metric(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
    const { text } = await this.get("/metrics");
    const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
    return text
      .split("\n")
      .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
      .filter((line) => wanted.every((label) => line.includes(label)))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
  }

  async #untilReady(): Promise<void> {
    let ended = false;
    void this.#ended.then(() => {
      ended = true;
    });
    const isReady = async (): Promise<boolean> =>
      this.#stderr.includes(" is ready ") && (await this.get("/ready")).status === 200;
    await eventually(
      "a gateway that is ready",
      () => {
        if (ended) {
          throw new Error(`the gateway ended at its start:\n${this.#stderr}`);
        }
        return isReady();
      },
      START_TIMEOUT_MS,
    );
  }

  async #whenEnded(): Promise<GatewayExit> {
    const killWithUs = (): boolean => this.#child.kill("SIGKILL");
    process.once("exit", killWithUs);
    const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
      this.#child.once("close", (...how) => resolve(how));
    });
    process.off("exit", killWithUs);
    const files = readdirSync(join(this.#folder, "tmp"));
    const processes = processesWith(`${MARK}=${this.#mark}`);
    rmSync(this.#folder, { recursive: true, force: true });
    return { code, signal, stderr: this.#stderr, leftBehind: [...processes, ...files] };
  }
}
