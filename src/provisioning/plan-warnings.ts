/** What to know before a plan is applied: quotas of the account, and what will cost. */
import type { Account } from "./trunk-account.ts";
import type { TrunkStep } from "./trunk-plan.ts";
import type { Provision } from "./trunk-wish.ts";

/** Quotas of a new account (AWS General Reference, "Amazon Chime SDK endpoints and quotas", autumn 2026). */
export const DEFAULT_QUOTAS = {
  connectorsOfRegion: 3,
  groups: 3,
  connectorsOfGroup: 3,
  numbers: 5,
  callsPerSecond: 1,
  calls: 10,
} as const;

const CALLS_WARNING =
  `a new account takes ${DEFAULT_QUOTAS.callsPerSecond} new call a second for each connector, and ` +
  `${DEFAULT_QUOTAS.calls} calls at a time in all`;

/** Sentences; none where nothing is to be said. */
export function planWarnings(
  provision: Provision,
  account: Account,
  steps: readonly TrunkStep[],
): readonly string[] {
  return [
    ...connectorWarnings(provision, account),
    ...groupWarnings(provision, account),
    ...(steps.some(({ kind }) => kind === "createConnector") ? [CALLS_WARNING] : []),
    ...provision.connectors.flatMap(({ key, termination, kind }) => [
      ...((termination?.callsPerSecond ?? 0) > DEFAULT_QUOTAS.callsPerSecond
        ? [
            `connector ${key}: ${termination?.callsPerSecond} calls a second need a higher quota; a new account has ${DEFAULT_QUOTAS.callsPerSecond}`,
          ]
        : []),
      ...(kind === "callTransfer" && steps.some((step) => isCreateOf(step, key))
        ? [
            `connector ${key}: transfer connectors are a gated feature (quota L-2BE4D75F, 0 at first): ask your AWS account team`,
          ]
        : []),
    ]),
    ...numberWarnings(account, steps),
  ];
}

function isCreateOf(step: TrunkStep, key: string): boolean {
  return step.kind === "createConnector" && step.key === key;
}

function connectorWarnings(provision: Provision, account: Account): readonly string[] {
  const regions = new Map<string, number>();
  for (const { region } of provision.connectors) {
    regions.set(region, (regions.get(region) ?? account.otherConnectors[region] ?? 0) + 1);
  }
  const quota = DEFAULT_QUOTAS.connectorsOfRegion;
  return [...regions]
    .filter(([, count]) => count > quota)
    .map(
      ([region, count]) =>
        `${count} Voice Connectors in ${region} need a higher quota; a new account has ${quota}`,
    );
}

function groupWarnings(provision: Provision, account: Account): readonly string[] {
  const { groups, connectorsOfGroup } = DEFAULT_QUOTAS;
  const count = provision.groups.length + account.otherGroups;
  return [
    ...(provision.groups.length > 0 && count > groups
      ? [`${count} groups need a higher quota; a new account has ${groups}`]
      : []),
    ...provision.groups
      .filter(({ connectors }) => connectors.length > connectorsOfGroup)
      .map(
        ({ key }) => `group ${key}: more than ${connectorsOfGroup} connectors need a higher quota`,
      ),
  ];
}

function numberWarnings(account: Account, steps: readonly TrunkStep[]): readonly string[] {
  const ordered = steps.reduce(
    (sum, step) =>
      step.kind !== "orderNumbers"
        ? sum
        : sum + ("prefix" in step.wanted ? step.wanted.count : step.wanted.length),
    0,
  );
  const total = ordered + account.numbers.length;
  const many = ordered === 1 ? "1 number is" : `${ordered} numbers are`;
  return ordered === 0
    ? []
    : [
        `${many} ordered: each costs money every month until it is released, and every minute of its calls`,
        ...(total > DEFAULT_QUOTAS.numbers
          ? [`${total} numbers need a higher quota; a new account has ${DEFAULT_QUOTAS.numbers}`]
          : []),
      ];
}
