#!/usr/bin/env node
/** The `trunkline` command. */
import { readFileSync } from "node:fs";
import { processEnvironment } from "./app/environment.ts";
import { systemFiles } from "./app/files.ts";
import { systemMachine } from "./cli/machine.ts";
import { Output, processStreams } from "./cli/output.ts";
import { type CommandImplementations, runProgram } from "./cli/program.ts";
import { SystemClock } from "./core/clock.ts";

const clock = new SystemClock();
const environment = processEnvironment();
const output = new Output(processStreams(environment));
const implementations: CommandImplementations = {};
const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  readonly version: string;
};

// A reader that has seen enough (`| head`) is no failure.
process.stdout.on("error", () => undefined);

process.exitCode = await runProgram(process.argv.slice(2), {
  context: { output, environment, files: systemFiles, clock, fetch, machine: systemMachine(clock) },
  implementations,
  version: manifest.version,
});
