/** `trunkline trunks …`: compares the account with the file, says the difference, and mends it. */
import { loadConfig } from "../app/config.ts";
import { awsAccess } from "../app/config-aws.ts";
import { connectorsFileOf, connectorsFileText } from "../app/connectors-file.ts";
import { loadProvision } from "../app/load-provision.ts";
import type { Random } from "../core/random.ts";
import { configInvalid } from "../core/schema-problems.ts";
import type { Account } from "../provisioning/trunk-account.ts";
import type { RunOutcome } from "../provisioning/trunk-executor.ts";
import { nothingOf, type TrunkPlan } from "../provisioning/trunk-plan.ts";
import type { TrunkProvisioner } from "../provisioning/trunk-provisioner.ts";
import type { Provision } from "../provisioning/trunk-wish.ts";
import type { CommandContext, ExitCode } from "./context.ts";
import type { Terminal } from "./terminal.ts";
import type { TrunksOptions } from "./trunks-commands.ts";
import { printOutcome, printPlan, printShow, type ShowOptions } from "./trunks-output.ts";

/** What the command runs on. */
export interface TrunksContext
  extends Pick<CommandContext, "output" | "environment" | "files" | "clock"> {
  readonly random: Random;
  readonly terminal: Terminal;
  /** Writes a file as a whole. */
  readonly writeText: (path: string, text: string) => void;
}

/** One run, all that it works on. */
interface Run {
  readonly options: TrunksOptions;
  readonly context: TrunksContext;
  readonly provision: Provision;
  readonly provisioner: TrunkProvisioner;
  readonly trunksFile: string;
}

/** Between two calls of the service: five a second, so that others of the account get their share. */
const SPACING_MS = 200;
const ORDER_LIMIT_MS = 600_000;

/** @throws GatewayError CONFIG_INVALID, PROVISION_REFUSED, PROVISION_UNREACHABLE. */
export async function runTrunks(options: TrunksOptions, context: TrunksContext): Promise<ExitCode> {
  const run = await prepare(options, context);
  switch (options.action) {
    case "plan":
      return plan(run);
    case "apply":
      return change(run, run.provision);
    case "destroy":
      return change(run, nothingOf(run.provision));
    case "show":
      return show(run);
    case "numbers":
      return numbers(run);
  }
}

async function prepare(options: TrunksOptions, context: TrunksContext): Promise<Run> {
  const { config } = loadConfig({
    file: options.config,
    environment: context.environment,
    files: context.files,
  });
  const provision = loadProvision(config, context);
  if (provision === undefined) {
    const text = "has no part `provision`, so there is nothing to provision";
    throw configInvalid([`${config.trunks}  ${text}`]);
  }
  // The client of AWS is loaded by those who need it only.
  const { TrunkProvisioner } = await import("../provisioning/trunk-provisioner.ts");
  const { clock, random, output } = context;
  const provisioner = new TrunkProvisioner({
    access: awsAccess(config.aws),
    provision,
    clock,
    random,
    spacingMs: SPACING_MS,
    orderLimitMs: ORDER_LIMIT_MS,
    onProgress: (line) => output.note(line),
  });
  return { options, context, provision, provisioner, trunksFile: config.trunks };
}

async function plan(run: Run): Promise<ExitCode> {
  const account = await run.provisioner.read();
  const found = planOf(run, run.provision, account);
  printPlan(found, run.context.output, run.options);
  return found.blocks.length > 0 ? 1 : 0;
}

async function change(run: Run, wanted: Provision): Promise<ExitCode> {
  const { options, context, provisioner } = run;
  const { output } = context;
  const account = await provisioner.read();
  const found = planOf(run, wanted, account);
  if (!options.json) {
    printPlan(found, output, options);
  }
  if (found.blocks.length > 0) {
    printOutcome({ plan: found, outcome: undefined, reason: "blocked" }, output, options);
    return 1;
  }
  if (!(await mayGoOn(run, found))) {
    printOutcome({ plan: found, outcome: undefined, reason: "notConfirmed" }, output, options);
    return 1;
  }
  const outcome = await provisioner.run(found, wanted, account);
  printOutcome({ plan: found, outcome, reason: undefined }, output, options);
  await leaveConnectors(run, found, outcome, account);
  if (options.action === "apply" && !options.json && outcome.failures.length === 0) {
    printShow(await showOf(run), output, options);
  }
  return outcome.failures.length > 0 ? 1 : 0;
}

function planOf({ provisioner, options }: Run, wanted: Provision, account: Account): TrunkPlan {
  return provisioner.plan(wanted, account, {
    rotate: options.rotate === true,
    releaseNumbers: options.action === "destroy" && options.releaseNumbers === true,
  });
}

/** Somebody must say yes to what cannot be undone. */
async function mayGoOn({ options, context, provisioner }: Run, found: TrunkPlan): Promise<boolean> {
  const count = provisioner.destructiveSteps(found);
  if (count === 0 || options.yes === true) {
    return true;
  }
  const { terminal, output } = context;
  if (!terminal.isInteractive) {
    output.fail("something would be taken away (lines with -): repeat with --yes to do so");
    return false;
  }
  const what = count === 1 ? "1 step takes" : `${count} steps take`;
  const answer = await terminal.ask(`${what} something away. Go on? Type yes: `);
  return answer.trim().toLowerCase() === "yes";
}

/** The gateway finds connectors by key in a file beside the trunks; it is written only when it says something new. */
async function leaveConnectors(
  run: Run,
  found: TrunkPlan,
  outcome: RunOutcome,
  before: Account,
): Promise<void> {
  if (outcome.stoppedAt === undefined) {
    const isChanged = found.steps.length > 0;
    writeConnectors(run, isChanged ? await run.provisioner.read() : before);
  }
}

function writeConnectors({ context, provision, trunksFile }: Run, account: Account): void {
  const file = connectorsFileOf(trunksFile);
  const connectors = account.connectors.map(({ key, id, hostName, region }) => ({
    key,
    id,
    host: hostName,
    region,
  }));
  const text = connectorsFileText(provision.deployment, connectors);
  if (!context.files.exists(file) || context.files.read(file) !== text) {
    context.writeText(file, text);
    context.output.note(`wrote ${file}`);
  }
}

async function show(run: Run): Promise<ExitCode> {
  printShow(await showOf(run), run.context.output, run.options);
  if (run.options.write === true) {
    writeConnectors(run, await run.provisioner.read());
  }
  return 0;
}

async function showOf({ provisioner, trunksFile, provision }: Run): Promise<ShowOptions> {
  const account = await provisioner.read();
  return { account, health: await provisioner.health(account), trunksFile, provision };
}

async function numbers({ options, context, provisioner }: Run): Promise<ExitCode> {
  const found = await provisioner.search({
    country: "US",
    type: options.tollFree === true ? "tollFree" : "local",
    prefix: options.prefix ?? "",
    count: 20,
  });
  if (options.json) {
    context.output.json(found);
    return 0;
  }
  for (const number of found) {
    context.output.data(number);
  }
  context.output.note(
    found.length === 0
      ? "none is free: try another prefix"
      : 'write those you want into numbers: of a connector, in quotes, such as "+1…"; apply orders them',
  );
  return 0;
}
