/** `trunkline calls …`: its commands and their options. */
import { type Command, InvalidArgumentError, Option } from "commander";
import type { RecordAction } from "../ports/call-directory.ts";
import { type CallsOptions, hangUpCall, listCalls, showCall } from "./calls.ts";
import { CONFIG_FLAG, CONFIG_HELP, JSON_HELP } from "./common-options.ts";
import type { CommandContext, ExitCode } from "./context.ts";
import {
  type InjectOptions,
  injectAudio,
  muteCall,
  pressKeys,
  RECORD_WORDS,
  recordCall,
  type SayOptions,
  sayText,
} from "./operate-calls.ts";

const DIGITS = /^[0-9*#A-Da-d]{1,64}$/;
const SIDES = ["caller", "model"] as const;

const ACTIONS = Object.keys(RECORD_WORDS) as RecordAction[];

type Side = (typeof SIDES)[number];

/** Adds the commands; `onExit` hears the exit code of the one that ran. */
export function addCalls(
  program: Command,
  context: CommandContext,
  onExit: (code: ExitCode) => void,
): void {
  const calls = program.command("calls").description("the calls of a running gateway");
  const add = (name: string, description: string): Command =>
    calls
      .command(name)
      .description(description)
      .option("--url <url>", "address of the API; else TRUNKLINE_URL, else of the configuration")
      .addOption(new Option("--token <token>", "bearer token; better in TRUNKLINE_TOKEN"))
      .option(CONFIG_FLAG, CONFIG_HELP)
      .option("--json", JSON_HELP, false);
  add("list", "the calls in progress").action(async (options: CallsOptions) =>
    onExit(await listCalls(options, context)),
  );
  add("show", "one call, as JSON")
    .argument("<id>")
    .action(async (id: string, options: CallsOptions) =>
      onExit(await showCall(id, options, context)),
    );
  add("hangup", "end one call")
    .argument("<id>")
    .action(async (id: string, options: CallsOptions) =>
      onExit(await hangUpCall(id, options, context)),
    );
  add("say", "have a text spoken to the caller")
    .argument("<id>")
    .argument("<text>")
    .addOption(
      new Option("--by <who>", "the call's model, or the gateway's own voice")
        .choices(["model", "voice"])
        .default("model"),
    )
    .action(async (id: string, text: string, options: SayOptions) =>
      onExit(await sayText(id, text, options, context)),
    );
  add("inject", "have a WAV file, or bare samples of 16 bits, played to the caller")
    .argument("<id>")
    .argument("<file>")
    .addOption(
      new Option("--rate <hz>", "the file has bare samples of this rate").choices(
        "8000 16000 24000 48000".split(" "),
      ),
    )
    .action(async (id: string, file: string, options: InjectOptions) =>
      onExit(await injectAudio(id, file, options, context)),
    );
  for (const on of [true, false]) {
    const [name, what] = on
      ? ["mute", "caller: the model hears silence; model: the caller hears nothing of it"]
      : ["unmute", "the other way round"];
    add(name, what)
      .argument("<id>")
      .argument("<who>", SIDES.join(" or "), parseSide)
      .action(async (id: string, who: Side, options: CallsOptions) =>
        onExit(await muteCall(id, { who, on }, options, context)),
      );
  }
  add("record", "pause, resume or stop the recording of a call, or note consent to it")
    .argument("<action>", ACTIONS.join(", "), parseAction)
    .argument("<id>")
    .action(async (action: RecordAction, id: string, options: CallsOptions) =>
      onExit(await recordCall(id, action, options, context)),
    );
  add("dtmf", "press keys towards the caller")
    .argument("<id>")
    .argument("<keys>", "0-9 * # A-D", parseKeys)
    .action(async (id: string, keys: string, options: CallsOptions) =>
      onExit(await pressKeys(id, keys, options, context)),
    );
}

function parseSide(text: string): Side {
  const side = SIDES.find((known) => known === text);
  if (side === undefined) {
    throw new InvalidArgumentError(`Expected ${SIDES.join(" or ")}.`);
  }
  return side;
}

function parseAction(text: string): RecordAction {
  const action = ACTIONS.find((known) => known === text);
  if (action === undefined) {
    throw new InvalidArgumentError(`Expected one of ${ACTIONS.join(", ")}.`);
  }
  return action;
}

function parseKeys(text: string): string {
  if (!DIGITS.test(text)) {
    throw new InvalidArgumentError("Expected 1 to 64 of 0-9, *, # and A-D.");
  }
  return text;
}
