/** The commands of `trunkline siprec`. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { hostOfSipUri } from "./call-uri.ts";
import { JSON_HELP } from "./common-options.ts";
import type { CommandContext, ExitCode } from "./context.ts";
import { SIPREC_DIALECTS } from "./siprec-dialects.ts";
import { explainSiprec, type SiprecExplainOptions } from "./siprec-explain.ts";
import type { SiprecSendOptions } from "./siprec-send.ts";

/** The part that needs a network; absent: it is not offered. */
export type SendSiprec = (options: SiprecSendOptions) => Promise<ExitCode>;

const MAX_SECONDS = 86_400;

/** Adds them to the program; `onExit` hears the exit code of the one that ran. */
export function addSiprec(
  program: Command,
  context: CommandContext,
  send: SendSiprec | undefined,
  onExit: (code: ExitCode) => void,
): void {
  const siprec = program.command("siprec").description("recording sessions (SIPREC)");
  siprec
    .command("explain")
    .description("say what a pasted SIPREC INVITE holds, what is odd about it, and what we do")
    .argument("<file>", "the request, or several of one dialog, or a body alone; - for a pipe")
    .option("--roles <file>", "YAML list of role rules: who is customer, who is agent")
    .option("--trunk <name>", "with --roles: the trunk that it comes over")
    .option("--json", JSON_HELP, false)
    .action((file: string, options: Omit<SiprecExplainOptions, "file">) =>
      onExit(explainSiprec({ ...options, file }, context)),
    );
  if (send !== undefined) {
    siprec
      .command("send")
      .description("record into a gateway: a stereo WAV, left the customer, right the agent")
      .argument("<file>", "WAV file with two channels")
      .option("--to <sip-uri>", "where to", parseUri, "sip:record@127.0.0.1")
      .addOption(
        new Option("--dialect <vendor>", "whose way to write it")
          .choices(SIPREC_DIALECTS)
          .default("generic"),
      )
      .option("--contact-id <id>", "as a contact of Amazon Connect", parseContactId)
      .option("--seconds <n>", "end after this long; else with the WAV", parseSeconds)
      .option("--json", JSON_HELP, false)
      .action(async (file: string, options: Omit<SiprecSendOptions, "file">) =>
        onExit(await send({ ...options, file })),
      );
  }
}

function parseUri(text: string): string {
  if (hostOfSipUri(text) === undefined) {
    throw new InvalidArgumentError("Expected a SIP URI such as sip:record@127.0.0.1.");
  }
  return text;
}

function parseContactId(text: string): string {
  if (!/^[A-Za-z0-9-]{1,128}$/.test(text)) {
    throw new InvalidArgumentError("Expected letters, digits and -, as Amazon Connect shows it.");
  }
  return text;
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (!/^\d+(?:\.\d+)?$/.test(text) || seconds <= 0 || seconds > MAX_SECONDS) {
    throw new InvalidArgumentError(`Expected a number above 0, up to ${MAX_SECONDS}.`);
  }
  return seconds;
}
