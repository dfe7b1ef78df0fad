/** What `trunkline doctor` says of the services that agents are helped with. */
import { describe, expect, it } from "vitest";
import type { AssistFindings } from "../../src/app/assist-probe.ts";
import { LEAST_FILES, runCli } from "../support/cli-bench.ts";

const YAML = [
  "assist:",
  "  advisor: { kind: openai, model: m, apiKey: sk-very-secret }",
  "  knowledgeSource: { kind: kendra, indexId: 0f0d1b9e-5a7d-4b0c-9f57-1d2c3b4a5f60 }",
  "  contactLens: { instanceId: i-1, streamArn: 'arn:aws:kinesis:us-east-1:123456789012:stream/lens' }",
].join("\n");
const NAMES = ["advisor", "knowledge source", "contact lens", "contact lens stream"];

async function checksOf(findings: AssistFindings, yaml = YAML) {
  const asked: unknown[] = [];
  const { code, out } = await runCli(["doctor", "--json"], {
    files: { ...LEAST_FILES, "gateway.yaml": yaml },
    machine: {
      askAssist: async (config) => {
        asked.push(config);
        return findings;
      },
    },
  });
  const { checks } = JSON.parse(out) as {
    checks: { name: string; level: string; finding: string; advice?: string }[];
  };
  return { code, out, asked, checks: checks.filter(({ name }) => NAMES.includes(name)) };
}

describe("the doctor, of the help for agents,", () => {
  it("asks nobody where only files of this machine are used", async () => {
    const { checks, asked } = await checksOf({}, "{}");
    expect([checks, asked]).toEqual([[], []]);
  });

  it("says that each service answers", async () => {
    const { code, checks } = await checksOf({
      advisor: "ok",
      knowledge: "ok",
      contactLens: "ok",
      contactLensStream: 2,
    });
    expect([code, checks.map(({ name, level }) => [name, level])]).toEqual([
      0,
      NAMES.map((name) => [name, "ok"]),
    ]);
    expect(checks[3]?.finding).toContain("2 shards");
  });

  it("says what is wrong, what happens meanwhile, and which field mends it", async () => {
    const { code, checks, out } = await checksOf({
      advisor: "refused",
      knowledge: "unreachable",
      contactLens: "refused",
      contactLensStream: "refused",
    });
    expect([code, checks.map(({ level }) => level)]).toEqual([0, ["warn", "warn", "warn", "warn"]]);
    expect(checks.map(({ advice }) => advice)).toEqual([
      expect.stringContaining("assist.advisor.apiKey"),
      expect.stringContaining("aws.endpoint"),
      expect.stringContaining("assist.contactLens.instanceId"),
      expect.stringContaining("assist.contactLens.streamArn"),
    ]);
    expect(checks[1]?.finding).toContain("meanwhile answers rest on the folder");
    expect(out).not.toContain("sk-very-secret");
  });
});
