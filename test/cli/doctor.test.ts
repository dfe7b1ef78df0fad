/** What the doctor finds, what it advises, and what its exit code says. */
import { describe, expect, it } from "vitest";
import type { Check } from "../../src/cli/doctor-checks.ts";
import { type CliWorld, LEAST_FILES, runCli } from "../support/cli-bench.ts";

const withYaml = (yaml: string): Pick<CliWorld, "files"> => ({
  files: { ...LEAST_FILES, "gateway.yaml": yaml },
});

async function checksOf(world: CliWorld): Promise<{ code: number; troubles: Check[] }> {
  const { code, out } = await runCli(["doctor", "--json"], world);
  const { checks } = JSON.parse(out) as { checks: Check[] };
  return { code, troubles: checks.filter(({ level }) => level !== "ok") };
}

describe("trunkline doctor", () => {
  it("finds nothing on a healthy machine", async () => {
    const { code, out } = await runCli(["doctor"]);
    expect(out.split("\n").filter((line) => !line.startsWith("ok    "))).toEqual([""]);
    expect(code).toBe(0);
  });

  it("prints the advice under the finding", async () => {
    const machine = { receiveBufferLimitBytes: () => 212_992 };
    const { out, code } = await runCli(["doctor"], { machine });
    expect(out).toContain(
      "warn  receive buffer: net.core.rmem_max is 212992 bytes: packets are lost while the process is busy\n" +
        "      -> sysctl -w net.core.rmem_max=4194304\n",
    );
    expect(code).toBe(0);
  });

  it("names who holds a port", async () => {
    const { code, troubles } = await checksOf({
      machine: {
        bind: async (protocol, _host, port) =>
          protocol === "udp" && port === 5060 ? "EADDRINUSE" : undefined,
        holderOf: () => "asterisk (pid 12)",
      },
    });
    expect(code).toBe(1);
    expect(troubles).toEqual([
      {
        name: "sip udp",
        level: "fail",
        finding: "127.0.0.1:5060 is in use by asterisk (pid 12)",
        advice: "stop that program (all is well if it is this gateway), or change sip.port",
      },
    ]);
  });

  it.each([
    ["EADDRNOTAVAIL", "this machine has no such address"],
    ["EACCES", "need a privilege"],
    ["EWHAT", "cannot be opened (EWHAT)"],
  ])("explains %s", async (code, expected) => {
    const { troubles } = await checksOf({ machine: { bind: async () => code } });
    expect(troubles.map(({ name }) => name)).toEqual(["sip udp", "sip tcp", "http", "media ports"]);
    expect(troubles[0]?.finding).toContain(expected);
  });

  it("warns when ports are too few for the calls", async () => {
    const { code, troubles } = await checksOf({
      ...withYaml("media: { ports: { min: 20000, max: 20199 } }\n"),
      machine: { usedUdpPorts: () => 3 },
    });
    expect(code).toBe(0);
    expect(troubles[0]).toMatchObject({ name: "media ports", level: "warn" });
    expect(troubles[0]?.finding).toContain("room for 100 calls, 3 in use; calls.max is 500");
  });

  it("looks for Redis, and at the secret that all nodes need", async () => {
    const bus = "bus: { kind: redis, url: 'redis://me:hidden@redis.example.com' }\n";
    const asked: string[] = [];
    const machine = {
      connect: async (host: string, port: number) => {
        asked.push(`${host}:${port}`);
        return "ECONNREFUSED";
      },
    };
    const { code, troubles } = await checksOf({ ...withYaml(bus), machine });
    expect([code, asked]).toEqual([0, ["redis.example.com:6379"]]);
    expect(troubles.map(({ name, level }) => [name, level])).toEqual([
      ["bus", "warn"],
      ["assist tokens", "warn"],
    ]);
    expect(JSON.stringify(troubles)).not.toContain("hidden");
    const shared = `${bus}assist: { tokenSecret: 0123456789-0123456789-0123456789 }\n`;
    expect((await checksOf(withYaml(shared))).troubles).toEqual([]);
  });

  it("says which speech programs are missing, unless they are not wanted", async () => {
    const machine = { hasProgram: () => false };
    const { troubles } = await checksOf({ machine });
    expect(troubles[0]).toMatchObject({
      level: "warn",
      finding: "speaks shipped prompts only, understands keys only",
    });
    const off = withYaml("models: { local: { kind: local, speech: off } }\n");
    expect((await checksOf({ ...off, machine })).troubles).toEqual([]);
  });

  it.each([
    ["apiKey: nonsense", "does not look like a key of OpenAI"],
    ['apiKey: "sk-abc def"', "holds spaces"],
    ["apiKey: x, url: 'ws://stand-in:99/v1'", "unencrypted to stand-in:99"],
  ])("looks at the shape of a key without showing it: %s", async (fields, expected) => {
    const yaml = `models: { openai: { kind: openai, ${fields} } }\n`;
    const { out } = await runCli(["doctor"], withYaml(yaml));
    expect(out).toContain(expected);
    expect(out).not.toMatch(/nonsense|sk-abc/);
  });

  it("tries to reach a model", async () => {
    const asked: string[] = [];
    const { code, troubles } = await checksOf({
      ...withYaml("models: { o: { kind: openai, apiKey: x, url: 'ws://[::1]:7/' } }\n"),
      machine: {
        connect: async (host, port) => {
          asked.push(`${host} ${port}`);
          return "ECONNREFUSED";
        },
      },
    });
    expect(asked).toEqual(["::1 7"]);
    expect(code).toBe(1);
    expect(troubles[0]?.finding).toContain("cannot be reached (ECONNREFUSED)");
  });

  it("asks an outside SIP server instead of binding its port", async () => {
    const { troubles } = await checksOf({
      ...withYaml("sip: { drachtio: { host: sip.example, secret: cymru } }\n"),
      machine: { connect: async () => "ENOTFOUND" },
    });
    expect(troubles[0]?.finding).toBe("sip.example:9022 cannot be reached (ENOTFOUND)");
  });

  it("fails a store that cannot be written and an old Node", async () => {
    const machine = { isWritable: () => false, nodeVersion: "20.18.1" };
    const { code, troubles } = await checksOf({ machine });
    expect(troubles.map(({ name }) => name)).toEqual(["node", "store"]);
    expect(code).toBe(1);
  });

  it("answers a wrong configuration with 2 and its problems", async () => {
    const { code, troubles } = await checksOf(withYaml("sip: { prot: 1 }\nlog: 5\n"));
    expect(code).toBe(2);
    expect(troubles.map(({ name, level }) => [name, level])).toEqual([
      ["configuration", "fail"],
      ["configuration", "fail"],
    ]);
  });

  it("looks on when only a flow is wrong", async () => {
    const files = { ...LEAST_FILES, "flows/agent.yaml": "model: nobody\n" };
    const { code, troubles } = await checksOf({ files, machine: { isWritable: () => false } });
    expect(code).toBe(2);
    expect(troubles.map(({ name }) => name)).toEqual(["flows, trunks, routes", "store"]);
  });
});
