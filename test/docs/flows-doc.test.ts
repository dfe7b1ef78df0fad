/** docs/flows.md: its example is a flow, with every field, and it explains every outcome. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { loadConfig } from "../../src/app/config.ts";
import { loadCallScripts } from "../../src/app/load-flows.ts";
import { flowSchema } from "../../src/call/flow.ts";
import { TOOL_OUTCOMES, TRANSFER_OUTCOMES } from "../../src/core/tool-labels.ts";
import { memoryFiles } from "../support/memory-files.ts";

const TEXT = readFileSync(new URL("../../docs/flows.md", import.meta.url), "utf8");
const EXAMPLE = /```yaml\n([\s\S]*?)```/.exec(TEXT)?.[1] ?? "";
const LISTENER = /```yaml\n(mode: assist\n[\s\S]*?)```/.exec(TEXT)?.[1] ?? "";

describe("docs/flows.md", () => {
  it("has an example that a gateway takes", () => {
    const files = memoryFiles({
      "gateway.yaml":
        "tools: { allowedHosts: [crm.example.com] }\nmodels: { openai: { kind: openai, apiKey: k } }\n",
      "flows/agent.yaml": EXAMPLE,
      "sip-config/routes.yaml": "[]",
    });
    const environment = { CRM_WEBHOOK_SECRET: "0123456789abcdef" };
    const { config } = loadConfig({ environment, files });
    const flow = loadCallScripts(config, { environment, files }).flows.get("agent");
    expect(flow?.tools.at(-1)).toMatchObject({ webhook: { secret: "0123456789abcdef" } });
  });

  it("has an example of a flow that listens, which is one", () => {
    const files = memoryFiles({
      "gateway.yaml": "{}",
      "flows/agent.yaml": "model: local",
      "flows/assist.yaml": LISTENER,
      "sip-config/routes.yaml": "[]",
    });
    const { config } = loadConfig({ environment: {}, files });
    const flow = loadCallScripts(config, { environment: {}, files }).flows.get("assist");
    expect(flow?.mode).toBe("assist");
  });

  it("shows every field of a flow but the script of the local model", () => {
    const fields = Object.keys(flowSchema.shape).filter((name) => name !== "dialogue");
    const shown = `${EXAMPLE}\n${LISTENER}`;
    const missing = fields.filter((name) => !new RegExp(`^${name}:|"${name}:`, "m").test(shown));
    expect(missing).toEqual([]);
  });

  it("explains every outcome of tools and of transfers", () => {
    const outcomes = [...TOOL_OUTCOMES, ...TRANSFER_OUTCOMES];
    expect(outcomes.filter((outcome) => !TEXT.includes(`\`${outcome}\``))).toEqual([]);
  });
});
