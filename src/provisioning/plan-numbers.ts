/** The steps for phone numbers: which are ordered, which lead elsewhere, and whose are left alone. */
import type { Account, AccountNumber } from "./trunk-account.ts";
import type { PlanBlock, TrunkStep } from "./trunk-plan.ts";
import {
  type NumberOwner,
  type NumberSearch,
  type NumbersWish,
  ownName,
  type Provision,
} from "./trunk-wish.ts";

/** Steps by what they do, since all that goes must go before anything comes in its place. */
export interface PlannedNumbers {
  readonly orders: readonly TrunkStep[];
  readonly disassociations: readonly TrunkStep[];
  readonly associations: readonly TrunkStep[];
  readonly blocks: readonly PlanBlock[];
}

interface Owned extends NumberOwner {
  readonly wish: NumbersWish;
  /** `undefined`: it is still to be made. */
  readonly id: string | undefined;
  readonly name: string;
}

interface Claim {
  readonly owner: Owned;
  readonly orders: readonly TrunkStep[];
  /** Numbers of the account that shall lead here. */
  readonly keep: readonly AccountNumber[];
}

/** Numbers of every connector and group. */
export function planNumbers(provision: Provision, account: Account): PlannedNumbers {
  const owners = ownersOf(provision, account);
  const claims = claimsOf(owners, account.numbers);
  const ourIds = idsOf(account);
  const blocks = claims.flatMap(({ owner, keep, orders }) => [
    ...keep.flatMap((number) => blockOf(owner, number, ourIds)),
    ...orders.flatMap((step) => orderBlocks(owner, step)),
  ]);
  return {
    orders: claims.flatMap(({ orders }) => orders),
    disassociations: disassociations(provision, account, claims),
    associations: claims.flatMap(associationsOf),
    blocks,
  };
}

/** Numbers that were ordered for us and that nothing of the YAML asks for. */
export function planReleases(provision: Provision, account: Account): readonly TrunkStep[] {
  const claims = claimsOf(ownersOf(provision, account), account.numbers);
  const kept = numbersOf(claims);
  const ourIds = idsOf(account);
  const numbers = account.numbers
    .filter(({ name, ownerId }) => isOurs(name, provision) && isFreeFor(ourIds, ownerId))
    .filter(({ number, state }) => state !== "coming" && state !== "stuck" && !kept.has(number))
    .map(({ number }) => number);
  return numbers.length === 0 ? [] : [{ kind: "releaseNumbers", numbers }];
}

/** Whether a number was ordered for something of this deployment. */
export function isOurs(name: string | undefined, { deployment }: Provision): boolean {
  return (
    name?.startsWith(`${deployment}.connector.`) === true ||
    name?.startsWith(`${deployment}.group.`) === true
  );
}

function idsOf({ connectors, groups }: Account): ReadonlySet<string> {
  return new Set([...connectors, ...groups].map(({ id }) => id));
}

/** Whether a number leads nowhere, or to something of ours. */
function isFreeFor(ourIds: ReadonlySet<string>, ownerId: string | undefined): boolean {
  return ownerId === undefined || ourIds.has(ownerId);
}

function ownersOf(provision: Provision, account: Account): readonly Owned[] {
  const owned = (
    kind: NumberOwner["kind"],
    wishes: readonly (NumbersWish & { readonly key: string })[],
    found: readonly { readonly key: string; readonly id: string }[],
  ): readonly Owned[] =>
    wishes.map((wish) => ({
      kind,
      key: wish.key,
      wish,
      id: found.find(({ key }) => key === wish.key)?.id,
      name: ownName(provision.deployment, { kind, key: wish.key }),
    }));
  return [
    ...owned("connector", provision.connectors, account.connectors),
    ...owned("group", provision.groups, account.groups),
  ];
}

/** Named numbers are nobody else's; no number is found twice. */
function claimsOf(owners: readonly Owned[], all: readonly AccountNumber[]): readonly Claim[] {
  const byNumber = new Map(all.map((number) => [number.number, number]));
  const taken = new Set(owners.flatMap(({ wish }) => wish.numbers ?? []));
  return owners.map((owner) => {
    const named = owner.wish.numbers ?? [];
    const absent = named.filter((number) => !byNumber.has(number));
    const orders: TrunkStep[] = absent.length === 0 ? [] : [order(owner, absent)];
    const keep = named.flatMap((number) => byNumber.get(number) ?? []);
    for (const search of owner.wish.search) {
      const chosen = chosenBy(search, owner, all, taken);
      keep.push(...chosen);
      const count = search.count - chosen.length;
      if (count > 0) {
        orders.push(order(owner, { ...search, count }));
      }
    }
    return { owner, orders, keep };
  });
}

/** Those that lead here already come first, so that nothing changes without need. */
function chosenBy(
  search: NumberSearch,
  owner: Owned,
  all: readonly AccountNumber[],
  taken: Set<string>,
): readonly AccountNumber[] {
  const { id } = owner;
  const leadsHere = ({ ownerId }: AccountNumber): boolean => id !== undefined && ownerId === id;
  const candidates = all.filter(
    (number) => !taken.has(number.number) && isFound(number, search, owner),
  );
  const chosen = [
    ...candidates.filter(leadsHere),
    ...candidates.filter((number) => !leadsHere(number)),
  ].slice(0, search.count);
  for (const { number } of chosen) {
    taken.add(number);
  }
  return chosen;
}

function order({ kind, key }: Owned, wanted: readonly string[] | NumberSearch): TrunkStep {
  return { kind: "orderNumbers", owner: { kind, key }, wanted };
}

/** A number of the sort that leads here, was ordered for here, or is on its way to nobody else. */
function isFound(number: AccountNumber, search: NumberSearch, { id, name }: Owned): boolean {
  const isOfSort = number.number.startsWith(`+1${search.prefix}`);
  const leadsHere = id !== undefined && number.ownerId === id;
  const isMeantForHere =
    number.name === name || (number.state === "coming" && number.name === undefined);
  return (
    isOfSort &&
    number.state !== "stuck" &&
    (leadsHere || (number.ownerId === undefined && isMeantForHere))
  );
}

function associationsOf({ owner, keep }: Claim): readonly TrunkStep[] {
  const { kind, key, id } = owner;
  const away = keep.filter(({ ownerId }) => id === undefined || ownerId !== id);
  const numbers = away.map(({ number }) => number);
  const coming = away.filter(({ state }) => state === "coming").map(({ number }) => number);
  return numbers.length === 0
    ? []
    : [{ kind: "associateNumbers", owner: { kind, key }, numbers, coming }];
}

/** What leads to something of ours and shall not: because another is to have it, or the list says so, or its owner goes. */
function disassociations(
  provision: Provision,
  account: Account,
  claims: readonly Claim[],
): readonly TrunkStep[] {
  const kinds = [
    ["connector", account.connectors, provision.connectors],
    ["group", account.groups, provision.groups],
  ] as const;
  return kinds.flatMap(([kind, found, wishes]) =>
    found.flatMap(({ key, id }): readonly TrunkStep[] => {
      const wish = (wishes as readonly (NumbersWish & { key: string })[]).find(
        (each) => each.key === key,
      );
      const isOf = (claim: Claim): boolean => claim.owner.kind === kind && claim.owner.key === key;
      const own = numbersOf(claims.filter(isOf));
      const others = numbersOf(claims.filter((claim) => !isOf(claim)));
      const isKept = (number: string): boolean =>
        wish !== undefined &&
        (own.has(number) || (wish.numbers === undefined && !others.has(number)));
      const numbers = account.numbers
        .filter(({ ownerId, number }) => ownerId === id && !isKept(number))
        .map(({ number }) => number);
      return numbers.length === 0
        ? []
        : [{ kind: "disassociateNumbers", owner: { kind, key }, ownerId: id, numbers }];
    }),
  );
}

function numbersOf(claims: readonly Claim[]): ReadonlySet<string> {
  return new Set(claims.flatMap(({ keep }) => keep.map(({ number }) => number)));
}

function blockOf(
  { kind, key }: Owned,
  { number, state, status, ownerId }: AccountNumber,
  ourIds: ReadonlySet<string>,
): readonly PlanBlock[] {
  const subject = `${kind} ${key}`;
  if (!isFreeFor(ourIds, ownerId)) {
    const problem = `the number ${number} leads to ${ownerId}, which is not of this deployment`;
    return [
      { subject, problem, advice: "take it away from there in the console, or out of numbers" },
    ];
  }
  return state === "stuck"
    ? [
        {
          subject,
          problem: `the number ${number} is ${status}`,
          advice: "see what the console says of it, or take it out of numbers",
        },
      ]
    : [];
}

/** Voice Connectors take numbers of the United States only. */
function orderBlocks({ kind, key }: Owned, step: TrunkStep): readonly PlanBlock[] {
  const wanted = step.kind === "orderNumbers" ? step.wanted : [];
  const foreign = "prefix" in wanted ? [] : wanted.filter((number) => !number.startsWith("+1"));
  return foreign.map((number) => ({
    subject: `${kind} ${key}`,
    problem: `the number ${number} is not in the account, and cannot be ordered for a Voice Connector`,
    advice:
      "numbers for Voice Connectors are those of the United States; others reach Amazon Connect",
  }));
}
