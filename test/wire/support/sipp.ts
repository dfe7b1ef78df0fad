/** Runs SIPp and tells how its calls went. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const SIPP = "/usr/bin/sipp";

/** False, with a printed reason, when SIPp is not installed. */
export function sippInstalled(): boolean {
  const installed = existsSync(SIPP);
  if (!installed) {
    console.log(`left out: ${SIPP} is not installed`);
  }
  return installed;
}

export interface SippResult {
  readonly exitCode: number | null;
  readonly successful: number;
  readonly failed: number;
  readonly retransmissions: number;
  /** Of the counters 1 to 5 that a scenario keeps, from the first. */
  readonly counters: readonly number[];
  /** With `-trace_rtt -rtt_freq 1`: ms of each timer `rtd="1"`, in no order; SIPp's clock ticks every 4 ms or so. */
  readonly responseMs: readonly number[];
  /** What SIPp complained about. */
  readonly errors: string;
}

/** Starts SIPp at `address`; `done` resolves when it ends by itself or by `stop`. */
export function startSipp(
  args: readonly string[],
  address = "127.0.0.1",
): {
  readonly done: Promise<SippResult>;
  stop(): void;
} {
  let stop = (): void => undefined;
  const done = (async () => {
    const folder = await mkdtemp(join(tmpdir(), "sipp-"));
    const child = spawn(
      SIPP,
      [...args, "-i", address, "-nostdin", "-trace_stat", "-fd", "1", "-trace_err"],
      { cwd: folder, stdio: "ignore" },
    );
    stop = () => void child.kill("SIGUSR1");
    const exitCode = await new Promise<number | null>((resolve) => {
      child.on("close", resolve);
    });
    const result = await readResult(folder, exitCode);
    await rm(folder, { recursive: true });
    return result;
  })();
  return { done, stop: () => stop() };
}

async function readResult(folder: string, exitCode: number | null): Promise<SippResult> {
  const files = await readdir(folder);
  const read = async (ending: string): Promise<string> => {
    const name = files.find((file) => file.endsWith(ending));
    return name === undefined ? "" : await readFile(join(folder, name), "utf8");
  };
  const lines = (await read("_.csv")).trim().split("\n");
  const names = lines[0]?.split(";") ?? [];
  const values = lines.at(-1)?.split(";") ?? [];
  const column = (name: string): number => Number(values[names.indexOf(name)] ?? Number.NaN);
  return {
    exitCode,
    successful: column("SuccessfulCall(C)"),
    failed: column("FailedCall(C)"),
    retransmissions: column("Retransmissions(C)"),
    counters: [1, 2, 3, 4, 5].map((number) => column(`GenericCounter${number}(C)`)),
    responseMs: (await read("_rtt.csv"))
      .split("\n")
      .slice(1, -1)
      .map((line) => Number(line.split(";")[1])),
    errors: (await read("_errors.log")).slice(0, 2000),
  };
}
