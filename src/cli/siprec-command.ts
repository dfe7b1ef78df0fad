/** The commands of `trunkline siprec`. */
import type { Command } from "commander";
import { JSON_HELP } from "./common-options.ts";
import type { CommandContext, ExitCode } from "./context.ts";
import { explainSiprec, type SiprecExplainOptions } from "./siprec-explain.ts";

/** Adds them to the program; `onExit` hears the exit code of the one that ran. */
export function addSiprec(
  program: Command,
  context: CommandContext,
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
}
