/** A wrong configuration keeps the gateway from starting, and says where it is wrong. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildGateway } from "./support/gateway-process.ts";

const PROGRAM = fileURLToPath(new URL("../../dist/main.js", import.meta.url));

let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "wrong-config-"));
  await buildGateway();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Starts it in the folder that holds `files`; it must end by itself. */
function start(files: Readonly<Record<string, string>>, environment: NodeJS.ProcessEnv = {}) {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith("TRUNKLINE_"));
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, "start"], {
    cwd: folder,
    env: { ...Object.fromEntries(own), ...environment },
    timeout: 20_000,
  });
  for (const name of Object.keys(files)) {
    rmSync(join(folder, name), { recursive: true });
  }
  return { status, stdout: stdout.toString(), stderr: stderr.toString() };
}

describe("does not start, and exits with 2: a gateway", () => {
  it.each([
    ["an unknown key", "sip:\n  prot: 5060\n", "gateway.yaml:2:3", 'did you mean "port"?'],
    ["a port that is none", "sip: { port: 99999 }\n", "gateway.yaml:1:14", "from 0 to 65535"],
    ["a word for a number", "calls:\n  max: many\n", "gateway.yaml:2:8", "a whole number"],
    [
      "ports the wrong way round",
      "media: { ports: { min: 3000, max: 2000 } }",
      "gateway.yaml:1:35",
      "above min",
    ],
    ["a tab", "http:\n\tport: 1\n", "gateway.yaml:2:1", "expected spaces"],
    ["a key twice", "sip: { port: 1 }\nsip: { port: 2 }\n", "gateway.yaml:2:1", "each key once"],
    ["a list that never ends", "sip: [\n", "gateway.yaml:2:1", "not YAML"],
    ["bytes that are no text", "\0\u0001\u00ff", "gateway.yaml:1:1", "expected fields"],
    ["an API open to all", "http: { host: 0.0.0.0 }\n", "gateway.yaml:", "tokens"],
  ])("whose file has %s", (_what, yaml, where, expected) => {
    const { status, stdout, stderr } = start({ "gateway.yaml": yaml });
    expect(stderr).toContain(where);
    expect(stderr).toContain(expected);
    expect([status, stdout]).toEqual([2, ""]);
  });

  it("whose flow has an unknown key", () => {
    const flow = "mode: agent\nmodel: local\ngreting: Hello\n";
    const { status, stderr } = start({ "flows/agent.yaml": flow });
    expect(stderr).toContain(
      'flows/agent.yaml:3:1  greting: unknown key; did you mean "greeting"?',
    );
    expect(status).toBe(2);
  });

  it("whose environment is wrong names the variable, and never shows a secret", () => {
    const wrong = { TRUNKLINE_SIP__PORT: "abc", TRUNKLINE_MODELS__X__API_KEY: "sk-secret" };
    const { status, stderr } = start({}, wrong);
    expect(stderr).toContain("TRUNKLINE_SIP__PORT");
    expect(stderr).not.toContain("sk-secret");
    expect(status).toBe(2);
  });

  it("whose file is not there", () => {
    const { status, stderr } = start({}, { TRUNKLINE_CONFIG: "/nowhere/gateway.yaml" });
    expect(stderr).toContain("/nowhere/gateway.yaml");
    expect(stderr).toContain("does not exist");
    expect(status).toBe(2);
  });
});
