/** `trunkline flows …`: templates filled in, checked, compared with the instance, and published. */
import { loadConfig } from "../app/config.ts";
import { awsAccess } from "../app/config-aws.ts";
import { connectorArns } from "../app/connect-connectors.ts";
import {
  CONNECT_FILE,
  findingLines,
  type LoadedConnectWish,
  lintFile,
  lintWish,
  loadConnectWish,
} from "../app/load-connect-wish.ts";
import type { Random } from "../core/random.ts";
import { configInvalid } from "../core/schema-problems.ts";
import type { ConnectPlan } from "../provisioning/connect-plan.ts";
import type { ConnectPublisher, PublishOutcome } from "../provisioning/connect-publisher.ts";
import type { FlowFinding } from "../provisioning/flow-language/finding.ts";
import { renderFlow } from "../provisioning/flow-template.ts";
import { exampleValues } from "../provisioning/flow-values.ts";
import type { CommandContext, ExitCode } from "./context.ts";
import type { FlowsOptions } from "./flows-commands.ts";
import { printPlan, printRefused } from "./flows-output.ts";

/** What the command runs on. */
export interface FlowsContext
  extends Pick<CommandContext, "output" | "environment" | "files" | "clock"> {
  readonly random: Random;
}

interface Run {
  readonly options: FlowsOptions;
  readonly context: FlowsContext;
  readonly loaded: LoadedConnectWish;
  readonly region: string;
  readonly publisher: () => Promise<ConnectPublisher>;
}

/** The API of Amazon Connect takes two of a kind in a second. */
const SPACING_MS = 500;

/** @throws GatewayError CONFIG_INVALID, PROVISION_REFUSED, PROVISION_UNREACHABLE. */
export async function runFlows(options: FlowsOptions, context: FlowsContext): Promise<ExitCode> {
  if (options.action === "validate" && options.names.length > 0) {
    return validateFiles(options, context);
  }
  const run = prepare(options, context);
  const findings = lintWish(run.loaded, run.region);
  const isWrong = findings.some(({ severity }) => severity === "error");
  if (options.action === "validate" || isWrong) {
    return tellFindings(findings, run.loaded.flows.length, { options, context });
  }
  switch (options.action) {
    case "render":
      return await render(run);
    case "plan":
      return await plan(run);
    case "publish":
      return await publish(run);
  }
}

function prepare(options: FlowsOptions, context: FlowsContext): Run {
  const { config } = loadConfig({
    file: options.config,
    environment: context.environment,
    files: context.files,
  });
  const read = loadConnectWish(options.wish ?? CONNECT_FILE, context.files);
  const connectorBlock = options.spelling ?? read.wish.connectorBlock;
  const loaded = { ...read, wish: { ...read.wish, connectorBlock } };
  const { region } = config.aws;
  return {
    options,
    context,
    loaded,
    region,
    publisher: async () => {
      const { ConnectPublisher } = await import("../provisioning/connect-publisher.ts");
      return new ConnectPublisher({
        access: awsAccess(config.aws),
        wish: loaded.wish,
        flows: loaded.flows,
        connectors: connectorArns(config, loaded.wish.accountId, context),
        clock: context.clock,
        random: context.random,
        spacingMs: SPACING_MS,
        onProgress: (line) => context.output.note(line),
      });
    },
  };
}

function validateFiles(options: FlowsOptions, context: FlowsContext): ExitCode {
  const { config } = loadConfig({
    file: options.config,
    environment: context.environment,
    files: context.files,
  });
  const { region } = config.aws;
  const wish = options.wish ?? CONNECT_FILE;
  const isThere = options.wish !== undefined || context.files.exists(wish);
  const read = isThere ? loadConnectWish(wish, context.files) : undefined;
  const loaded = read && {
    ...read,
    wish: { ...read.wish, connectorBlock: options.spelling ?? read.wish.connectorBlock },
  };
  const findings = options.names.flatMap((file) =>
    lintFile(file, context.files, { loaded, region }),
  );
  return tellFindings(findings, options.names.length, { options, context });
}

function tellFindings(
  findings: readonly FlowFinding[],
  count: number,
  { options, context }: Pick<Run, "options" | "context">,
): ExitCode {
  const isWrong = findings.some(({ severity }) => severity === "error");
  const { output } = context;
  if (options.json) {
    output.json({ valid: !isWrong, findings });
  } else {
    for (const line of findingLines(findings)) {
      output.data(line);
    }
    const flows = count === 1 ? "1 flow" : `${count} flows`;
    output.note(isWrong ? `${flows}: not as they should be` : `${flows}: nothing wrong`);
  }
  return isWrong ? 1 : 0;
}

async function render({ options, context, loaded, region, publisher }: Run): Promise<ExitCode> {
  const { wish, flows } = loaded;
  const unknown = options.names.filter((name) => !flows.some(({ key }) => key === name));
  if (unknown.length > 0) {
    const known = flows.map(({ key }) => key).join(", ");
    throw configInvalid([`${loaded.file}  has no flow "${unknown.join(", ")}"; it has: ${known}`]);
  }
  const wanted = flows.filter(
    ({ key }) => options.names.length === 0 || options.names.includes(key),
  );
  const contents =
    options.offline === true
      ? new Map(
          wanted.map(({ key, template }) => [
            key,
            renderFlow(template, exampleValues(wish, region), wish.connectorBlock),
          ]),
        )
      : await (await publisher()).render();
  const rendered = Object.fromEntries(
    wanted.map(({ key }) => [key, JSON.parse(contents.get(key) ?? "{}") as unknown]),
  );
  const [only] = wanted;
  context.output.json(wanted.length === 1 && only !== undefined ? rendered[only.key] : rendered);
  return 0;
}

async function plan({ options, context, publisher }: Run): Promise<ExitCode> {
  const found: ConnectPlan = await (await publisher()).plan();
  printPlan(found, context.output, options);
  return found.blocks.length > 0 ? 1 : 0;
}

async function publish({ options, context, publisher }: Run): Promise<ExitCode> {
  const made = await publisher();
  const found = await made.plan();
  const { output } = context;
  if (!options.json) {
    printPlan(found, output, options);
  }
  if (found.blocks.length > 0) {
    if (options.json) {
      output.json({ ...jsonOf(found), done: 0, refused: [] });
    }
    return 1;
  }
  const outcome: PublishOutcome =
    found.steps.length === 0 ? { done: 0, refused: [] } : await made.publish();
  if (options.json) {
    const refused = outcome.refused.map(({ flow, problems }) => ({ flow: flow.key, problems }));
    output.json({ ...jsonOf(found), done: outcome.done, refused });
  } else {
    printRefused(outcome.refused, output);
  }
  return outcome.refused.length > 0 ? 1 : 0;
}

function jsonOf({ steps, blocks }: ConnectPlan) {
  return { steps: steps.map(({ kind }) => kind), blocks };
}
