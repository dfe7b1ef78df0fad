/** `trunkline connect …`: what was asked for on stdout, everything else on stderr. */
import { loadConfig } from "../app/config.ts";
import { awsAccess } from "../app/config-aws.ts";
import type { Random } from "../core/random.ts";
import { configInvalid } from "../core/schema-problems.ts";
import type { ConnectOperations, ContactView } from "../provisioning/connect-operations.ts";
import type { ConnectRequest } from "./connect-commands.ts";
import type { CommandContext, ExitCode } from "./context.ts";
import { table } from "./output.ts";

/** What the command runs on. */
export interface ConnectContext
  extends Pick<CommandContext, "output" | "environment" | "files" | "clock"> {
  readonly random: Random;
}

/** @throws GatewayError CONFIG_INVALID, PROVISION_REFUSED, PROVISION_UNREACHABLE. */
export async function runConnect(
  request: ConnectRequest,
  context: ConnectContext,
): Promise<ExitCode> {
  const operations = await operationsOf(request, context);
  switch (request.action) {
    case "call":
      return await call(request, operations, context);
    case "describe":
      return await describe(request, operations, context);
    case "stop":
      return await stop(request, operations, context);
    case "numbers":
      return await numbers(request, operations, context);
  }
}

async function operationsOf(
  { config: file, instance }: ConnectRequest,
  { environment, files, clock, random }: ConnectContext,
): Promise<ConnectOperations> {
  const { config } = loadConfig({ file, environment, files });
  const instanceId = instance ?? config.connect.instanceId;
  if (instanceId === undefined) {
    throw configInvalid(["connect.instanceId is missing: set it, or name one with --instance"]);
  }
  // The client of AWS is loaded by those who need it only.
  const { ConnectOperations: Operations } = await import("../provisioning/connect-operations.ts");
  return new Operations({ access: awsAccess(config.aws), instanceId, clock, random });
}

async function call(
  request: Extract<ConnectRequest, { action: "call" }>,
  operations: ConnectOperations,
  { output }: ConnectContext,
): Promise<ExitCode> {
  const { number, flow, queue, source, attribute, ring, json } = request;
  const contactId = await operations.call({
    number,
    flow,
    queue,
    source,
    attributes: Object.fromEntries(attribute),
    ringSeconds: ring,
  });
  if (json) {
    output.json({ contactId });
  } else {
    output.data(contactId);
    output.note(`it rings; trunkline connect describe ${contactId} says what becomes of it`);
  }
  return 0;
}

async function describe(
  request: Extract<ConnectRequest, { action: "describe" }>,
  operations: ConnectOperations,
  { output }: ConnectContext,
): Promise<ExitCode> {
  const view = await operations.describe(request.contactId, request.attributes);
  if (request.json) {
    output.json({ ...view.contact, ...(view.attributes && { Attributes: view.attributes }) });
    return 0;
  }
  for (const line of table(rowsOf(view))) {
    output.data(line);
  }
  return 0;
}

function rowsOf({ contact, attributes }: ContactView): readonly (readonly string[])[] {
  const time = (date: Date | undefined): string | undefined => date?.toISOString();
  const known: readonly (readonly [string, string | undefined])[] = [
    ["contact", contact.Id],
    ["initial contact", contact.InitialContactId],
    ["came from", contact.PreviousContactId],
    ["began by", contact.InitiationMethod],
    ["channel", contact.Channel],
    ["began", time(contact.InitiationTimestamp)],
    ["queue", contact.QueueInfo?.Id],
    ["agent", contact.AgentInfo?.Id],
    ["ended", time(contact.DisconnectTimestamp)],
    ["ended because", contact.DisconnectReason],
  ];
  return [
    ...known.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    ...Object.entries(attributes ?? {}).map(([name, value]) => [`attribute ${name}`, value]),
  ];
}

async function stop(
  { contactId, json }: Extract<ConnectRequest, { action: "stop" }>,
  operations: ConnectOperations,
  { output }: ConnectContext,
): Promise<ExitCode> {
  const outcome = await operations.stop(contactId);
  if (json) {
    output.json({ contactId, outcome });
  } else {
    output.note(outcome === "stopped" ? "stopped" : "it was over already");
  }
  return 0;
}

async function numbers(
  { json }: ConnectRequest,
  operations: ConnectOperations,
  { output }: ConnectContext,
): Promise<ExitCode> {
  const found = await operations.numbers();
  if (json) {
    output.json(found);
    return 0;
  }
  const rows = found.map((number) => [
    number.PhoneNumber ?? "",
    number.PhoneNumberType ?? "",
    number.PhoneNumberCountryCode ?? "",
    number.PhoneNumberDescription ?? "",
  ]);
  for (const line of table(rows)) {
    output.data(line);
  }
  if (found.length === 0) {
    output.note("none is claimed: claim one in the console of Amazon Connect");
  }
  return 0;
}
