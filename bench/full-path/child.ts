/** The parent's and the child's end of a small request and response protocol over the IPC channel of `fork`. */
import { type ChildProcess, fork } from "node:child_process";

interface Request {
  readonly id: number;
  readonly method: string;
  readonly argument: unknown;
}

interface Response {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

interface Pending {
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

const REQUEST_TIMEOUT_MS = 30_000;

/** A forked process that answers requests. */
export class Child {
  readonly #name: string;
  readonly #process: ChildProcess;
  readonly #pending = new Map<number, Pending>();
  readonly #exited: Promise<void>;
  #nextId = 1;

  /** @param nodeOptions for the child's Node, such as `--expose-gc`. */
  constructor(name: string, file: string, nodeOptions: readonly string[] = []) {
    this.#name = name;
    this.#process = fork(file, { execArgv: [...nodeOptions] });
    this.#process.on("message", (message: Response) => this.#onResponse(message));
    this.#exited = new Promise((resolve) => {
      this.#process.on("exit", (code, signal) => {
        this.#rejectAll(`${name} ended (${signal ?? code})`);
        resolve();
      });
    });
  }

  /** Rejects when the child fails, ends, or does not answer in time. */
  request<T>(method: string, argument?: unknown): Promise<T> {
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        reject(new Error(`${this.#name} did not answer ${method}`));
      }, REQUEST_TIMEOUT_MS);
      this.#pending.set(id, {
        resolve: (result) => {
          clearTimeout(timer);
          resolve(result);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
      this.#process.send({ id, method, argument } satisfies Request);
    });
  }

  /** Lets the child end by itself, and kills it when it does not. */
  async close(): Promise<void> {
    if (this.#process.connected) {
      this.#process.disconnect();
    }
    const timer = setTimeout(() => this.#process.kill("SIGKILL"), 5000);
    await this.#exited;
    clearTimeout(timer);
  }

  #onResponse({ id, result, error }: Response): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (error === undefined) {
      pending?.resolve(result as never);
    } else {
      pending?.reject(new Error(`${this.#name}: ${error}`));
    }
  }

  #rejectAll(reason: string): void {
    for (const pending of this.#pending.values()) {
      pending.reject(new Error(reason));
    }
    this.#pending.clear();
  }
}

/** Answers the parent's requests, and ends this process when the parent lets go of it. */
export function serve(methods: Readonly<Record<string, (argument: never) => unknown>>): void {
  process.on("message", (message: Request) => void answer(message));
  process.on("disconnect", () => process.exit(0));

  async function answer({ id, method, argument }: Request): Promise<void> {
    try {
      const result = await methods[method]?.(argument as never);
      process.send?.({ id, result } satisfies Response);
    } catch (error) {
      process.send?.({ id, error: String(error) } satisfies Response);
    }
  }
}

/** Microseconds of CPU that this process has used, all threads. */
export function cpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** Microseconds on a monotonic scale. */
export function wallUs(): number {
  return performance.now() * 1000;
}

/**
 * Runs `action`, reads what came, and naps, over and over. A process that naps so is not woken by what is sent to it:
 * the sender would pay for that, as no gateway does for a peer on another machine.
 */
export function runInTurns(napMs: number, action: () => void): void {
  const neverChanged = new Int32Array(new SharedArrayBuffer(4));
  const turn = (): void => {
    action();
    Atomics.wait(neverChanged, 0, 0, napMs);
    setImmediate(turn);
  };
  turn();
}
