#!/usr/bin/env -S node --use-largepages=silent --single-threaded-gc --max-semi-space-size=8
/** The `trunkline` command. */
import { processEnvironment } from "./app/environment.ts";
import { systemFiles, writeTextFile } from "./app/files.ts";
import { runGateway } from "./app/start.ts";
import { packageVersion } from "./app/version.ts";
import { runCall } from "./cli/call-run.ts";
import { runConnect } from "./cli/connect-run.ts";
import { runFlows } from "./cli/flows-run.ts";
import { systemMachine } from "./cli/machine.ts";
import { Output, processStreams } from "./cli/output.ts";
import { runProgram } from "./cli/program.ts";
import { runSipServer } from "./cli/sip-server-run.ts";
import { runSiprecSend } from "./cli/siprec-send.ts";
import { systemTerminal } from "./cli/terminal.ts";
import { runTrunks } from "./cli/trunks-run.ts";
import { SystemClock } from "./core/clock.ts";
import { systemRandom } from "./core/random.ts";

const clock = new SystemClock();
const random = systemRandom;
const environment = processEnvironment();
const machine = systemMachine(clock);
const output = new Output(processStreams(environment));

// A reader that has seen enough (`| head`) is no failure.
process.stdout.on("error", () => undefined);

const context = { output, environment, files: systemFiles, clock, fetch, machine };

process.exitCode = await runProgram(process.argv.slice(2), {
  context,
  implementations: {
    start: (options) => runGateway(options, { clock, random, print: (line) => output.note(line) }),
    call: (options) => runCall(options, { ...context, random }),
    siprecSend: (options) => runSiprecSend(options, { ...context, random }),
    trunks: (options) =>
      runTrunks(options, {
        ...context,
        random,
        terminal: systemTerminal,
        writeText: writeTextFile,
      }),
    connect: (request) => runConnect(request, { ...context, random }),
    flows: (options) => runFlows(options, { ...context, random }),
    sipServer: (options) => runSipServer(options, { clock, random, output, machine }),
  },
  version: packageVersion(),
});
