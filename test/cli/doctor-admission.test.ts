/** What the doctor says about who may call. */
import { describe, expect, it } from "vitest";
import { LEAST_FILES, runCli } from "../support/cli-bench.ts";

interface Callers {
  readonly level: string;
  readonly finding: string;
  readonly advice?: string;
}

async function callers(gateway: string, trunks = ""): Promise<readonly Callers[]> {
  const files = { ...LEAST_FILES, "gateway.yaml": gateway, "sip-config/trunks.yaml": trunks };
  const { out } = await runCli(["doctor", "--json"], { files });
  const { checks } = JSON.parse(out) as { checks: (Callers & { readonly name: string })[] };
  return checks.filter(({ name }) => name === "callers");
}

const PUBLIC = "sip: { host: 0.0.0.0 }\n";
const PASSWORD = "digest: { inbound: { username: u, password: correct-horse } }";

describe("trunkline doctor", () => {
  it.each([
    ["sip: { port: 5060 }\n", "", "this machine; others are refused"],
    [PUBLIC, "- { name: sbc, networks: [203.0.113.0/24] }", "trunk sbc, this machine; others"],
    [
      "sip: { host: 0.0.0.0, trustLoopback: false, hideFromStrangers: true }\n",
      "- { name: sbc, networks: ['2001:db8::/48'] }",
      "trunk sbc; others get no answer",
    ],
    [PUBLIC, `- { name: any, networks: [0.0.0.0/0], ${PASSWORD} }`, "trunk any, this machine"],
  ])("says who may call: %s %s", async (gateway, trunks, finding) => {
    const found = await callers(gateway, trunks);
    expect(found.map(({ level }) => level)).toEqual(["ok"]);
    expect(found[0]?.finding).toContain(finding);
  });

  it.each([
    [PUBLIC, "", "there are no trunks: nobody from outside may call"],
    [
      "sip: { port: 5060 }\n",
      "- { name: sbc, networks: [203.0.113.0/24] }",
      "trunk sbc cannot reach SIP on 127.0.0.1",
    ],
    [PUBLIC, "- { name: any, networks: [0.0.0.0/0] }", "takes calls of everybody in 0.0.0.0/0"],
    [PUBLIC, "- { name: any, networks: ['::/0'] }", "takes calls of everybody in ::/0"],
    [
      PUBLIC,
      `- { name: roaming, ${PASSWORD.replace("correct-horse", "'1234'")} }`,
      "trunk roaming is known by a password of less than 12 characters",
    ],
    [
      "sip: { hideFromStrangers: true, drachtio: { host: sip.example, secret: cymru } }\n",
      "",
      "a drachtio-server answers strangers, whatever sip.hideFromStrangers says",
    ],
  ])("warns: %s %s", async (gateway, trunks, finding) => {
    const found = await callers(gateway, trunks);
    expect(found.map(({ level }) => level)).toEqual(["warn"]);
    expect(found[0]?.finding).toContain(finding);
    expect(found[0]?.advice).toBeDefined();
  });
});
