/** What has to be done so that an account is as it shall be: a pure function of both, in the order of doing. */

import type { FieldChange } from "./field-changes.ts";
import { planConnector, planLeftConnectors } from "./plan-connectors.ts";
import { planGroups, planLeftGroups } from "./plan-groups.ts";
import { planNumbers, planReleases } from "./plan-numbers.ts";
import { planWarnings } from "./plan-warnings.ts";
import type { Account } from "./trunk-account.ts";
import type {
  ConnectorWish,
  CredentialWish,
  NumberOwner,
  NumberSearch,
  Provision,
} from "./trunk-wish.ts";

/** A setting of a connector that is put, or deleted, as a whole. */
export type ConnectorSetting =
  | "origination"
  | "termination"
  | "logging"
  | "streaming"
  | "externalSystems";

interface Shown {
  /** What is different, field by field; never a password. */
  readonly changes: readonly FieldChange[];
}

/** One deed. Passwords are in none: they are taken from the wish when they are put. */
export type TrunkStep =
  | ({ readonly kind: "createConnector"; readonly key: string } & Shown)
  | ({ readonly kind: "updateConnector"; readonly key: string } & Shown)
  | ({
      readonly kind: "tagConnector";
      readonly key: string;
      readonly tags: Readonly<Record<string, string>>;
    } & Shown)
  | ({
      readonly kind: "putSetting";
      readonly key: string;
      readonly setting: ConnectorSetting;
    } & Shown)
  | ({
      readonly kind: "deleteSetting";
      readonly key: string;
      readonly setting: ConnectorSetting;
    } & Shown)
  | ({ readonly kind: "putPasswords"; readonly key: string } & Shown)
  | ({
      readonly kind: "deletePasswords";
      readonly key: string;
      readonly usernames: readonly string[];
    } & Shown)
  | ({ readonly kind: "createGroup"; readonly key: string } & Shown)
  | ({ readonly kind: "updateGroup"; readonly key: string } & Shown)
  | {
      readonly kind: "orderNumbers";
      readonly owner: NumberOwner;
      /** Named numbers, or whichever a search finds. */
      readonly wanted: readonly string[] | NumberSearch;
    }
  | {
      readonly kind: "associateNumbers";
      readonly owner: NumberOwner;
      readonly numbers: readonly string[];
      /** Those of them that are ordered and not there yet. */
      readonly coming: readonly string[];
    }
  | {
      readonly kind: "disassociateNumbers";
      readonly owner: NumberOwner;
      readonly ownerId: string;
      readonly numbers: readonly string[];
    }
  | { readonly kind: "deleteGroup"; readonly key: string; readonly id: string }
  | { readonly kind: "deleteConnector"; readonly key: string; readonly id: string }
  | { readonly kind: "releaseNumbers"; readonly numbers: readonly string[] };

/** What no step can mend; nothing is applied while there is one. */
export interface PlanBlock {
  /** For example `connector front-desk`. */
  readonly subject: string;
  readonly problem: string;
  readonly advice: string;
}

/** What is to be done, what to know before, and what stands in the way. */
export interface TrunkPlan {
  readonly steps: readonly TrunkStep[];
  readonly warnings: readonly string[];
  readonly blocks: readonly PlanBlock[];
}

/** How a plan is made. */
export interface PlanOptions {
  /** Whether the passwords put last, of which only a fingerprint is left, are these. */
  readonly arePasswordsOf: (mark: string, credentials: readonly CredentialWish[]) => boolean;
  /** Passwords are put again, whatever their fingerprint says. */
  readonly rotate: boolean;
  /** Numbers that were ordered for us and that nothing needs any more go back to the service. */
  readonly releaseNumbers: boolean;
}

/** Compares what shall be with what is. */
export function planTrunks(
  provision: Provision,
  account: Account,
  options: PlanOptions,
): TrunkPlan {
  const blocks: PlanBlock[] = [...duplicates(account)];
  const found = new Map(account.connectors.map((connector) => [connector.key, connector]));
  const connectorSteps = provision.connectors.flatMap((wish) => {
    const planned = planConnector(wish, found.get(wish.key), {
      deployment: provision.deployment,
      ...options,
    });
    blocks.push(...planned.blocks);
    return planned.steps;
  });
  const numbers = planNumbers(provision, account);
  blocks.push(...numbers.blocks);
  const steps = [
    ...connectorSteps,
    ...planGroups(provision, account),
    ...numbers.orders,
    ...numbers.disassociations,
    ...numbers.associations,
    ...planLeftGroups(provision, account),
    ...planLeftConnectors(provision, account),
    ...(options.releaseNumbers ? planReleases(provision, account) : []),
  ];
  const kept = options.releaseNumbers ? [] : planReleases(provision, account);
  const warnings = [...planWarnings(provision, account, steps), ...kept.map(idleWarning)];
  return { steps, blocks, warnings };
}

/** Whether a step takes something away that calls may depend on. */
export function isDestructive(step: TrunkStep): boolean {
  return (
    step.kind === "disassociateNumbers" ||
    step.kind === "deleteGroup" ||
    step.kind === "deleteConnector" ||
    step.kind === "deletePasswords" ||
    step.kind === "releaseNumbers" ||
    (step.kind === "deleteSetting" &&
      (step.setting === "origination" || step.setting === "termination"))
  );
}

/** A provision of nothing: what `destroy` wants. */
export function nothingOf({ deployment }: Provision): Provision {
  return { deployment, connectors: [], groups: [] };
}

function idleWarning(step: TrunkStep): string {
  const count = step.kind === "releaseNumbers" ? step.numbers.length : 0;
  const stay =
    count === 1 ? "1 number that was ordered stays" : `${count} numbers that were ordered stay`;
  return `${stay} in the account without use, and costs go on: the console gives numbers back, or trunks destroy with --release-numbers`;
}

/** Two connectors with one key: which of them is meant is for a person to say. */
function duplicates({ connectors, groups }: Account): readonly PlanBlock[] {
  const blocks: PlanBlock[] = [];
  for (const [kind, all] of [
    ["connector", connectors],
    ["group", groups],
  ] as const) {
    for (const key of new Set(all.map((each) => each.key))) {
      const ids = all.filter((each) => each.key === key).map(({ id }) => id);
      if (ids.length > 1) {
        blocks.push({
          subject: `${kind} ${key}`,
          problem: `the account has ${ids.length} of them: ${ids.join(", ")}`,
          advice: "delete those without numbers in the console, then plan again",
        });
      }
    }
  }
  return blocks;
}

/** The wish with this key, which a step of the same plan was made from. */
export function wishOf({ connectors }: Provision, key: string): ConnectorWish {
  const wish = connectors.find((each) => each.key === key);
  if (wish === undefined) {
    throw new Error(`no connector ${key} in the provision`);
  }
  return wish;
}
