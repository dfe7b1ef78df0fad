/** The commands that look and change nothing: doctor, check-config, schema. */
import { type Command, InvalidArgumentError } from "commander";
import { isEndpoint } from "../app/pasted-request.ts";
import { jsonSchema, SCHEMA_NAMES, type SchemaName } from "../app/schemas.ts";
import { type CheckConfigOptions, checkConfig } from "./check-config.ts";
import { CONFIG_FLAG, CONFIG_HELP, JSON_HELP } from "./common-options.ts";
import type { CommandContext, ExitCode } from "./context.ts";
import { type DoctorOptions, doctor } from "./doctor.ts";
import { type ExplainCommandOptions, explain } from "./explain.ts";

/** Adds them to the program; `onExit` hears the exit code of the one that ran. */
export function addInspection(
  program: Command,
  context: CommandContext,
  onExit: (code: ExitCode) => void,
): void {
  program
    .command("doctor")
    .description("check configuration, ports, models and limits, and say what to change")
    .option(CONFIG_FLAG, CONFIG_HELP)
    .option("--explain <file>", "say what becomes of the INVITE in a file (- for a pipe), and why")
    .option(
      "--from <address>",
      "with --explain: where it comes from, ADDRESS or ADDRESS:PORT",
      parseEndpoint,
    )
    .option(
      "--security-group <ids>",
      "also compare these security groups of EC2 (sg-…, several with commas) with what must come in",
      parseGroups,
    )
    .option("--json", JSON_HELP, false)
    .action(async ({ explain: file, ...options }: DoctorOptions & Partial<ExplainCommandOptions>) =>
      onExit(
        file === undefined
          ? await doctor(options, context)
          : explain({ ...options, explain: file }, context),
      ),
    );
  program
    .command("check-config")
    .description(
      "check the configuration, the flows, the trunks and the routes, with line and column",
    )
    .argument("[file]", "the same as --config")
    .option(CONFIG_FLAG, CONFIG_HELP)
    .option("--json", JSON_HELP, false)
    .action((file: string | undefined, options: CheckConfigOptions) =>
      onExit(checkConfig({ ...options, config: file ?? options.config }, context)),
    );
  program
    .command("schema")
    .description("print the JSON Schema of a file, for editors and other tools")
    .addArgument(schemaArgument(program))
    .option("--json", "the same: a schema is JSON", false)
    .action((name: SchemaName) => context.output.json(jsonSchema(name)));
}

function parseEndpoint(text: string): string {
  if (!isEndpoint(text)) {
    throw new InvalidArgumentError("Expected an address such as 203.0.113.9 or 203.0.113.9:5060.");
  }
  return text;
}

function parseGroups(text: string): readonly string[] {
  const ids = text.split(",");
  if (!ids.every((id) => /^sg-[0-9a-f]{8,17}$/.test(id))) {
    throw new InvalidArgumentError("Expected sg-… with 8 to 17 hexadecimal digits.");
  }
  return ids;
}

function schemaArgument(program: Command) {
  return program
    .createArgument("[name]", "gateway.yaml, a file of flows/, or a file of sip-config/")
    .choices(SCHEMA_NAMES)
    .default("gateway");
}
