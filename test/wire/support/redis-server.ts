/** A redis-server of Debian, with a password and nothing on disk, that a test can kill and start again. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { freeRedisPort } from "./free-ports.ts";
import { eventually } from "./waiting.ts";

/** What must not be seen anywhere. */
export const REDIS_PASSWORD = "a-password-of-redis";

/** Whether the program is installed; the reason is printed where it is not. */
export function hasRedisServer(): boolean {
  const isThere = spawnSync("redis-server", ["--version"]).status === 0;
  if (!isThere) {
    process.stderr.write(
      "LEFT OUT: tests with Redis: redis-server is not installed (apt-get install redis-server)\n",
    );
  }
  return isThere;
}

/** Whoever starts it stops it. */
export class RedisServer {
  readonly #port: number;
  #child: ChildProcess | undefined;
  #output = "";

  private constructor(port: number) {
    this.#port = port;
  }

  static async start(): Promise<RedisServer> {
    const server = new RedisServer(await freeRedisPort());
    await server.run();
    return server;
  }

  get url(): string {
    return `redis://:${REDIS_PASSWORD}@127.0.0.1:${this.#port}`;
  }

  /** Resolves when it takes connections. */
  async run(): Promise<void> {
    const options = ["--port", String(this.#port), "--bind", "127.0.0.1", "--save", ""];
    this.#output = "";
    this.#child = spawn("redis-server", [...options, "--requirepass", REDIS_PASSWORD], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    this.#child.stdout?.on("data", (chunk: Buffer) => {
      this.#output += chunk.toString();
    });
    await eventually("redis-server", () => this.#output.includes("Ready to accept connections"));
  }

  /** As a crash: nobody is told. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child !== undefined && child.exitCode === null) {
      const gone = new Promise((resolve) => child.once("close", resolve));
      child.kill("SIGKILL");
      await gone;
    }
  }
}
