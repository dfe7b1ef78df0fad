/** What the doctor finds in certificates, and that it never shows a key. */
import { createPrivateKey } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Check } from "../../src/cli/doctor-checks.ts";
import { type CliWorld, LEAST_FILES, runCli } from "../support/cli-bench.ts";
import { selfSigned } from "../support/self-signed.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const NOW_MS = VirtualClock.WALL_ORIGIN_MS;
const DAY_MS = 86_400_000;
const pairFor = (names: readonly string[], fromDays: number, toDays: number) =>
  selfSigned({
    names,
    notBeforeMs: NOW_MS + fromDays * DAY_MS,
    notAfterMs: NOW_MS + toDays * DAY_MS,
  });
const GOOD = pairFor(["sip.example.org"], -1, 90);
const OTHER = pairFor(["*.example.net"], -1, 90);

const LOCKED_KEY = String(
  createPrivateKey(GOOD.key).export({
    type: "pkcs8",
    format: "pem",
    cipher: "aes-256-cbc",
    passphrase: "x",
  }),
);

async function checksOf(
  files: CliWorld["files"],
  settings = "",
  machine: CliWorld["machine"] = {},
): Promise<{ checks: Check[]; troubles: Check[]; out: string; code: number }> {
  const yaml = `sip: { tls: { cert: c.pem, key: k.pem${settings} } }\n`;
  const world = { files: { ...LEAST_FILES, "gateway.yaml": yaml, ...files }, machine };
  const { out, code } = await runCli(["doctor", "--json"], world);
  const { checks } = JSON.parse(out) as { checks: Check[] };
  return { checks, troubles: checks.filter(({ level }) => level !== "ok"), out, code };
}

const files = ({ cert, key }: { cert: string; key: string }) => ({ "c.pem": cert, "k.pem": key });

describe("trunkline doctor on TLS", () => {
  it("warns of encrypted audio whose keys can be read for want of it", async () => {
    const warning = { name: "srtp", level: "warn", advice: "set sip.tls" };
    const yaml = "media: { srtp: required }\n";
    const { troubles } = await checksOf({ "gateway.yaml": yaml });
    expect(troubles).toEqual([expect.objectContaining(warning)]);
    const secured = `sip: { tls: { cert: c.pem, key: k.pem } }\n${yaml}`;
    const { troubles: none } = await checksOf({ ...files(GOOD), "gateway.yaml": secured });
    expect(none).toEqual([]);
  });

  it("names the names and the last day of a good certificate, and its port", async () => {
    const { checks, troubles, code } = await checksOf(files(GOOD));
    expect(troubles).toEqual([]);
    expect(code).toBe(0);
    const last = new Date(NOW_MS + 90 * DAY_MS).toISOString().slice(0, 10);
    expect(checks).toContainEqual({
      name: "certificate",
      level: "ok",
      finding: `sip.example.org, until ${last}`,
    });
    expect(checks).toContainEqual({
      name: "sip tls",
      level: "ok",
      finding: "127.0.0.1:5061 is free",
    });
  });

  it.each([
    ["expires within 30 days", files(pairFor(["a"], -1, 29)), "warn", "expires on 20"],
    ["has expired", files(pairFor(["a"], -9, -1)), "fail", "expired on 20"],
    ["is not valid yet", files(pairFor(["a"], 1, 9)), "fail", "is not valid before 20"],
    ["names nobody", files(pairFor([], -1, 90)), "warn", "names no host"],
    [
      "has the key of another",
      files({ ...GOOD, key: OTHER.key }),
      "fail",
      "k.pem does not belong to the",
    ],
    ["has no key", { "c.pem": GOOD.cert }, "fail", "k.pem does not exist"],
    ["is none", files({ ...GOOD, cert: GOOD.key }), "fail", "c.pem is no certificate in PEM form"],
    [
      "has a key that is none",
      files({ ...GOOD, key: "x" }),
      "fail",
      "k.pem is no private key in PEM form",
    ],
    [
      "has a key behind a password",
      files({ ...GOOD, key: LOCKED_KEY }),
      "fail",
      "k.pem is protected by a password",
    ],
  ] as const)("says that a certificate %s", async (_what, made, level, finding) => {
    const { troubles, out } = await checksOf(made);
    expect(troubles).toHaveLength(1);
    expect(troubles[0]).toMatchObject({ name: "certificate", level });
    expect(troubles[0]?.finding).toContain(finding);
    expect(out).not.toContain("BEGIN");
  });

  it("looks at further names, at authorities and at verification", async () => {
    const settings =
      ", ca: ca.pem, verify: false, serverNames: [{ name: sip.example.net, cert: o.pem, key: ok.pem }, { name: x.org, cert: o.pem, key: ok.pem }]";
    const made = { ...files(GOOD), "o.pem": OTHER.cert, "ok.pem": OTHER.key, "ca.pem": "nothing" };
    const { troubles } = await checksOf(made, settings);
    expect(troubles.map(({ name, level }) => `${level} ${name}`)).toEqual([
      "warn certificate for x.org",
      "fail tls authorities",
      "warn tls peers",
    ]);
  });

  it("names the setting of a port that is taken", async () => {
    const machine = {
      bind: async (_protocol: string, _host: string, port: number) =>
        port === 5061 ? "EADDRINUSE" : undefined,
    };
    const { troubles } = await checksOf(files(GOOD), "", machine);
    expect(troubles[0]?.advice).toContain("change sip.tls.port");
  });
});
