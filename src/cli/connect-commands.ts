/** `trunkline connect …`: contacts and numbers of Amazon Connect, and their options. */
import { type Command, InvalidArgumentError } from "commander";
import { CONFIG_FLAG, CONFIG_HELP, JSON_HELP } from "./common-options.ts";
import type { ExitCode } from "./context.ts";

/** What every action has. */
export interface ConnectOptions {
  readonly config?: string | undefined;
  readonly json: boolean;
  /** Absent: `connect.instanceId`. */
  readonly instance?: string | undefined;
}

/** One thing to do. */
export type ConnectRequest = ConnectOptions &
  (
    | {
        readonly action: "call";
        readonly number: string;
        readonly flow: string;
        readonly queue?: string | undefined;
        readonly source?: string | undefined;
        readonly attribute: readonly (readonly [string, string])[];
        readonly ring?: number | undefined;
      }
    | { readonly action: "describe"; readonly contactId: string; readonly attributes: boolean }
    | { readonly action: "stop"; readonly contactId: string }
    | { readonly action: "numbers" }
  );

/** Runs one. */
export type RunConnect = (request: ConnectRequest) => Promise<ExitCode>;

interface CallGiven extends ConnectOptions {
  readonly flow: string;
  readonly queue?: string;
  readonly source?: string;
  readonly attribute: readonly (readonly [string, string])[];
  readonly ring?: number;
}

const E164 = /^\+[1-9]\d{6,14}$/;

/** Adds the commands; `onExit` hears the exit code of the one that ran. */
export function addConnect(
  program: Command,
  run: RunConnect,
  onExit: (code: ExitCode) => void,
): void {
  const connect =
    program.commands.find((command) => command.name() === "connect") ??
    program.command("connect").description("contacts and numbers of Amazon Connect");
  const add = (name: string, description: string): Command =>
    connect
      .command(name)
      .description(description)
      .option("--instance <id>", "id of the instance; else connect.instanceId")
      .option(CONFIG_FLAG, CONFIG_HELP)
      .option("--json", JSON_HELP, false);
  add("call", "have Amazon Connect call somebody, and run a contact flow when they answer")
    .argument("<number>", "in E.164, such as +12065550123", parseNumber)
    .requiredOption("--flow <flow>", "contact flow: its name, id or ARN")
    .option("--queue <queue>", "queue whose caller id is shown: its name, id or ARN")
    .option("--source <number>", "claimed number that is shown in its place", parseNumber)
    .option("--attribute <name=value>", "of the contact; may be repeated", collectAttribute, [])
    .option("--ring <seconds>", "how long it may ring: 15 to 60", parseRing)
    .action(async (number: string, options: CallGiven) =>
      onExit(await run({ ...options, action: "call", number })),
    );
  add("describe", "what a contact is now")
    .argument("<contact-id>", "its id", parseContact)
    .option("--attributes", "its attributes, too", false)
    .action(async (contactId: string, options: ConnectOptions & { attributes: boolean }) =>
      onExit(await run({ ...options, action: "describe", contactId })),
    );
  add("stop", "end a contact")
    .argument("<contact-id>", "its id", parseContact)
    .action(async (contactId: string, options: ConnectOptions) =>
      onExit(await run({ ...options, action: "stop", contactId })),
    );
  add("numbers", "the numbers that are claimed for the instance").action(
    async (options: ConnectOptions) => onExit(await run({ ...options, action: "numbers" })),
  );
}

function parseNumber(text: string): string {
  if (!E164.test(text)) {
    throw new InvalidArgumentError("Expected a number in E.164, such as +12065550123.");
  }
  return text;
}

function parseContact(text: string): string {
  if (!/^[0-9A-Za-z-]{1,256}$/.test(text)) {
    throw new InvalidArgumentError("Expected the id of a contact.");
  }
  return text;
}

function parseRing(text: string): number {
  const seconds = Number(text);
  if (!Number.isInteger(seconds) || seconds < 15 || seconds > 60) {
    throw new InvalidArgumentError("Expected 15 to 60.");
  }
  return seconds;
}

function collectAttribute(
  text: string,
  before: readonly (readonly [string, string])[],
): readonly (readonly [string, string])[] {
  const [, name, value] = /^([A-Za-z0-9_-]{1,64})=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new InvalidArgumentError("Expected name=value; a name has letters, digits, _ and -.");
  }
  return [...before, [name, value]];
}
