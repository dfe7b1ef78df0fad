/** What `trunkline doctor` says of models that it asks for a session. */
import { describe, expect, it } from "vitest";
import type { Machine } from "../../src/cli/machine.ts";
import { LEAST_FILES, runCli } from "../support/cli-bench.ts";

interface Check {
  readonly name: string;
  readonly level: string;
  readonly finding: string;
  readonly advice?: string;
}

async function checksOf(settings: string, machine: Partial<Machine> = {}) {
  const yaml = `models: { nova: { kind: nova-sonic${settings} } }\n`;
  const files = { ...LEAST_FILES, "gateway.yaml": yaml };
  const { code, out } = await runCli(["doctor", "--json"], { files, machine });
  const { checks } = JSON.parse(out) as { checks: Check[] };
  return { code, out, checks: checks.filter(({ name }) => name.startsWith("model nova")) };
}

describe("the doctor, of Nova Sonic,", () => {
  it("says that a session was given, and where credentials come from", async () => {
    const { code, checks } = await checksOf("");
    expect(code).toBe(0);
    expect(checks).toEqual([
      {
        name: "model nova credentials",
        level: "ok",
        finding: "of this machine, found by the AWS client",
      },
      { name: "model nova session", level: "ok", finding: "the service gave us one" },
    ]);
  });

  it("says in plain words what the service said, and shows no key", async () => {
    const reason = "AWS refused the signature: look at secretAccessKey of the model";
    const { code, checks, out } = await checksOf(
      ", accessKeyId: AKIAKNOWN, secretAccessKey: very-secret",
      { askModel: async () => ({ code: "MODEL_REJECTED", reason }) },
    );
    expect(code).toBe(1);
    expect(checks[1]).toMatchObject({ level: "fail", finding: reason });
    expect(out).not.toContain("very-secret");
  });

  it("warns of temporary keys, which do not renew themselves", async () => {
    const keys = ", accessKeyId: AKIAKNOWN, secretAccessKey: very-secret, sessionToken: token";
    const { checks, out } = await checksOf(keys);
    expect(checks[0]).toMatchObject({ level: "warn" });
    expect(out).not.toMatch(/very-secret|"token/);
  });

  it("knows a stand-in on this machine", async () => {
    const { checks } = await checksOf(", endpoint: 'http://127.0.0.1:17000'");
    expect(checks[0]).toMatchObject({ level: "ok", finding: "dummy ones, for a stand-in" });
  });
});

describe("the doctor, of any model that is a service,", () => {
  const yaml = "models: { o: { kind: openai, apiKey: sk-not-the-right-key } }\n";
  const files = { ...LEAST_FILES, "gateway.yaml": yaml };

  it("says that its key is refused, without showing it", async () => {
    const reason = "the API key was refused (HTTP 401)";
    const machine = { askModel: async () => ({ code: "MODEL_REJECTED" as const, reason }) };
    const { code, out } = await runCli(["doctor"], { files, machine });
    expect(code).toBe(1);
    expect(out).toContain(`fail  model o session: ${reason}`);
    expect(out).not.toContain("sk-not-the-right-key");
  });

  it("does not ask one that cannot be reached", async () => {
    const asked: string[] = [];
    const machine: Partial<Machine> = {
      connect: async () => "ECONNREFUSED",
      askModel: async (name) => {
        asked.push(name);
        return undefined;
      },
    };
    await runCli(["doctor"], { files, machine });
    expect(asked).toEqual([]);
  });
});
