/** `trunkline sip-server` in a process of its own, and a stock drachtio-srf application in another. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildGateway } from "./gateway-process.ts";
import { eventually } from "./waiting.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const APP = fileURLToPath(new URL("./stock-app.mjs", import.meta.url));

/** A child process whose output is kept. */
export class ObservedProcess {
  stdout = "";
  stderr = "";
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;

  constructor(args: readonly string[]) {
    this.#child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "pipe"] });
    const killWithUs = (): boolean => this.#child.kill("SIGKILL");
    process.once("exit", killWithUs);
    this.#child.stdout?.on("data", (chunk: Buffer) => {
      this.stdout += chunk.toString();
    });
    this.#child.stderr?.on("data", (chunk: Buffer) => {
      this.stderr += chunk.toString();
    });
    this.ended = new Promise((resolve) => {
      this.#child.once("close", (code) => {
        process.off("exit", killWithUs);
        resolve(code);
      });
    });
  }

  /** JSON lines printed so far. */
  get events(): readonly Readonly<Record<string, unknown>>[] {
    return this.stdout
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** Waits for the `count`th event of this name. */
  async event(name: string, count = 1): Promise<Readonly<Record<string, unknown>>> {
    return await eventually(
      `${name} number ${count}`,
      () => this.events.filter(({ event }) => event === name)[count - 1],
      10_000,
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${this.stdout}\n${this.stderr}`);
    });
  }

  write(text: string): void {
    this.#child.stdin?.write(text);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Sends a signal, and waits for the exit code. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    this.signal(signal);
    return await this.ended;
  }
}

/** Runs `trunkline sip-server ARGS`. */
export async function startSipServerProcess(args: readonly string[]): Promise<ObservedProcess> {
  await buildGateway();
  return new ObservedProcess([join(ROOT, "dist", "main.js"), "sip-server", ...args]);
}

/** Starts the application; it connects, and calls `calleePort` of this machine when it is asked to. */
export function startStockApp(
  adminPort: number,
  secret: string,
  calleePort: number,
): ObservedProcess {
  return new ObservedProcess([APP, String(adminPort), secret, String(calleePort)]);
}
