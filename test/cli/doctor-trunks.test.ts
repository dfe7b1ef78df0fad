/** What the doctor says of trunks. */
import { describe, expect, it } from "vitest";
import type { TrunkFindings } from "../../src/app/trunk-probe.ts";
import type { Check } from "../../src/cli/doctor-checks.ts";
import { LEAST_FILES, runCli } from "../support/cli-bench.ts";

const FOUND: TrunkFindings = {
  host: "pbx.example",
  addresses: ["192.0.2.7"],
  options: undefined,
  registration: undefined,
};

async function trunkChecks(findings: TrunkFindings | undefined) {
  const trunks = "- { name: office, host: pbx.example }\n";
  const files = { ...LEAST_FILES, "sip-config/trunks.yaml": trunks };
  const machine = { askTrunk: async () => findings };
  const { code, out } = await runCli(["doctor", "--json"], { files, machine });
  const { checks } = JSON.parse(out) as { checks: Check[] };
  return { code, checks: checks.filter(({ name }) => name.startsWith("trunk office")) };
}

describe("the doctor asks a trunk", () => {
  it.each([
    [{ addresses: [] }, ["fail the name pbx.example is not known"]],
    [{ options: 200 }, ["ok pbx.example is 192.0.2.7; answers OPTIONS with 200"]],
    [{ options: 404 }, ["ok pbx.example is 192.0.2.7; answers OPTIONS with 404"]],
    [{ options: 503 }, ["fail pbx.example is 192.0.2.7; answers OPTIONS with 503"]],
    [{ options: 408 }, ["fail pbx.example is 192.0.2.7; no answer to OPTIONS"]],
    [{ options: "silence" }, ["fail pbx.example is 192.0.2.7; no answer to OPTIONS"]],
    [{ options: "notSent" }, ["fail pbx.example is 192.0.2.7; OPTIONS cannot be sent"]],
    [{ registration: 200 }, ["ok the registrar takes our user name and password"]],
    [{ registration: 401 }, ["fail the registrar answers REGISTER with 401"]],
    [{ registration: 404 }, ["fail the registrar answers REGISTER with 404"]],
    [{ registration: "silence" }, ["fail no answer to REGISTER"]],
  ] as const)("and finds %j", async (differing, lines) => {
    const { code, checks } = await trunkChecks({ ...FOUND, ...differing });
    expect(checks.map(({ level, finding }) => `${level} ${finding}`)).toEqual(lines);
    const hasFailed = checks.some(({ level }) => level === "fail");
    expect(code).toBe(hasFailed ? 1 : 0);
    expect(checks.every(({ level, advice }) => (level === "fail") === (advice !== undefined))).toBe(
      true,
    );
  });

  it("that only calls us, and says nothing", async () => {
    expect((await trunkChecks(undefined)).checks).toEqual([]);
  });
});
