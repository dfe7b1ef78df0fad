/** An account in memory that does what a step asks, and refuses what the service would refuse. */

import { tagsOf } from "../../src/provisioning/plan-connectors.ts";
import type {
  Account,
  AccountConnector,
  AccountGroup,
  AccountNumber,
} from "../../src/provisioning/trunk-account.ts";
import { type TrunkStep, wishOf } from "../../src/provisioning/trunk-plan.ts";
import { type NumberOwner, ownName, type Provision } from "../../src/provisioning/trunk-wish.ts";
import { passwordsTestMark } from "./trunk-wishes.ts";

/** Nothing is there. */
export const EMPTY_ACCOUNT: Account = {
  connectors: [],
  groups: [],
  numbers: [],
  otherConnectors: {},
  otherGroups: 0,
};

/** The account after all steps. */
export function accountAfterAll(
  account: Account,
  steps: readonly TrunkStep[],
  provision: Provision,
): Account {
  return steps.reduce((now, step) => accountAfter(now, step, provision), account);
}

/** The account after one step; throws where the service would answer with an error. */
export function accountAfter(account: Account, step: TrunkStep, provision: Provision): Account {
  const withConnector = (key: string, change: Partial<AccountConnector>): Account => {
    known(account.connectors, key);
    return {
      ...account,
      connectors: account.connectors.map((each) =>
        each.key === key ? { ...each, ...change } : each,
      ),
    };
  };
  switch (step.kind) {
    case "createConnector":
      return { ...account, connectors: [...account.connectors, newConnector(step.key, provision)] };
    case "updateConnector": {
      const { name, encryption } = wishOf(provision, step.key);
      return withConnector(step.key, { name, encryption });
    }
    case "tagConnector":
      return withConnector(step.key, {
        tags: { ...known(account.connectors, step.key).tags, ...step.tags },
      });
    case "putSetting":
      return withConnector(step.key, { [step.setting]: wishOf(provision, step.key)[step.setting] });
    case "deleteSetting":
      return withConnector(step.key, { [step.setting]: undefined });
    case "putPasswords": {
      const { credentials } = wishOf(provision, step.key);
      const found = known(account.connectors, step.key);
      if (found.termination === undefined) {
        throw new Error("passwords without termination");
      }
      const wanted = credentials.map(({ username }) => username);
      const usernames = [...new Set([...found.usernames, ...wanted])];
      return withConnector(step.key, { usernames, passwordsMark: passwordsTestMark(credentials) });
    }
    case "deletePasswords": {
      const { usernames } = known(account.connectors, step.key);
      return withConnector(step.key, {
        usernames: usernames.filter((each) => !step.usernames.includes(each)),
      });
    }
    case "createGroup":
      return { ...account, groups: [...account.groups, groupOf(step.key, account, provision)] };
    case "updateGroup": {
      const { id } = known(account.groups, step.key);
      const changed = { ...groupOf(step.key, account, provision), id };
      return {
        ...account,
        groups: account.groups.map((each) => (each.key === step.key ? changed : each)),
      };
    }
    case "orderNumbers":
    case "associateNumbers":
    case "disassociateNumbers":
    case "releaseNumbers":
      return withNumbers(account, step, provision);
    case "deleteGroup":
      unused(account, step.id);
      return { ...account, groups: account.groups.filter(({ id }) => id !== step.id) };
    case "deleteConnector":
      unused(account, step.id);
      return { ...account, connectors: account.connectors.filter(({ id }) => id !== step.id) };
  }
}

function withNumbers(
  account: Account,
  step: Extract<
    TrunkStep,
    { kind: "orderNumbers" | "associateNumbers" | "disassociateNumbers" | "releaseNumbers" }
  >,
  provision: Provision,
): Account {
  switch (step.kind) {
    case "orderNumbers":
      return { ...account, numbers: [...account.numbers, ...ordered(account, step, provision)] };
    case "associateNumbers": {
      const ownerId = idOf(step.owner, account);
      const isMeant = ({ number }: AccountNumber): boolean => step.numbers.includes(number);
      const taken = account.numbers.filter(
        (number) => isMeant(number) && number.ownerId !== undefined && number.ownerId !== ownerId,
      );
      if (taken.length > 0 || account.numbers.filter(isMeant).length !== step.numbers.length) {
        throw new Error("a number leads elsewhere, or is not there");
      }
      return changed(account, isMeant, { ownerId, state: "used" });
    }
    case "disassociateNumbers":
      return changed(account, ({ number }) => step.numbers.includes(number), {
        ownerId: undefined,
        state: "free",
      });
    case "releaseNumbers":
      return {
        ...account,
        numbers: account.numbers.filter(({ number, ownerId }) => {
          const isMeant = step.numbers.includes(number);
          if (isMeant && ownerId !== undefined) {
            throw new Error("a number in use is released");
          }
          return !isMeant;
        }),
      };
  }
}

function changed(
  account: Account,
  isMeant: (number: AccountNumber) => boolean,
  change: Partial<AccountNumber>,
): Account {
  return {
    ...account,
    numbers: account.numbers.map((number) => (isMeant(number) ? { ...number, ...change } : number)),
  };
}

function ordered(
  account: Account,
  { owner, wanted }: Extract<TrunkStep, { kind: "orderNumbers" }>,
  provision: Provision,
): readonly AccountNumber[] {
  const known = new Set(account.numbers.map(({ number }) => number));
  const free = "prefix" in wanted ? offered(wanted.prefix).filter((each) => !known.has(each)) : [];
  const numbers = "prefix" in wanted ? free.slice(0, wanted.count) : wanted;
  if (numbers.some((number) => known.has(number))) {
    throw new Error("a number that is there already is ordered");
  }
  return numbers.map((number) => ({
    number,
    state: "used",
    status: "Assigned",
    ownerId: idOf(owner, account),
    name: ownName(provision.deployment, owner),
  }));
}

function offered(prefix: string): readonly string[] {
  return Array.from({ length: 90 }, (_none, index) => `+1${prefix}55590${10 + index}`);
}

function newConnector(key: string, provision: Provision): AccountConnector {
  const { name, region, kind, network, encryption } = wishOf(provision, key);
  return {
    id: `id-${key}`,
    arn: `arn-${key}`,
    key,
    name,
    region,
    kind,
    network,
    encryption,
    hostName: `${key}.example`,
    usernames: [],
    logging: { sip: false, media: false },
    tags: tagsOf(wishOf(provision, key), provision.deployment),
  };
}

function groupOf(key: string, account: Account, provision: Provision): AccountGroup {
  const wish = known(provision.groups, key);
  return {
    id: `group-${key}`,
    key,
    distribution: wish.distribution,
    connectors: wish.connectors.map(({ connector, priority }) => ({
      connectorId: known(account.connectors, connector).id,
      priority,
    })),
  };
}

function idOf({ kind, key }: NumberOwner, account: Account): string {
  return known<{ key: string; id: string }>(
    kind === "connector" ? account.connectors : account.groups,
    key,
  ).id;
}

function known<T extends { readonly key: string }>(all: readonly T[], key: string): T {
  const found = all.find((each) => each.key === key);
  if (found === undefined) {
    throw new Error(`no ${key}`);
  }
  return found;
}

function unused(account: Account, id: string): void {
  const isMember = account.groups.some(({ connectors }) =>
    connectors.some(({ connectorId }) => connectorId === id),
  );
  if (isMember || account.numbers.some(({ ownerId }) => ownerId === id)) {
    throw new Error("something in use is deleted");
  }
}
