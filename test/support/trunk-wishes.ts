/** Wishes for Voice Connectors: plain ones, and any that can be written. */
import fc from "fast-check";
import type {
  ConnectorWish,
  CredentialWish,
  GroupWish,
  NumberSearch,
  Provision,
} from "../../src/provisioning/trunk-wish.ts";

/** A connector without settings, and what differs from it. */
export function connectorWish(key: string, differing: Partial<ConnectorWish> = {}): ConnectorWish {
  return {
    key,
    name: `test ${key}`,
    region: "us-east-1",
    kind: "phone",
    network: "ipv4",
    encryption: true,
    credentials: [],
    logging: { sip: false, media: false },
    search: [],
    tags: {},
    ...differing,
  };
}

/** A deployment of these. */
export function provisionOf(
  connectors: readonly ConnectorWish[],
  groups: readonly GroupWish[] = [],
): Provision {
  return { deployment: "test", connectors, groups };
}

/** Stands for the fingerprint in tests that are about plans. */
export function passwordsTestMark(credentials: readonly CredentialWish[]): string {
  return JSON.stringify(credentials);
}

const KEYS = ["a", "b", "c"] as const;
const GROUP_KEYS = ["x", "y"] as const;
/** Numbers of the account that anybody may name; those of searches end differently. */
export const NUMBER_POOL = ["01", "02", "03", "04", "05", "06"].map((end) => `+120655501${end}`);

const routes = fc.array(
  fc.record({
    host: fc.constantFrom("one.example", "two.example", "three.example"),
    port: fc.constantFrom(5060, 5061),
    transport: fc.constantFrom("udp" as const, "tcp" as const),
    priority: fc.integer({ min: 1, max: 3 }),
    weight: fc.integer({ min: 1, max: 3 }),
  }),
  { minLength: 1, maxLength: 3 },
);

const termination = fc.record({
  disabled: fc.boolean(),
  networks: fc.uniqueArray(fc.constantFrom("203.0.113.0/28", "198.51.100.7/32", "198.51.100.9")),
  callsPerSecond: fc.integer({ min: 1, max: 3 }),
  countries: fc.uniqueArray(fc.constantFrom("US", "CA", "GB"), { minLength: 1 }),
  defaultNumber: fc.option(fc.constant("+12065550101"), { nil: undefined }),
});

const credentials = fc.uniqueArray(
  fc.record({
    username: fc.constantFrom("u1", "u2", "u3"),
    password: fc.constantFrom("first-password", "other-password"),
  }),
  { selector: ({ username }) => username, maxLength: 3 },
);

const streaming = fc.record({
  disabled: fc.boolean(),
  retentionHours: fc.integer({ min: 0, max: 5 }),
  notify: fc.uniqueArray(fc.constantFrom("eventBridge" as const, "sns" as const, "sqs" as const)),
  analytics: fc.option(fc.record({ disabled: fc.boolean(), configuration: fc.constant("arn:x") }), {
    nil: undefined,
  }),
});

const externalSystems = fc.record({
  borderControllers: fc.uniqueArray(fc.constantFrom("RIBBON_SBC", "AVAYA_SBCE")),
  contactCenters: fc.uniqueArray(fc.constantFrom("AVAYA_AURA_CONTACT_CENTER")),
});

const search: fc.Arbitrary<readonly NumberSearch[]> = fc.uniqueArray(
  fc.record({
    country: fc.constant("US"),
    type: fc.constant("local" as const),
    prefix: fc.constantFrom("206", "425"),
    count: fc.integer({ min: 1, max: 3 }),
  }),
  { selector: ({ prefix }) => prefix, maxLength: 2 },
);

const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });

function anyConnector(key: string): fc.Arbitrary<ConnectorWish> {
  return fc
    .record({
      name: fc.constantFrom("one", "two"),
      encryption: fc.boolean(),
      origination: optional(fc.record({ disabled: fc.boolean(), routes })),
      termination: optional(termination),
      credentials,
      logging: fc.record({ sip: fc.boolean(), media: fc.boolean() }),
      streaming: optional(streaming),
      externalSystems: optional(externalSystems),
      search,
      tags: fc.dictionary(fc.constantFrom("team", "cost"), fc.constantFrom("1", "2")),
    })
    .map((fields) => ({
      ...connectorWish(key, fields),
      // A password belongs to a termination.
      credentials: fields.termination === undefined ? [] : fields.credentials,
    }));
}

/** Any provision of up to three connectors and two groups, with numbers that nobody names twice. */
export const anyProvision: fc.Arbitrary<Provision> = fc
  .record({
    connectors: fc.subarray([...KEYS]).chain((keys) => fc.tuple(...keys.map(anyConnector))),
    groups: fc.subarray([...GROUP_KEYS]),
    members: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 6, maxLength: 6 }),
    priorities: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 6, maxLength: 6 }),
    distribution: fc.constantFrom("priority" as const, "balanced" as const),
    /** Which owner names which number of the pool; 5 and above: nobody. */
    named: fc.array(fc.integer({ min: 0, max: 7 }), { minLength: 6, maxLength: 6 }),
    /** Owners that name no numbers at all. */
    silent: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
    groupSearch: search,
  })
  .map(({ connectors, groups, members, priorities, distribution, named, silent, groupSearch }) => {
    const numbersOf = (owner: number): readonly string[] | undefined =>
      silent[owner] === true
        ? undefined
        : NUMBER_POOL.filter((_number, index) => named[index] === owner);
    return provisionOf(
      connectors.map((wish, index) => ({ ...wish, numbers: numbersOf(index) })),
      groups
        .map((key, index): GroupWish => {
          const chosen = new Set(members.slice(index * 3, index * 3 + 3));
          return {
            key,
            distribution,
            connectors: connectors
              .filter((_wish, at) => chosen.has(at))
              .map((wish, at) => ({ connector: wish.key, priority: priorities[at] ?? 1 })),
            numbers: numbersOf(3 + index),
            search: groupSearch,
          };
        })
        .filter((group) => group.connectors.length > 0),
    );
  });
