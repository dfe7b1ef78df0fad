/** A PostgreSQL server of Debian's on loopback, for one test file; it does not run as root, so it gets a user of its own. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const VERSIONS = "/usr/lib/postgresql";
/** Whom root starts it as: `nobody` of Debian. */
const NOBODY = 65_534;
const READY_WITHIN_MS = 20_000;

/** Where the newest installed server is; `undefined`: none is installed. */
export function findPostgres(): string | undefined {
  const [newest] = existsSync(VERSIONS)
    ? readdirSync(VERSIONS).sort((a, b) => Number(b) - Number(a))
    : [];
  const folder = join(VERSIONS, newest ?? "", "bin");
  return newest !== undefined && existsSync(join(folder, "initdb")) ? folder : undefined;
}

/** Keeps its port and its data from one start to the next. */
export class PostgresServer {
  readonly password = "correct-horse-battery";
  readonly #programs: string;
  readonly #folder: string;
  #port = 0;
  #process: ChildProcess | undefined;

  constructor(programs: string) {
    this.#programs = programs;
    this.#folder = mkdtempSync(join(tmpdir(), "trunkline-postgres-"));
  }

  /** Of a database that may not exist yet. */
  url(database: string, password = this.password): string {
    return `postgres://gateway:${password}@127.0.0.1:${this.#port}/${database}`;
  }

  /** Makes the data folder where there is none, and resolves when connections are taken. */
  async start(): Promise<void> {
    const data = join(this.#folder, "data");
    const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
    if (this.#port === 0) {
      const secret = join(this.#folder, "password");
      writeFileSync(secret, this.password, { mode: 0o644 });
      if (user.uid !== undefined) {
        chownSync(this.#folder, user.uid, user.gid);
      }
      const flags = ["-D", data, "-U", "gateway", "-A", "scram-sha-256", `--pwfile=${secret}`];
      const made = spawnSync(join(this.#programs, "initdb"), [...flags, "--no-sync"], {
        ...user,
        cwd: this.#folder,
      });
      if (made.status !== 0) {
        throw new Error(`initdb failed: ${made.stderr.toString()}`);
      }
      this.#port = await freePort();
    }
    const settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off"];
    this.#process = spawn(
      join(this.#programs, "postgres"),
      ["-D", data, "-p", String(this.#port), ...settings.flatMap((each) => ["-c", each])],
      { ...user, cwd: this.#folder, stdio: "ignore" },
    );
    await this.#ready();
  }

  /** `fast` ends connections in an orderly way; `kill` is a power cut. */
  async stop(how: "fast" | "kill" = "fast"): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    if (running !== undefined && running.exitCode === null) {
      const ended = new Promise((resolve) => running.once("exit", resolve));
      running.kill(how === "fast" ? "SIGINT" : "SIGQUIT");
      await ended;
    }
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Runs SQL in a database with Debian's psql, and returns what it prints. */
  sql(database: string, text: string): string {
    const { status, stdout, stderr } = spawnSync("psql", ["-qtA", this.url(database), "-c", text]);
    if (status !== 0) {
      throw new Error(`psql: ${stderr.toString()}`);
    }
    return stdout.toString().trim();
  }

  async #ready(): Promise<void> {
    const deadline = Date.now() + READY_WITHIN_MS;
    while (spawnSync("psql", ["-qtA", this.url("postgres"), "-c", "select 1"]).status !== 0) {
      if (Date.now() > deadline || this.#process?.exitCode !== null) {
        throw new Error("PostgreSQL did not start");
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}
