/** Runs other programs in a private directory that vanishes with the run: few at once, never for long. */
import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, type Clock } from "../core/clock.ts";

/** One run. Input goes through files and not through arguments, which every user of the machine can read. */
export interface ProgramRequest {
  /** As returned by {@link ProgramRunner.locate}. */
  readonly program: string;
  readonly args: readonly string[];
  /** Written to the working directory first, by plain file name. */
  readonly files: Readonly<Record<string, Uint8Array | string>>;
  /** The file of the working directory that holds the result. */
  readonly outputFile: string;
  readonly timeoutMs: number;
  /** Kills the program, or keeps it from starting. */
  readonly signal: AbortSignal;
}

/** `busy`: too many runs wait already. */
export type ProgramResult =
  | { readonly kind: "done"; readonly output: Uint8Array }
  | { readonly kind: "failed"; readonly reason: "busy" | "timeout" | "aborted" | "exit" };

/** Starts programs of this machine. */
export interface ProgramRunner {
  /** Path of an executable, or `undefined` when it is not installed. */
  locate(name: string): string | undefined;
  /** Whether a file can be read. */
  isReadable(path: string): boolean;
  /** Never rejects. */
  run(request: ProgramRequest): Promise<ProgramResult>;
  /** Kills what runs; resolves when nothing is left, files included. */
  close(): Promise<void>;
}

/** Where programs are looked for, and how many may run. */
export interface SystemProgramsOptions {
  readonly clock: Clock;
  readonly searchPath?: readonly string[];
  readonly maxRunning?: number;
  readonly maxWaiting?: number;
}

const SEARCH_PATH = ["/usr/local/bin", "/usr/bin", "/bin", "/opt/homebrew/bin"];
const FAILED = (reason: "busy" | "timeout" | "aborted" | "exit"): ProgramResult => ({
  kind: "failed",
  reason,
});

/** The programs of the operating system. */
export class SystemPrograms implements ProgramRunner {
  readonly #clock: Clock;
  readonly #searchPath: readonly string[];
  readonly #maxRunning: number;
  readonly #maxWaiting: number;
  readonly #waiting: (() => void)[] = [];
  readonly #runs = new Set<Promise<ProgramResult>>();
  readonly #abort = new AbortController();
  #running = 0;

  constructor(options: SystemProgramsOptions) {
    this.#clock = options.clock;
    this.#searchPath = options.searchPath ?? SEARCH_PATH;
    this.#maxRunning = options.maxRunning ?? 2;
    this.#maxWaiting = options.maxWaiting ?? 16;
  }

  locate(name: string): string | undefined {
    const paths = this.#searchPath.map((directory) => join(directory, name));
    return paths.find((path) => hasAccess(path, constants.X_OK));
  }

  isReadable(path: string): boolean {
    return hasAccess(path, constants.R_OK);
  }

  run(request: ProgramRequest): Promise<ProgramResult> {
    const run = this.#queue(request).catch(() => FAILED("exit"));
    this.#runs.add(run);
    return run.finally(() => this.#runs.delete(run));
  }

  async close(): Promise<void> {
    this.#abort.abort();
    await Promise.all(this.#runs);
  }

  async #queue(request: ProgramRequest): Promise<ProgramResult> {
    if (this.#running >= this.#maxRunning) {
      if (this.#waiting.length >= this.#maxWaiting) {
        return FAILED("busy");
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running += 1;
    }
    try {
      return await this.#runInDirectory(request);
    } finally {
      this.#passOn();
    }
  }

  /** The place of a finished run goes to the first that waits. */
  #passOn(): void {
    const next = this.#waiting.shift();
    if (next === undefined) {
      this.#running -= 1;
    } else {
      next();
    }
  }

  async #runInDirectory(request: ProgramRequest): Promise<ProgramResult> {
    const signal = AbortSignal.any([request.signal, this.#abort.signal]);
    if (signal.aborted) {
      return FAILED("aborted");
    }
    const directory = await mkdtemp(join(tmpdir(), "trunkline-speech-"));
    try {
      for (const [name, content] of Object.entries(request.files)) {
        await writeFile(join(directory, name), content, { mode: 0o600 });
      }
      const failure = await this.#execute(request, directory, signal);
      if (failure !== undefined) {
        return failure;
      }
      return { kind: "done", output: await readFile(join(directory, request.outputFile)) };
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }

  /** Resolves with `undefined` when the program ended well. */
  #execute(
    request: ProgramRequest,
    directory: string,
    signal: AbortSignal,
  ): Promise<ProgramResult | undefined> {
    return new Promise((resolve) => {
      if (signal.aborted) {
        resolve(FAILED("aborted"));
        return;
      }
      const child = spawn(request.program, request.args, { cwd: directory, stdio: "ignore" });
      let killedFor: ProgramResult | undefined;
      const kill = (reason: "timeout" | "aborted"): void => {
        killedFor ??= FAILED(reason);
        child.kill("SIGKILL");
      };
      const timer = after(this.#clock, request.timeoutMs, () => kill("timeout"));
      const onAbort = (): void => kill("aborted");
      signal.addEventListener("abort", onAbort, { once: true });
      onceEnded(child, (exitCode) => {
        timer.cancel();
        signal.removeEventListener("abort", onAbort);
        resolve(killedFor ?? (exitCode === 0 ? undefined : FAILED("exit")));
      });
    });
  }
}

function onceEnded(child: ChildProcess, listener: (exitCode: number | null) => void): void {
  child.once("error", () => listener(null));
  child.once("close", listener);
}

function hasAccess(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
