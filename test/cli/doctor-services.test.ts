/** What `trunkline doctor` says of models whose service wants a key over a WebSocket. */
import { describe, expect, it } from "vitest";
import type { Machine } from "../../src/cli/machine.ts";
import type { ModelFailure } from "../../src/ports/realtime-model.ts";
import { LEAST_FILES, runCli } from "../support/cli-bench.ts";

const KEY = "sk-very-secret-0123456789";
const KINDS = [
  ["openai", `apiKey: ${KEY}`, "models.m.apiKey", "models.m.model"],
  [
    "azure",
    `endpoint: "https://a.example", deployment: d, apiKey: ${KEY}`,
    "models.m.apiKey",
    "models.m.deployment",
  ],
  [
    "azure",
    `endpoint: "https://a.example", deployment: d, bearerToken: ${KEY}`,
    "models.m.bearerToken",
    "models.m.endpoint",
  ],
  ["gpt-live", `apiKey: ${KEY}`, "models.m.apiKey", "models.m.url"],
] as const;

async function checksOf(kind: string, fields: string, machine: Partial<Machine>) {
  const yaml = `models: { m: { kind: ${kind}, ${fields} } }\n`;
  const files = { ...LEAST_FILES, "gateway.yaml": yaml };
  const { code, out } = await runCli(["doctor", "--json"], { files, machine });
  const { checks } = JSON.parse(out) as {
    checks: { name: string; level: string; finding: string; advice?: string }[];
  };
  return { code, out, checks: checks.filter(({ name }) => name.startsWith("model m")) };
}

describe.each(KINDS)(
  "the doctor, of a model of kind %s with %s,",
  (kind, fields, keyField, other) => {
    it("says that it gave a session", async () => {
      const asked: string[] = [];
      const { code, checks } = await checksOf(kind, fields, {
        askModel: async (name) => {
          asked.push(name);
          return undefined;
        },
      });
      expect(asked).toContain("m");
      expect(code).toBe(0);
      expect(checks.map(({ level }) => level)).toEqual(["ok", "ok"]);
      expect(checks[1]?.finding).toMatch(/gave us a session$/);
    });

    it("says in plain words that the key is wrong, and where to change it", async () => {
      const failure: ModelFailure = {
        code: "MODEL_REJECTED",
        reason: "the API key or token was refused (HTTP 401)",
      };
      const { code, checks, out } = await checksOf(kind, fields, { askModel: async () => failure });
      expect(code).toBe(1);
      expect(checks[1]).toMatchObject({ level: "fail", finding: failure.reason });
      expect(checks[1]?.advice).toContain(keyField);
      expect(checks[1]?.advice).toContain(other);
      expect(out).not.toContain(KEY);
    });

    it("does not ask where nothing listens", async () => {
      const { checks } = await checksOf(kind, fields, {
        connect: async () => "ECONNREFUSED",
        askModel: () => Promise.reject(new Error("asked")),
      });
      expect(checks[1]?.finding).toContain("cannot be reached (ECONNREFUSED)");
    });
  },
);
