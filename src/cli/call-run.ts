/** Runs `trunkline call` for a person or a program: progress, report, exit code. */
import { isLoopback } from "../core/ip-address.ts";
import { silentLogger } from "../core/logger.ts";
import type { Random } from "../core/random.ts";
import { placeCall } from "./call-command.ts";
import { readLedger, withLedger } from "./call-ledger.ts";
import { type CallReport, describeReport } from "./call-report.ts";
import { hostOfSipUri } from "./call-uri.ts";
import type { CommandContext, ExitCode } from "./context.ts";
import { apiOf } from "./gateway-api.ts";
import type { CallOptions } from "./program.ts";

/** What the command runs on. */
export interface CallRunContext extends CommandContext {
  readonly random: Random;
}

/** 0: the call was answered; 1: it was not. Ctrl-C hangs up. */
export async function runCall(options: CallOptions, context: CallRunContext): Promise<ExitCode> {
  const { output, clock, random } = context;
  const giveUp = new AbortController();
  const onInterrupt = (): void => giveUp.abort();
  const invitedAtMs = clock.wallMs();
  process.once("SIGINT", onInterrupt);
  try {
    const heard = await placeCall(options, {
      clock,
      random,
      logger: silentLogger,
      signal: giveUp.signal,
      progress: (line) => output.note(line),
    });
    const report = await compared(heard, invitedAtMs, options, context);
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

/** With the gateway's own figures where it can be asked: where --api or TRUNKLINE_URL say, or on this machine. */
async function compared(
  report: CallReport,
  invitedAtMs: number,
  { api: url, token, uri }: CallOptions,
  context: CallRunContext,
): Promise<CallReport> {
  const isMeant = url !== undefined || (context.environment["TRUNKLINE_URL"] ?? "") !== "";
  const { sipCallId } = report;
  if (sipCallId === undefined || !(isMeant || isHere(uri))) {
    return report;
  }
  try {
    const ledger = await readLedger(
      apiOf({ url, token }, context),
      { sipCallId, invitedAtMs },
      context,
    );
    if (ledger !== undefined) {
      return withLedger(report, ledger);
    }
    throw new Error("the gateway has no record of this call");
  } catch (error) {
    if (isMeant) {
      const reason = error instanceof Error ? error.message : String(error);
      context.output.note(`no figures of the gateway: ${reason}`);
    }
    return report;
  }
}

function isHere(uri: string): boolean {
  const host = (hostOfSipUri(uri) ?? "").replace(/^\[|\]$/g, "");
  return host === "localhost" || isLoopback(host);
}
