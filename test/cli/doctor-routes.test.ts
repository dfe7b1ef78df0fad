/** What the doctor says of the hosts that Voice Connectors call, before anybody asks AWS. */
import { describe, expect, it } from "vitest";
import type { ResolvedHost } from "../../src/cli/machine-limits.ts";
import { type DoctorWorld, examine, says, type Words } from "../support/doctor-lab.ts";
import { selfSigned } from "../support/self-signed.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const OURS = "198.51.100.17";

const trunksYaml = (fields: string): string =>
  [
    "trunks: []",
    "provision:",
    "  connectors:",
    "    desk:",
    ...fields.split("\n").map((line) => `      ${line}`),
  ].join("\n");

const PLAIN = trunksYaml("encryption: false\norigination: { routes: [{ host: gw.example.com }] }");
const DUAL = `${PLAIN}\n      network: dualStack`;
const TERMINATION = `${PLAIN}\n      termination: { networks: [203.0.113.0/28], countries: [US] }`;

const named =
  (ipv4: readonly string[], ipv6: readonly string[] = []) =>
  async (): Promise<ResolvedHost> => ({ ipv4, ipv6 });
const telling = (sip: string, media = sip) => ({ addressesTowards: async () => ({ sip, media }) });

type Case = readonly [what: string, world: DoctorWorld, finding: string, advice: string];

const CASES: readonly Case[] = [
  [
    "a name that is not known",
    { trunks: PLAIN, machine: { resolve: named([]) } },
    "AWS has nowhere to call",
    "make an A record for gw.example.com",
  ],
  [
    "a DNS that does not answer",
    { trunks: PLAIN, machine: { resolve: async () => undefined } },
    "where AWS calls is not known",
    "/etc/resolv.conf",
  ],
  [
    "a private address in the DNS",
    { trunks: PLAIN, machine: { resolve: named(["10.0.0.5"]) } },
    "10.0.0.5 cannot be reached from the internet",
    "the public address",
  ],
  [
    "IPv6 alone for a connector of IPv4",
    { trunks: PLAIN, machine: { resolve: named([], ["2600:1f18::5"]) } },
    "never calls by IPv6",
    "A record",
  ],
  [
    "IPv6 for a dual-stack connector where SIP is bound to IPv4",
    { trunks: DUAL, machine: { resolve: named([OURS], ["2600:1f18::5"]) } },
    "so a dual-stack connector calls by IPv6, but SIP is bound to 127.0.0.1",
    'set sip.host to "::"',
  ],
  [
    "a private address in SDP",
    { trunks: PLAIN, machine: telling(OURS, "10.0.0.5") },
    "SDP names 10.0.0.5, which AWS cannot reach: callers hear nothing",
    "media.advertise",
  ],
  [
    "a private address in SIP",
    { trunks: PLAIN, machine: telling("10.0.0.5", OURS) },
    "SIP names 10.0.0.5, which AWS cannot reach",
    "set sip.advertise",
  ],
  [
    "another public address in SDP",
    { trunks: PLAIN, machine: telling(OURS, "203.0.113.5") },
    `leads to ${OURS}, but SDP names 203.0.113.5`,
    "media.advertise",
  ],
  [
    "a port that nobody listens on",
    { trunks: PLAIN, gateway: "sip: { port: 15060 }" },
    "AWS calls port 5060, sip.port is 15060",
    "set sip.port to 5060",
  ],
  [
    "calls of ours from an address that is not allowed",
    { trunks: TERMINATION },
    `they come from ${OURS}, which termination does not allow: AWS answers 403`,
    `add ${OURS}/32 to termination.networks of desk`,
  ],
];

describe("the doctor, of routes of Voice Connectors,", () => {
  it.each(CASES)("finds %s", async (_what, world, finding, advice) => {
    const { troubles } = await examine(world);
    expect(troubles.filter((check) => says([check], ["desk", finding, advice]))).toHaveLength(1);
  });

  it.each([
    ["IPv4", PLAIN, {}],
    [
      "dual stack, bound to all addresses",
      DUAL,
      { resolve: named([OURS], ["2600:1f18::5"]), ...telling("2600:1f18::5") },
    ],
  ])("finds nothing where all fits: %s", async (_what, trunks, machine) => {
    const gateway = 'sip: { host: "::" }';
    const { troubles, checks } = await examine({ trunks, machine, gateway });
    expect(troubles.filter(({ name }) => name.includes("desk"))).toEqual([]);
    expect(says(checks, ["route of desk", "port 5060", ""])).toBe(true);
  });

  it("finds nothing where calls of ours come from an allowed address", async () => {
    const trunks = TERMINATION.replace("203.0.113.0/28", "198.51.100.16/28");
    const { troubles } = await examine({ trunks });
    expect(troubles.filter(({ name }) => name.includes("desk"))).toEqual([]);
  });
});

const NOW_MS = VirtualClock.WALL_ORIGIN_MS;
const certificateFor = (name: string, keyKind: "ec" | "rsa") =>
  selfSigned({ names: [name], notBeforeMs: NOW_MS - 1, notAfterMs: NOW_MS + 9e9, keyKind });
const ENCRYPTED = trunksYaml("origination: { routes: [{ host: gw.example.com }] }");

async function tlsTroubles(name: string, settings = "", keyKind: "ec" | "rsa" = "ec") {
  const { cert, key } = certificateFor(name, keyKind);
  const gateway = `sip: { tls: { cert: c.pem, key: k.pem${settings} } }`;
  const files = { "c.pem": cert, "k.pem": key, "ca.pem": cert };
  const { troubles } = await examine({ trunks: ENCRYPTED, gateway, files });
  return troubles.filter((check) => check.name === "tls for Voice Connectors");
}

describe("the doctor, of encrypted Voice Connectors,", () => {
  it("finds that there is no TLS", async () => {
    const { troubles } = await examine({ trunks: ENCRYPTED });
    const expected: Words = ["tls for Voice", "no sip.tls: no call gets here", "set sip.tls"];
    expect(says(troubles, expected)).toBe(true);
    const { troubles: plain } = await examine({ trunks: PLAIN });
    expect(plain.some(({ name }) => name.startsWith("tls for"))).toBe(false);
  });

  it("finds a certificate for another name", async () => {
    const expected: Words = [
      "tls",
      "is for other.example.com, and AWS calls gw.example.com",
      "issued for gw",
    ];
    expect(says(await tlsTroubles("other.example.com"), expected)).toBe(true);
    expect(says(await tlsTroubles("gw.example.com"), expected)).toBe(false);
    expect(says(await tlsTroubles("*.example.com"), expected)).toBe(false);
  });

  it("finds that no public authority stands for it", async () => {
    const expected: Words = [
      "tls",
      "was signed by itself: AWS trusts public authorities only",
      "fullchain.pem",
    ];
    expect(says(await tlsTroubles("gw.example.com"), expected)).toBe(true);
  });

  it.each(["require", "request"])(
    "finds that a client certificate is wanted: %s",
    async (wanted) => {
      const settings = `, ca: ca.pem, clientCertificates: ${wanted}`;
      const expected: Words = ["tls", `clientCertificates is ${wanted}`, "to none"];
      expect(says(await tlsTroubles("gw.example.com", settings), expected)).toBe(true);
      expect(says(await tlsTroubles("gw.example.com"), expected)).toBe(false);
    },
  );

  it("finds a key that the cipher suites of AWS have no use for", async () => {
    const expected: Words = ["tls", "is of kind ec", "RSA key of 2048 bits"];
    expect(says(await tlsTroubles("gw.example.com", "", "ec"), expected)).toBe(true);
    expect(says(await tlsTroubles("gw.example.com", "", "rsa"), expected)).toBe(false);
  });
});
