/** The command line as people and scripts meet it: where things are printed, and what the exit code says. */
import { describe, expect, it } from "vitest";
import type { CallOptions, StartOptions } from "../../src/cli/program.ts";
import { GatewayError } from "../../src/core/errors.ts";
import { LEAST_FILES, runCli } from "../support/cli-bench.ts";

const start = async (): Promise<0> => 0;

describe("trunkline", () => {
  it("offers a command only when it is there", async () => {
    expect((await runCli(["--help"])).out).not.toContain("start");
    const { out, code } = await runCli(["--help"], { implementations: { start } });
    expect(out).toContain("start the gateway");
    expect(code).toBe(0);
  });

  it("prints its version to stdout", async () => {
    expect(await runCli(["--version"])).toEqual({ code: 0, out: "1.2.3\n", error: "" });
  });

  it.each([
    [["strat"], "Did you mean start?"],
    [["start", "--confg", "x"], "Did you mean --config?"],
    [["start", "now"], "too many arguments"],
    [["calls", "show"], "missing required argument 'id'"],
    [["schema", "zebra"], "Allowed choices are gateway, flow, routes"],
    [[], "Usage: trunkline"],
  ])("answers wrong usage %j with 2, on stderr", async (args, expected) => {
    const { code, out, error } = await runCli(args, { implementations: { start } });
    expect(error).toContain(expected);
    expect({ code, out }).toEqual({ code: 2, out: "" });
  });

  it("hands options to start, and its exit code back", async () => {
    const seen: StartOptions[] = [];
    const implementation = async (options: StartOptions): Promise<1> => {
      seen.push(options);
      return 1;
    };
    const world = { implementations: { start: implementation } };
    expect((await runCli(["start", "--config", "a.yaml"], world)).code).toBe(1);
    expect(seen).toEqual([{ config: "a.yaml" }]);
  });

  it("hands checked options to call", async () => {
    const seen: CallOptions[] = [];
    const call = async (options: CallOptions): Promise<0> => {
      seen.push(options);
      return 0;
    };
    const world = { implementations: { call } };
    const args = "call sip:a@b --say a.wav --record b.wav --seconds 2.5 --dtmf 1,2# --srtp --json";
    expect((await runCli(args.split(" "), world)).code).toBe(0);
    expect(seen).toEqual([
      {
        uri: "sip:a@b",
        say: "a.wav",
        record: "b.wav",
        seconds: 2.5,
        dtmf: "1,2#",
        srtp: true,
        json: true,
      },
    ]);
    expect((await runCli(["call", "sip:a@b", "--dtmf", "x"], world)).code).toBe(2);
    expect((await runCli(["call", "sip:a@b", "--seconds", "0"], world)).code).toBe(2);
  });
});

describe("an error of a command", () => {
  const failing = (error: unknown) => ({
    implementations: { start: () => Promise.reject(error) },
  });

  it("of the configuration is 2", async () => {
    const world = failing(new GatewayError("CONFIG_INVALID", { problems: ["a:1:1  b: c"] }));
    const { code, error } = await runCli(["start"], world);
    expect(code).toBe(2);
    expect(error).toBe(
      "CONFIG_INVALID: A configuration file or variable is wrong.\n  a:1:1  b: c\n",
    );
  });

  it("of any other kind is 1, without a stack", async () => {
    const { code, error, out } = await runCli(["start"], failing(new Error("the port is taken")));
    expect({ code, error, out }).toEqual({ code: 1, error: "the port is taken\n", out: "" });
  });

  it("shows its stack and cause when that is asked for", async () => {
    const cause = new TypeError("deep");
    const world = failing(new Error("shallow", { cause }));
    const { error } = await runCli(["start"], { ...world, environment: { TRUNKLINE_DEBUG: "1" } });
    expect(error).toContain("program.test.ts");
    expect(error).toContain("TypeError: deep");
  });

  it("is red only where somebody looks", async () => {
    const plain = await runCli(["start"], failing(new Error("no")));
    const coloured = await runCli(["start"], { ...failing(new Error("no")), colour: true });
    expect(plain.error).toBe("no\n");
    expect(coloured.error).toBe("\u001b[31mno\u001b[39m\n");
  });
});

describe("trunkline check-config", () => {
  it("says what a valid configuration holds", async () => {
    const files = { ...LEAST_FILES, "gateway.yaml": "calls: { max: 1 }\n" };
    const { code, out } = await runCli(["check-config"], { files });
    expect(out).toBe("valid: gateway.yaml; models local; flows agent; no trunks; 0 routes\n");
    expect(code).toBe(0);
  });

  it("takes the file as an argument and tells in JSON", async () => {
    const files = { ...LEAST_FILES, "a.yaml": "{}" };
    const environment = { TRUNKLINE_SIP__PORT: "5070" };
    const { out } = await runCli(["check-config", "a.yaml", "--json"], { files, environment });
    expect(JSON.parse(out)).toEqual({
      valid: true,
      file: "a.yaml",
      variables: ["TRUNKLINE_SIP__PORT"],
      models: ["local"],
      flows: ["agent"],
      trunks: [],
      routes: 0,
    });
  });

  it("answers a wrong one with 2: problems on stderr, or as JSON on stdout", async () => {
    const files = { ...LEAST_FILES, "gateway.yaml": "sip: { prot: 1 }\nlog: { level: loud }\n" };
    const text = await runCli(["check-config"], { files });
    expect(text.code).toBe(2);
    expect(text.out).toBe("");
    expect(text.error.split("\n")).toHaveLength(4);
    const json = await runCli(["check-config", "--json"], { files });
    expect(json.code).toBe(2);
    expect(JSON.parse(json.out)).toMatchObject({ valid: false, problems: { length: 2 } });
  });
});

describe("trunkline schema", () => {
  it.each([
    [[], "sip"],
    [["gateway"], "models"],
    [["flow"], "dialogue"],
  ])("prints the JSON Schema of %j", async (args, field) => {
    const { out, code } = await runCli(["schema", ...args]);
    expect(code).toBe(0);
    expect(Object.keys(JSON.parse(out).properties)).toContain(field);
  });
});
