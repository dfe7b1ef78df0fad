/** The steps for groups of Voice Connectors. */
import { fieldChanges } from "./field-changes.ts";
import type { Account } from "./trunk-account.ts";
import type { TrunkStep } from "./trunk-plan.ts";
import type { GroupWish, Provision } from "./trunk-wish.ts";

/** Groups to make and to change; by then every connector is there. */
export function planGroups(provision: Provision, account: Account): readonly TrunkStep[] {
  const keyOf = new Map(account.connectors.map(({ id, key }) => [id, key]));
  return provision.groups.flatMap((wish): readonly TrunkStep[] => {
    const { key } = wish;
    const found = account.groups.find((group) => group.key === key);
    const before =
      found === undefined
        ? undefined
        : {
            distribution: found.distribution,
            connectors: Object.fromEntries(
              found.connectors.map(({ connectorId, priority }) => [
                keyOf.get(connectorId) ?? connectorId,
                priority,
              ]),
            ),
          };
    const changes = fieldChanges(before, shapeOf(wish));
    if (changes.length === 0) {
      return [];
    }
    return [{ kind: found === undefined ? "createGroup" : "updateGroup", key, changes }];
  });
}

/** Groups of ours that the YAML no longer names. */
export function planLeftGroups(provision: Provision, account: Account): readonly TrunkStep[] {
  const wanted = new Set(provision.groups.map(({ key }) => key));
  return account.groups
    .filter(({ key }) => !wanted.has(key))
    .map(({ key, id }) => ({ kind: "deleteGroup" as const, key, id }));
}

function shapeOf({ distribution, connectors }: GroupWish): object {
  return {
    distribution,
    connectors: Object.fromEntries(
      connectors.map(({ connector, priority }) => [connector, priority]),
    ),
  };
}
