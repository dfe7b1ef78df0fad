/** What every command runs on. */
import type { ConfigSources } from "../app/config.ts";
import type { Environment } from "../app/environment.ts";
import type { TextFiles } from "../app/files.ts";
import type { Clock } from "../core/clock.ts";
import type { Machine } from "./machine.ts";
import type { Output } from "./output.ts";

/** Injected, so that a command runs in a test without a network or a terminal. */
export interface CommandContext {
  readonly output: Output;
  readonly environment: Environment;
  readonly files: TextFiles;
  readonly clock: Clock;
  readonly fetch: typeof fetch;
  readonly machine: Machine;
}

/** 0 done, 1 failed, 2 wrong usage or configuration. */
export type ExitCode = 0 | 1 | 2;

/** Where the configuration of a command comes from. */
export function configSources(context: CommandContext, file: string | undefined): ConfigSources {
  return { file, environment: context.environment, files: context.files };
}
