/** `trunkline trunks …`: its commands and their options. */
import { type Command, InvalidArgumentError } from "commander";
import { CONFIG_FLAG, CONFIG_HELP, JSON_HELP } from "./common-options.ts";
import type { ExitCode } from "./context.ts";

/** What can be done with trunks. */
export type TrunksAction = "plan" | "apply" | "show" | "destroy" | "numbers";

/** Options of `trunkline trunks`; each action has some of them. */
export interface TrunksOptions {
  readonly action: TrunksAction;
  readonly config?: string | undefined;
  readonly json: boolean;
  /** Nothing is asked before something is taken away. */
  readonly yes?: boolean | undefined;
  /** Passwords are put again even where they seem to be the same. */
  readonly rotate?: boolean | undefined;
  /** `show` writes down which connectors there are. */
  readonly write?: boolean | undefined;
  /** `destroy` gives back the numbers that were ordered. */
  readonly releaseNumbers?: boolean | undefined;
  /** Area code, or prefix of a toll-free number. */
  readonly prefix?: string | undefined;
  readonly tollFree?: boolean | undefined;
}

/** Runs an action. */
export type RunTrunks = (options: TrunksOptions) => Promise<ExitCode>;

/** Adds the commands; `onExit` hears the exit code of the one that ran. */
export function addTrunks(
  program: Command,
  run: RunTrunks,
  onExit: (code: ExitCode) => void,
): void {
  const trunks = program
    .command("trunks")
    .description("the Voice Connectors that sip-config/trunks.yaml provisions");
  const add = (action: TrunksAction, description: string): Command =>
    trunks
      .command(action)
      .description(description)
      .option(CONFIG_FLAG, CONFIG_HELP)
      .option("--json", JSON_HELP, false);
  const runs = (command: Command, action: TrunksAction): Command =>
    command.action(async (options: Omit<TrunksOptions, "action">) =>
      onExit(await run({ ...options, action })),
    );
  runs(add("plan", "say what apply would do; changes nothing"), "plan").option(
    "--rotate",
    "as apply --rotate would",
  );
  runs(add("apply", "make the account as the file says; safe to repeat"), "apply")
    .option("--yes", "do not ask before something is taken away")
    .option("--rotate", "set every password again, for instance after a change by hand");
  runs(add("show", "what is there, and where it can be reached"), "show").option(
    "--write",
    "also write the file that trunk entries with a connector are looked up in",
  );
  runs(add("destroy", "take away everything that is ours; nothing else"), "destroy")
    .option("--yes", "do not ask")
    .option("--release-numbers", "give back the numbers that were ordered: they are lost");
  trunks
    .command("numbers")
    .description("phone numbers of the United States that can be ordered")
    .argument("<prefix>", "area code such as 206, or prefix of a toll-free number", parsePrefix)
    .option("--toll-free", "the prefix is that of toll-free numbers")
    .option(CONFIG_FLAG, CONFIG_HELP)
    .option("--json", JSON_HELP, false)
    .action(async (prefix: string, options: Omit<TrunksOptions, "action">) =>
      onExit(await run({ ...options, action: "numbers", prefix })),
    );
}

function parsePrefix(text: string): string {
  if (!/^[2-9]\d{2}$/.test(text)) {
    throw new InvalidArgumentError("Expected three digits such as 206.");
  }
  return text;
}
