/** The file of trunks: secrets, built-in networks, and trunks that could be taken for each other. */
import { describe, expect, it } from "vitest";
import { loadConfig } from "../../src/app/config.ts";
import { loadTrunks } from "../../src/app/load-trunks.ts";
import type { TrunkTable } from "../../src/call/trunk-table.ts";
import { memoryFiles } from "../support/memory-files.ts";

const FILE = "sip-config/trunks.yaml";

function load(
  text: string | undefined,
  environment: Readonly<Record<string, string>> = {},
  gateway: Readonly<Record<string, string>> = {},
): TrunkTable {
  const files = memoryFiles({ ...gateway, ...(text === undefined ? {} : { [FILE]: text }) });
  return loadTrunks(loadConfig({ environment: {}, files }).config, { environment, files });
}

function problemsOf(text: string, environment: Readonly<Record<string, string>> = {}): string {
  try {
    load(text, environment);
    return "";
  } catch (error) {
    expect(error).toMatchObject({ code: "CONFIG_INVALID" });
    return (error as Error).message;
  }
}

describe("the file of trunks", () => {
  it("may be absent, empty, or hold comments only", () => {
    for (const text of [undefined, "", "# none yet\n"]) {
      expect(load(text).trunks).toEqual([]);
    }
  });

  it("must be there when it is named", () => {
    const gateway = { "gateway.yaml": "trunks: peers.yaml\n" };
    expect(() => load(undefined, {}, gateway)).toThrow("peers.yaml  does not exist");
  });

  it("takes secrets from the environment and never shows them", () => {
    const digest = 'digest: { outbound: { username: me, password: "$'.concat('{env:PW}" } }');
    const { trunks } = load(`- { name: a, host: b, ${digest} }`, { PW: "hunter2" });
    expect(trunks[0]?.digest.outbound?.password).toBe("hunter2");
    expect(problemsOf(`- { name: a, host: b, ${digest} }`)).toContain(
      `${FILE}:1:69  [0].digest.outbound.password: the environment variable PW is not set`,
    );
    const wrong = problemsOf(`- { name: "\${env:PW}", host: b }`, { PW: "Hunter 2" });
    expect(wrong).toContain("[0].name: expected a name of up to 32");
    expect(wrong).not.toContain("Hunter");
  });

  it("finds the trunk of an address by the smallest network that holds it", () => {
    const table = load(
      [
        "- { name: everybody, networks: [0.0.0.0/0] }",
        "- { name: chime, networks: ['voice-connector:us-east-1'] }",
        "- { name: one-host, networks: [3.80.16.9] }",
      ].join("\n"),
    );
    const nameOf = (address: string): string | undefined => table.bySource(address)?.name;
    expect(nameOf("3.80.17.1")).toBe("chime");
    expect(nameOf("::ffff:3.80.17.1")).toBe("chime");
    expect(nameOf("2600:f0f0:c040::7")).toBe("chime");
    expect(nameOf("3.80.16.9")).toBe("one-host");
    expect(nameOf("3.80.18.1")).toBe("everybody");
    expect(nameOf("2001:db8::1")).toBeUndefined();
    expect(nameOf("not an address")).toBeUndefined();
  });

  it("finds a trunk without networks by its user name", () => {
    const inbound = "{ inbound: { username: branch, password: secret1 } }";
    const table = load(`- { name: branch, digest: ${inbound} }`);
    expect(table.roaming).toMatchObject([{ realm: "trunkline" }]);
    expect(table.byCredentials("trunkline", "branch")?.name).toBe("branch");
    expect(table.byCredentials("elsewhere", "branch")).toBeUndefined();
  });

  it.each([
    [
      "the same network",
      "- { name: a, networks: [10.0.0.0/8] }\n- { name: b, networks: [10.1.0.0/16, 10.0.0.0/8] }",
      `${FILE}:2:24  [1].networks: the network 10.0.0.0/8 (this is trunk "b") is also that of trunk "a"`,
    ],
    [
      "the same network, written differently",
      "- { name: a, networks: ['2001:db8::/32'] }\n- { name: b, networks: ['2001:0db8::0/32'] }",
      'the network 2001:0db8::0/32 (this is trunk "b") is also that of trunk "a"',
    ],
    [
      "the same name",
      "- { name: a, networks: [10.0.0.1] }\n- { name: a, networks: [10.0.0.2] }",
      'the name "a" is also that of trunk "a"',
    ],
    [
      "the same user",
      [
        "- { name: a, digest: { inbound: { username: u, password: p1 } } }",
        "- { name: b, digest: { inbound: { username: u, password: p2 } } }",
      ].join("\n"),
      '[1].digest: the user name and realm (this is trunk "b") is also that of trunk "a"',
    ],
  ])("refuses two trunks with %s", (_what, text, problem) => {
    expect(problemsOf(text)).toContain(problem);
  });
});
