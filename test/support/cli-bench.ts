/** Runs the command line in a test: streams are collected, the machine and the API are made up. */

import type { ExitCode } from "../../src/cli/context.ts";
import type { Machine } from "../../src/cli/machine.ts";
import { Output } from "../../src/cli/output.ts";
import { type CommandImplementations, runProgram } from "../../src/cli/program.ts";
import type { TrunksOptions } from "../../src/cli/trunks-commands.ts";
import { memoryFiles } from "./memory-files.ts";
import { VirtualClock } from "./virtual-clock.ts";

/** What the world around the command is like. */
export interface CliWorld {
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly machine?: Partial<Machine>;
  readonly fetch?: typeof fetch;
  readonly implementations?: CommandImplementations;
  readonly colour?: boolean;
  /** The trunk commands, which are given what they print to. */
  readonly trunks?: (options: TrunksOptions, output: Output) => Promise<ExitCode>;
}

/** What came out. */
export interface CliResult {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

/** An agent flow and no routes: the least that is valid. */
export const LEAST_FILES = {
  "flows/agent.yaml": "model: local\n",
  "sip-config/routes.yaml": "[]\n",
} as const;

/** A machine on which all is well. */
export const healthyMachine: Machine = {
  nodeVersion: "20.19.0",
  bind: async () => undefined,
  connect: async () => undefined,
  askTrunk: async () => undefined,
  askModel: async () => undefined,
  askAssist: async () => ({}),
  askAws: async () => ({
    identity: { kind: "known", account: "111122223333", who: "role gateway", clockOffsetMs: 0 },
    refused: [],
  }),
  resolve: async () => ({ ipv4: ["198.51.100.17"], ipv6: [] }),
  addressesTowards: async () => ({ sip: "198.51.100.17", media: "198.51.100.17" }),
  localPorts: () => ({ min: 32_768, max: 60_999, reserved: [] }),
  openFilesLimit: () => 1_048_576,
  holderOf: () => undefined,
  usedUdpPorts: () => 0,
  receiveBufferLimitBytes: () => 4_194_304,
  hasProgram: () => true,
  isReadable: () => true,
  isWritable: () => true,
};

/** Runs `trunkline ARGS`. */
export async function runCli(args: readonly string[], world: CliWorld = {}): Promise<CliResult> {
  const written = { out: "", error: "" };
  const output = new Output({
    writeOut: (text) => {
      written.out += text;
    },
    writeError: (text) => {
      written.error += text;
    },
    colourOut: world.colour ?? false,
    colourError: world.colour ?? false,
  });
  const code = await runProgram(args, {
    context: {
      output,
      environment: world.environment ?? {},
      files: memoryFiles(world.files ?? LEAST_FILES),
      clock: new VirtualClock(),
      fetch: world.fetch ?? (() => Promise.reject(new Error("no network"))),
      machine: { ...healthyMachine, ...world.machine },
    },
    implementations: {
      ...world.implementations,
      ...(world.trunks === undefined ? {} : { trunks: bound(world.trunks, output) }),
    },
    version: "1.2.3",
  });
  return { code, ...written };
}

function bound(
  run: NonNullable<CliWorld["trunks"]>,
  output: Output,
): NonNullable<CommandImplementations["trunks"]> {
  return (options) => run(options, output);
}
