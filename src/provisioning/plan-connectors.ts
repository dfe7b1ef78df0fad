/** The steps for Voice Connectors: made, changed in place, never replaced silently. */
import { type FieldChange, fieldChanges } from "./field-changes.ts";
import type { Account, AccountConnector } from "./trunk-account.ts";
import type { ConnectorSetting, PlanBlock, PlanOptions, TrunkStep } from "./trunk-plan.ts";
import {
  type ConnectorWish,
  DEPLOYMENT_TAG,
  KEY_TAG,
  type OriginationWish,
  type Provision,
  type TerminationWish,
} from "./trunk-wish.ts";

/** What is done for one connector, and what cannot be. */
export interface PlannedConnector {
  readonly steps: readonly TrunkStep[];
  readonly blocks: readonly PlanBlock[];
}

type Options = PlanOptions & { readonly deployment: string };

/** In the order in which the service needs them: a password belongs to a termination. */
const SETTINGS = ["logging", "origination", "termination", "streaming", "externalSystems"] as const;

/** What cannot be changed once a connector is made. */
const FIXED = ["region", "kind", "network"] as const;

/** Compares a wish with the connector of its key, if there is one. */
export function planConnector(
  wish: ConnectorWish,
  found: AccountConnector | undefined,
  options: Options,
): PlannedConnector {
  const { key } = wish;
  const fixed = found === undefined ? [] : fieldChanges(pick(found, FIXED), pick(wish, FIXED));
  if (fixed.length > 0) {
    return { steps: [], blocks: [replacementBlock(key, fixed)] };
  }
  const tags = tagsOf(wish, options.deployment);
  const settings = SETTINGS.flatMap((setting) => settingSteps(key, setting, found, wish));
  const passwords = passwordSteps(wish, found, options);
  return {
    blocks: [],
    steps: [...identitySteps(wish, found, tags), ...settings, ...passwords],
  };
}

/** Connectors of ours that the YAML no longer names. */
export function planLeftConnectors(provision: Provision, account: Account): readonly TrunkStep[] {
  const wanted = new Set(provision.connectors.map(({ key }) => key));
  return account.connectors
    .filter(({ key }) => !wanted.has(key))
    .map(({ key, id }) => ({ kind: "deleteConnector" as const, key, id }));
}

/** All tags that a connector carries from the beginning. */
export function tagsOf(wish: ConnectorWish, deployment: string): Readonly<Record<string, string>> {
  return { ...wish.tags, [DEPLOYMENT_TAG]: deployment, [KEY_TAG]: wish.key };
}

/** A setting as it is compared: lists whose order means nothing are sorted, "nothing" is absent. */
export function comparable(setting: ConnectorSetting, value: unknown): unknown {
  switch (setting) {
    case "origination":
      return value === undefined ? undefined : sortedOrigination(value as OriginationWish);
    case "termination":
      return value === undefined ? undefined : sortedTermination(value as TerminationWish);
    case "streaming":
      return withSortedLists(value);
    case "externalSystems":
      return isWithoutEntries(value) ? undefined : withSortedLists(value);
    default:
      return value;
  }
}

function identitySteps(
  wish: ConnectorWish,
  found: AccountConnector | undefined,
  tags: Readonly<Record<string, string>>,
): readonly TrunkStep[] {
  const { key } = wish;
  const shape = pick(wish, ["name", ...FIXED, "encryption"]);
  if (found === undefined) {
    return [{ kind: "createConnector", key, changes: fieldChanges(undefined, { ...shape, tags }) }];
  }
  const changes = fieldChanges(
    pick(found, ["name", "encryption"]),
    pick(wish, ["name", "encryption"]),
  );
  const missing = Object.entries(tags).filter(([tag, value]) => found.tags[tag] !== value);
  const before = Object.fromEntries(missing.map(([tag]) => [tag, found.tags[tag]]));
  const after = Object.fromEntries(missing);
  return [
    ...(changes.length === 0 ? [] : [{ kind: "updateConnector" as const, key, changes }]),
    ...(missing.length === 0
      ? []
      : [
          { kind: "tagConnector" as const, key, tags: after, changes: fieldChanges(before, after) },
        ]),
  ];
}

function settingSteps(
  key: string,
  setting: ConnectorSetting,
  found: AccountConnector | undefined,
  wish: ConnectorWish,
): readonly TrunkStep[] {
  const nothing = setting === "logging" ? { sip: false, media: false } : undefined;
  const before = comparable(setting, found === undefined ? nothing : found[setting]);
  const after = comparable(setting, wish[setting]);
  const changes = fieldChanges(before, after);
  if (changes.length === 0 && (before === undefined) === (after === undefined)) {
    return [];
  }
  return [
    after === undefined
      ? { kind: "deleteSetting", key, setting, changes }
      : { kind: "putSetting", key, setting, changes },
  ];
}

/** Passwords cannot be read back: their fingerprint says whether they are still those. */
function passwordSteps(
  { key, credentials, termination }: ConnectorWish,
  found: AccountConnector | undefined,
  { arePasswordsOf, rotate }: Options,
): readonly TrunkStep[] {
  const wanted = credentials.map(({ username }) => username);
  const known = found?.usernames ?? [];
  const extra = known.filter((username) => !wanted.includes(username));
  const missing = wanted.filter((username) => !known.includes(username));
  const mark = found?.passwordsMark;
  const isSame = mark !== undefined && arePasswordsOf(mark, credentials);
  const mustPut = wanted.length > 0 && (rotate || missing.length > 0 || !isSame);
  const changes: FieldChange[] = wanted.map((username) => ({
    field: `password of ${username}`,
    before: known.includes(username) ? "another, or unknown" : undefined,
    after: "as configured",
  }));
  // A termination that goes takes its passwords along.
  const mustDelete = extra.length > 0 && termination !== undefined;
  return [
    ...(mustPut ? [{ kind: "putPasswords" as const, key, changes }] : []),
    ...(mustDelete
      ? [
          {
            kind: "deletePasswords" as const,
            key,
            usernames: extra,
            changes: extra.map((username) => ({ field: `password of ${username}`, before: "set" })),
          },
        ]
      : []),
  ];
}

function replacementBlock(key: string, changes: readonly FieldChange[]): PlanBlock {
  const what = changes
    .map(({ field, before, after }) => `${field} is ${before}, wanted ${after}`)
    .join("; ");
  return {
    subject: `connector ${key}`,
    problem: `${what}: that cannot be changed in place`,
    advice:
      "write a second connector under a new key, apply, move numbers and trunks to it, then take the old key out",
  };
}

function pick<T extends object, K extends keyof T>(value: T, names: readonly K[]): Pick<T, K> {
  return Object.fromEntries(names.map((name) => [name, value[name]])) as Pick<T, K>;
}

function sortedOrigination({ disabled, routes }: OriginationWish): OriginationWish {
  const order = ({ priority, host, port, transport, weight }: (typeof routes)[number]): string =>
    [String(priority).padStart(3, "0"), host, port, transport, weight].join(" ");
  const sorted = routes.map(({ host, port, transport, priority, weight }) => ({
    host,
    port,
    transport,
    priority,
    weight,
  }));
  return { disabled, routes: sorted.sort((one, other) => (order(one) < order(other) ? -1 : 1)) };
}

function sortedTermination({
  disabled,
  networks,
  callsPerSecond,
  countries,
  defaultNumber,
}: TerminationWish): TerminationWish {
  return {
    disabled,
    networks: networks.map((text) => (text.includes("/") ? text : `${text}/32`)).sort(),
    callsPerSecond,
    countries: [...countries].sort(),
    defaultNumber,
  };
}

function withSortedLists(value: unknown): unknown {
  return typeof value !== "object" || value === null
    ? value
    : Object.fromEntries(
        Object.entries(value).map(([name, child]) => [
          name,
          Array.isArray(child) ? [...(child as readonly string[])].sort() : (child as unknown),
        ]),
      );
}

function isWithoutEntries(value: unknown): boolean {
  return Object.values(value ?? {}).every((child) => Array.isArray(child) && child.length === 0);
}
