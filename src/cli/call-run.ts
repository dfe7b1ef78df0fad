/** Runs `trunkline call` for a person or a program: progress, report, exit code. */
import type { Clock } from "../core/clock.ts";
import { silentLogger } from "../core/logger.ts";
import type { Random } from "../core/random.ts";
import { placeCall } from "./call-command.ts";
import { describeReport } from "./call-report.ts";
import type { ExitCode } from "./context.ts";
import type { Output } from "./output.ts";
import type { CallOptions } from "./program.ts";

/** What the command runs on. */
export interface CallRunContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly output: Output;
}

/** 0: the call was answered; 1: it was not. Ctrl-C hangs up. */
export async function runCall(options: CallOptions, context: CallRunContext): Promise<ExitCode> {
  const { output, clock, random } = context;
  const giveUp = new AbortController();
  const onInterrupt = (): void => giveUp.abort();
  process.once("SIGINT", onInterrupt);
  try {
    const report = await placeCall(options, {
      clock,
      random,
      logger: silentLogger,
      signal: giveUp.signal,
      progress: (line) => output.note(line),
    });
    if (options.json) {
      output.json(report);
    } else {
      output.data(describeReport(report));
    }
    return report.answered ? 0 : 1;
  } finally {
    process.off("SIGINT", onInterrupt);
  }
}
