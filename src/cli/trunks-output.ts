/** What `trunkline trunks` prints: plans like a diff, outcomes, and what a trunk entry of the gateway needs. */

import { type PlanLine, planLines } from "../provisioning/plan-text.ts";
import type { Account } from "../provisioning/trunk-account.ts";
import type { RunOutcome } from "../provisioning/trunk-executor.ts";
import type { TrunkPlan } from "../provisioning/trunk-plan.ts";
import type { Provision } from "../provisioning/trunk-wish.ts";
import { type Output, type Tone, table } from "./output.ts";

/** How it is printed. */
export interface Printing {
  readonly json: boolean;
}

/** How a change ended; no outcome: it was not begun. */
export interface ChangeEnd {
  readonly plan: TrunkPlan;
  readonly outcome: RunOutcome | undefined;
  readonly reason: "blocked" | "notConfirmed" | undefined;
}

/** What there is. */
export interface ShowOptions {
  readonly account: Account;
  /** Id of a connector → when it last heard an OPTIONS of ours, in words. */
  readonly health: ReadonlyMap<string, string>;
  readonly trunksFile: string;
  readonly provision: Provision;
}

const TONES: Readonly<Record<PlanLine["mark"], Tone | undefined>> = {
  "+": "good",
  "~": "warning",
  "-": "bad",
  "!": "warning",
  " ": undefined,
};

/** A plan as lines, or as data. */
export function printPlan(plan: TrunkPlan, output: Output, { json }: Printing): void {
  if (json) {
    output.json(plan);
    return;
  }
  for (const { mark, text } of planLines(plan)) {
    const tone = TONES[mark];
    output.data(tone === undefined ? `${mark} ${text}` : `${output.tint(tone, mark)} ${text}`);
  }
}

/** What was done, and what was not. */
export function printOutcome(
  { plan, outcome, reason }: ChangeEnd,
  output: Output,
  { json }: Printing,
): void {
  const failures = outcome?.failures ?? [];
  if (json) {
    output.json({
      ...plan,
      done: outcome?.done ?? 0,
      failures,
      stoppedBecause: reason ?? (outcome?.stoppedAt === undefined ? null : "refused"),
    });
    return;
  }
  for (const { subject, number, reason: why } of failures) {
    output.fail(`failed: ${subject}${number === undefined ? "" : `, ${number}`}: ${why}`);
  }
  const last = lastWord({ plan, outcome, reason });
  if (last !== undefined) {
    output.note(last);
  }
}

function lastWord({ plan, outcome, reason }: ChangeEnd): string | undefined {
  if (reason !== undefined) {
    const why =
      reason === "blocked" ? "something stands in the way (lines with !)" : "it was not confirmed";
    return `nothing was changed: ${why}`;
  }
  const { length } = plan.steps;
  const isWhole = outcome?.failures.length === 0;
  const rest = isWhole ? "" : "; apply again when the cause is gone: it goes on from here";
  return length === 0 ? undefined : `${outcome?.done ?? 0} of ${length} steps done${rest}`;
}

/** Connectors, groups and numbers, and what trunk entries name. */
export function printShow(
  { account, health, trunksFile, provision }: ShowOptions,
  output: Output,
  { json }: Printing,
): void {
  const connectors = account.connectors.map((connector) => ({
    key: connector.key,
    id: connector.id,
    arn: connector.arn,
    host: connector.hostName,
    region: connector.region,
    kind: connector.kind,
    encryption: connector.encryption,
    networks: `voice-connector:${connector.region}`,
    lastPing: health.get(connector.id) ?? "none",
    numbers: numbersOf(connector.id, account),
  }));
  const groups = account.groups.map(({ key, id }) => ({
    key,
    id,
    numbers: numbersOf(id, account),
  }));
  if (json) {
    output.json({ deployment: provision.deployment, connectors, groups });
    return;
  }
  const rows = connectors.map(({ key, kind, host, networks, encryption, lastPing, numbers }) => [
    key,
    kind,
    host,
    networks,
    encryption ? "TLS and SRTP" : "not encrypted",
    `last OPTIONS ${lastPing}`,
    numbers.join(" "),
  ]);
  for (const line of table([
    ...rows,
    ...groups.map(({ key, numbers }) => [key, "group", ...numbers]),
  ])) {
    output.data(line);
  }
  const [first] = connectors;
  if (first === undefined) {
    output.note("nothing of ours is in the account");
    return;
  }
  output.note(`a trunk of the gateway in ${trunksFile} needs no more than:`);
  output.note(`  trunks:\n    - { name: ${first.key}, connector: ${first.key} }`);
}

function numbersOf(id: string, { numbers }: Account): readonly string[] {
  return numbers.filter(({ ownerId }) => ownerId === id).map(({ number }) => number);
}
