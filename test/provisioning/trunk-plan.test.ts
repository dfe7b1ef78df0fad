/** Plans of Voice Connectors: what is done, in which order, what is refused, what is warned of. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planLines, subjectOf } from "../../src/provisioning/plan-text.ts";
import type { Account, AccountNumber } from "../../src/provisioning/trunk-account.ts";
import {
  isDestructive,
  nothingOf,
  planTrunks,
  type TrunkPlan,
} from "../../src/provisioning/trunk-plan.ts";
import type { Provision } from "../../src/provisioning/trunk-wish.ts";
import { accountAfterAll, EMPTY_ACCOUNT } from "../support/account-model.ts";
import {
  anyProvision,
  connectorWish,
  NUMBER_POOL,
  passwordsTestMark,
  provisionOf,
} from "../support/trunk-wishes.ts";

const PASSWORD = "correct-horse-battery";

function planOf(
  provision: Provision,
  account: Account,
  options: { rotate?: boolean; releaseNumbers?: boolean } = {},
): TrunkPlan {
  return planTrunks(provision, account, {
    arePasswordsOf: (mark, credentials) => mark === passwordsTestMark(credentials),
    rotate: options.rotate ?? false,
    releaseNumbers: options.releaseNumbers ?? false,
  });
}

function accountOf(provision: Provision, before: Account = EMPTY_ACCOUNT): Account {
  return accountAfterAll(before, planOf(provision, before).steps, provision);
}

function subjects({ steps }: TrunkPlan): readonly string[] {
  return steps.map(subjectOf);
}

function numberOf(number: string, differing: Partial<AccountNumber> = {}): AccountNumber {
  return { number, state: "free", status: "Unassigned", ...differing };
}

const full = connectorWish("desk", {
  origination: {
    disabled: false,
    routes: [
      { host: "one.example", port: 5061, transport: "tcp", priority: 1, weight: 1 },
      { host: "two.example", port: 5061, transport: "tcp", priority: 2, weight: 1 },
    ],
  },
  termination: {
    disabled: false,
    networks: ["203.0.113.0/28", "198.51.100.7"],
    callsPerSecond: 1,
    countries: ["US", "CA"],
  },
  credentials: [{ username: "gateway", password: PASSWORD }],
});

describe("a plan of trunks", () => {
  it("of any wish, carried out on any account of ours, leaves nothing to do", () => {
    const accounts = fc.tuple(
      anyProvision,
      anyProvision,
      fc.uniqueArray(fc.constantFrom(...NUMBER_POOL)),
    );
    fc.assert(
      fc.property(accounts, ([former, wanted, there]) => {
        const before = { ...EMPTY_ACCOUNT, numbers: there.map((number) => numberOf(number)) };
        const account = accountOf(former, before);
        const plan = planOf(wanted, account);
        expect(plan.blocks).toEqual([]);
        const after = accountAfterAll(account, plan.steps, wanted);
        expect(planOf(wanted, after)).toMatchObject({ steps: [], blocks: [] });
      }),
      { numRuns: 400 },
    );
  });

  it("that is cut off anywhere is finished by the next one, and nothing is made twice", () => {
    fc.assert(
      fc.property(anyProvision, anyProvision, fc.nat(40), (former, wanted, cutAt) => {
        const account = accountOf(former);
        const done = planOf(wanted, account).steps.slice(0, cutAt);
        const half = accountAfterAll(account, done, wanted);
        const after = accountAfterAll(half, planOf(wanted, half).steps, wanted);
        expect(planOf(wanted, after).steps).toEqual([]);
        expect(after.connectors).toHaveLength(wanted.connectors.length);
        expect(after.groups).toHaveLength(wanted.groups.length);
      }),
      { numRuns: 200 },
    );
  });

  it("of nothing leaves nothing of ours, and no number in use", () => {
    fc.assert(
      fc.property(anyProvision, (former) => {
        const account = accountOf(former);
        const nothing = nothingOf(former);
        const { steps } = planOf(nothing, account, { releaseNumbers: true });
        expect(accountAfterAll(account, steps, nothing)).toEqual(EMPTY_ACCOUNT);
      }),
      { numRuns: 100 },
    );
  });

  it("takes lists in another order, and addresses without /32, for the same", () => {
    const account = accountOf(provisionOf([full]));
    const [route, other] = full.origination?.routes ?? [];
    const shuffled = {
      ...full,
      origination: { disabled: false, routes: [other, route].flatMap((each) => each ?? []) },
      termination: {
        disabled: false,
        networks: ["198.51.100.7/32", "203.0.113.0/28"],
        callsPerSecond: 1,
        countries: ["CA", "US"],
      },
    };
    expect(planOf(provisionOf([shuffled]), account).steps).toEqual([]);
  });

  it("shows a field that was changed by hand, as it is and as it shall be", () => {
    const account = accountOf(provisionOf([full]));
    const drifted = account.connectors.map((connector) => ({
      ...connector,
      origination: { disabled: true, routes: full.origination?.routes ?? [] },
    }));
    const plan = planOf(provisionOf([full]), { ...account, connectors: drifted });
    expect(planLines(plan)).toEqual([
      { mark: "~", text: "set origination of connector desk" },
      { mark: " ", text: "    disabled: true -> false" },
    ]);
  });

  it.each([
    ["region", "eu-west-1"],
    ["kind", "analytics"],
    ["network", "dualStack"],
  ])("does not replace a connector whose %s is another, but says what to do", (field, value) => {
    const account = accountOf(provisionOf([full]));
    const plan = planOf(provisionOf([{ ...full, [field]: value }]), account);
    expect(plan.steps).toEqual([]);
    expect(plan.blocks).toMatchObject([{ subject: "connector desk" }]);
    expect(plan.blocks[0]?.problem).toContain(`wanted ${value}: that cannot be changed in place`);
    expect(plan.blocks[0]?.advice).toContain("under a new key");
  });

  it("does not choose between two connectors of one key", () => {
    const account = accountOf(provisionOf([full]));
    const twice = account.connectors.flatMap((each) => [each, { ...each, id: "other" }]);
    const plan = planOf(provisionOf([full]), { ...account, connectors: twice });
    expect(plan.blocks[0]?.problem).toBe("the account has 2 of them: id-desk, other");
  });

  it("puts passwords again when they are others, when asked to, and when one is gone", () => {
    const account = accountOf(provisionOf([full]));
    const changed = {
      ...full,
      credentials: [{ username: "gateway", password: "another-password" }],
    };
    const gone = account.connectors.map((each) => ({ ...each, usernames: [] }));
    const put = ["set passwords of connector desk"];
    expect(subjects(planOf(provisionOf([full]), account))).toEqual([]);
    expect(subjects(planOf(provisionOf([changed]), account))).toEqual(put);
    expect(subjects(planOf(provisionOf([full]), account, { rotate: true }))).toEqual(put);
    expect(subjects(planOf(provisionOf([full]), { ...account, connectors: gone }))).toEqual(put);
  });

  it("never holds a password", () => {
    const plan = planOf(provisionOf([full]), EMPTY_ACCOUNT, { rotate: true });
    expect(JSON.stringify(plan)).not.toContain(PASSWORD);
    expect(JSON.stringify(planLines(plan))).not.toContain(PASSWORD);
  });

  it("leaves tags alone that others set", () => {
    const account = accountOf(provisionOf([full]));
    const tagged = account.connectors.map((each) => ({
      ...each,
      tags: { ...each.tags, theirs: "yes" },
    }));
    expect(planOf(provisionOf([full]), { ...account, connectors: tagged }).steps).toEqual([]);
  });

  it("takes a number from its old place before it leads it to the new one", () => {
    const number = "+12065550101";
    const former = provisionOf([
      connectorWish("a", { numbers: [number] }),
      connectorWish("b", { numbers: [] }),
    ]);
    const wanted = provisionOf([
      connectorWish("a", { numbers: [] }),
      connectorWish("b", { numbers: [number] }),
    ]);
    expect(subjects(planOf(wanted, accountOf(former)))).toEqual([
      `take ${number} from connector a`,
      `lead ${number} to connector b`,
    ]);
  });

  it("leaves numbers alone where none are written, and takes away what a list does not name", () => {
    const account = {
      ...accountOf(provisionOf([connectorWish("a")])),
      numbers: [numberOf("+12065550101", { state: "used", ownerId: "id-a" })],
    };
    expect(planOf(provisionOf([connectorWish("a")]), account).steps).toEqual([]);
    const strict = planOf(provisionOf([connectorWish("a", { numbers: [] })]), account);
    expect(subjects(strict)).toEqual(["take +12065550101 from connector a"]);
    expect(strict.steps.every(isDestructive)).toBe(true);
  });

  it("orders no second number while one of the sort is on its way", () => {
    const search = [{ country: "US", type: "local" as const, prefix: "206", count: 1 }];
    const wanted = provisionOf([connectorWish("a", { search })]);
    const account = {
      ...accountOf(provisionOf([connectorWish("a")])),
      numbers: [numberOf("+12065550109", { state: "coming", status: "Processing" })],
    };
    expect(subjects(planOf(wanted, account))).toEqual(["lead +12065550109 to connector a"]);
  });

  it("does not take a number from what is not ours", () => {
    const wanted = provisionOf([connectorWish("a", { numbers: ["+12065550101"] })]);
    const numbers = [numberOf("+12065550101", { state: "used", ownerId: "theirs" })];
    const [block] = planOf(wanted, { ...EMPTY_ACCOUNT, numbers }).blocks;
    expect(block?.problem).toContain("leads to theirs, which is not of this deployment");
  });

  it("gives back no number that somebody led to something else", () => {
    const wanted = provisionOf([connectorWish("a")]);
    const numbers = [
      numberOf("+12065550101", { name: "test.connector.a", ownerId: "theirs", state: "used" }),
      numberOf("+12065550102", { name: "test.connector.a" }),
      numberOf("+12065550103", { name: "tester.connector.a" }),
    ];
    const plan = planOf(nothingOf(wanted), { ...EMPTY_ACCOUNT, numbers }, { releaseNumbers: true });
    expect(subjects(plan)).toEqual(["release +12065550102: they are lost"]);
  });

  it("orders numbers of the United States only", () => {
    const wanted = provisionOf([connectorWish("a", { numbers: ["+442071838750"] })]);
    const [block] = planOf(wanted, EMPTY_ACCOUNT).blocks;
    expect(block?.problem).toContain("cannot be ordered for a Voice Connector");
  });

  it("warns of quotas, of what costs, and of numbers that nothing uses", () => {
    const wanted = provisionOf([
      connectorWish("a", { numbers: ["+12065550101"], kind: "callTransfer" }),
      {
        ...full,
        termination: { disabled: false, networks: [], callsPerSecond: 2, countries: ["US"] },
      },
    ]);
    const idle = numberOf("+12065550107", { name: "test.connector.gone" });
    const account = { ...EMPTY_ACCOUNT, numbers: [idle], otherConnectors: { "us-east-1": 2 } };
    const { warnings } = planOf(wanted, account);
    for (const words of [
      "4 Voice Connectors in us-east-1 need a higher quota; a new account has 3",
      "connector desk: 2 calls a second need a higher quota",
      "connector a: transfer connectors are a gated feature",
      "1 new call a second for each connector, and 10 calls at a time",
      "1 number is ordered: each costs money every month",
      "1 number that was ordered stays in the account without use",
    ]) {
      expect(warnings.join("\n")).toContain(words);
    }
  });
});
