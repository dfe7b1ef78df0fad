/** `trunkline flows …`: its commands and their options. */
import { type Command, Option } from "commander";
import { CONFIG_FLAG, CONFIG_HELP, JSON_HELP } from "./common-options.ts";
import type { ExitCode } from "./context.ts";

/** What can be done with contact flows. */
export type FlowsAction = "render" | "validate" | "plan" | "publish";

/** Options of `trunkline flows`. */
export interface FlowsOptions {
  readonly action: FlowsAction;
  readonly config?: string | undefined;
  readonly json: boolean;
  /** What Amazon Connect shall have. */
  readonly wish?: string | undefined;
  /** Of `render` and `validate`: made-up values for what only an instance knows. */
  readonly offline?: boolean | undefined;
  readonly spelling?: "exported" | "documented" | undefined;
  /** Files to validate; flows to render. */
  readonly names: readonly string[];
}

/** Runs an action. */
export type RunFlows = (options: FlowsOptions) => Promise<ExitCode>;

/** Adds the commands; `onExit` hears the exit code of the one that ran. */
export function addFlows(program: Command, run: RunFlows, onExit: (code: ExitCode) => void): void {
  const flows = program
    .command("flows")
    .description("contact flows of Amazon Connect, from flows/connect");
  const add = (action: FlowsAction, description: string): Command =>
    flows
      .command(action)
      .description(description)
      .option("--wish <file>", "what Amazon Connect shall have; flows/connect/connect.yaml")
      .option(CONFIG_FLAG, CONFIG_HELP)
      .option("--json", JSON_HELP, false);
  const spelling = new Option(
    "--spelling <which>",
    "of the block of the transfer connector",
  ).choices(["exported", "documented"]);
  type Given = Omit<FlowsOptions, "action" | "names">;
  add("render", "fill the templates in for one instance, and print them")
    .argument("[flows...]", "names of flows; all, when there is none")
    .option("--offline", "ask nobody: made-up ARNs where only the instance knows them")
    .addOption(spelling)
    .action(async (names: readonly string[], options: Given) =>
      onExit(await run({ ...options, action: "render", names })),
    );
  add("validate", "look for mistakes without asking anybody")
    .argument(
      "[files...]",
      "templates or exported flows; those of connect.yaml, when there is none",
    )
    .addOption(spelling)
    .action(async (names: readonly string[], options: Given) =>
      onExit(await run({ ...options, action: "validate", names })),
    );
  for (const [action, description] of [
    ["plan", "say what publish would do; changes nothing"],
    ["publish", "make the instance as the file says; safe to repeat"],
  ] as const) {
    add(action, description).action(async (options: Given) =>
      onExit(await run({ ...options, action, names: [] })),
    );
  }
}
