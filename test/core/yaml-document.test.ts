/** What a person is told about a wrong file: where, what was expected, what was found. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { GatewayError } from "../../src/core/errors.ts";
import { parseYamlDocument } from "../../src/core/yaml-document.ts";

const schema = z.strictObject({
  sip: z
    .strictObject({ port: z.number().int().min(1).max(65_535).default(5060), host: z.string() })
    .optional(),
  anchor: z.enum(["direct", "rtpengine"]).optional(),
  server: z.union([z.literal("embedded"), z.strictObject({ host: z.string() })]).optional(),
  phone: z.string().optional(),
  list: z.array(z.strictObject({ name: z.string() })).optional(),
  models: z
    .record(
      z.string().regex(/^[a-z]+$/, "lower-case letters"),
      z.discriminatedUnion("kind", [
        z.strictObject({ kind: z.literal("local") }),
        z.strictObject({ kind: z.literal("openai"), apiKey: z.string().min(8) }),
      ]),
    )
    .optional(),
  secretUrl: z.string().startsWith("redis:").meta({ writeOnly: true }).optional(),
});

function problemsOf(text: string): string[] {
  try {
    parseYamlDocument(text, "g.yaml", schema);
  } catch (error) {
    expect(error).toBeInstanceOf(GatewayError);
    expect(error).toMatchObject({ code: "CONFIG_INVALID" });
    return (error as Error).message.split("\n  ").slice(1);
  }
  return [];
}

describe("parseYamlDocument", () => {
  it("returns the checked value with defaults", () => {
    expect(parseYamlDocument("sip: { host: a }\n", "g.yaml", schema)).toEqual({
      sip: { host: "a", port: 5060 },
    });
  });

  it.each([
    [
      "a number out of range",
      "sip:\n  host: a\n  port: 70000\n",
      "3:9  sip.port: expected a whole number from 1 to 65535, found 70000",
    ],
    [
      "text for a number",
      "sip: { host: a, port: lots }",
      '1:23  sip.port: expected a whole number from 1 to 65535, found "lots"',
    ],
    [
      "an unknown key",
      "sip:\n  host: a\n  prot: 1\n",
      '3:3  sip.prot: unknown key; did you mean "port"?',
    ],
    [
      "an unknown key like no other",
      "sip: { host: a, zebra: 1 }",
      "1:17  sip.zebra: unknown key; known here: port, host",
    ],
    ["a missing field", "phone: a\nsip:\n  port: 1\n", "2:1  sip.host: is missing: expected text"],
    [
      "an empty value",
      "anchor:\n",
      '1:1  anchor: is missing: expected one of "direct", "rtpengine"',
    ],
    [
      "a word that is nearly right",
      "anchor: rtp-engine",
      '1:9  anchor: expected one of "direct", "rtpengine", found "rtp-engine"; did you mean "rtpengine"?',
    ],
    ["a list for fields", "sip: [1]", "1:6  sip: expected fields (port, host), found a list"],
    [
      "an entry of a list",
      "list:\n  - name: a\n  - nam: b\n",
      '3:5  list[1].nam: unknown key; did you mean "name"?',
    ],
    [
      "a union of a word and fields",
      "server: outside",
      '1:9  server: expected "embedded" or fields (host), found "outside"',
    ],
    [
      "a field within a union",
      "server: { hots: b }",
      '1:11  server.hots: unknown key; did you mean "host"?',
    ],
    [
      "a kind nobody knows",
      "models:\n  a:\n    kind: opnai\n",
      '3:11  models.a.kind: expected one of "local", "openai", found "opnai"; did you mean "openai"?',
    ],
    [
      "a missing kind",
      "models:\n  a: {}\n",
      '2:3  models.a.kind: is missing: expected one of "local", "openai"',
    ],
    [
      "a field of another kind",
      "models: { a: { kind: local, apiKey: abcdefgh } }",
      "1:29  models.a.apiKey: unknown key; known here: kind",
    ],
    [
      "a name that is no name",
      "models: { A1: { kind: local } }",
      "1:11  models.A1: expected lower-case letters",
    ],
    [
      "a file that is a list",
      "- a\n",
      "1:1  expected fields (sip, anchor, server, phone, list, models, secretUrl), found a list",
    ],
  ])("names %s", (_what, text, expected) => {
    expect(problemsOf(text)).toContain(`g.yaml:${expected}`);
  });

  it("lists every problem", () => {
    expect(problemsOf("anchor: x\nphone: 1\nsip: { port: 0, host: a, q: 1 }\n")).toHaveLength(4);
  });

  it("asks to quote a phone number without repeating it", () => {
    const [problem] = problemsOf("phone: +15551234567\n");
    expect(problem).toBe(
      "g.yaml:1:8  phone: expected text, found a number: quote it, or YAML drops its + and leading zeros",
    );
  });

  it.each([
    ["models: { a: { kind: openai, apiKey: hush } }"],
    ["secretUrl: hush"],
    ["models: { a: hush }"],
    ["models: hush"],
    ["sip: { host: a, token: { b: hush } }"],
    ['models: { a: { kind: openai, apiKey: "hush'],
    ["models: { a: { kind: openai, apiKey: hush: hush } }"],
    ["models:\n  a: *hush\n"],
    ['sip: "hush" x'],
  ])("never shows a secret: %s", (text) => {
    const problems = problemsOf(text);
    expect(problems).not.toEqual([]);
    expect(problems.join()).not.toContain("hush");
  });

  it.each([
    ["a key given twice", "phone: a\nphone: b\n", "2:1  expected each key once"],
    ["tabs", "sip:\n\thost: a\n", "2:1  expected spaces for indentation"],
    ["an open bracket", "list: [\n  {name: a},\nphone: a\n", "3:1  not YAML"],
    ["two documents", "phone: a\n---\nphone: b\n", "2:1  expected one document"],
    ["a tag", "phone: !ruby/object a\n", "1:8  expected plain values"],
    ["an alias of nothing", "phone: *a\n", "1:1  expected every alias"],
  ])("points at %s", (_what, text, expected) => {
    expect(problemsOf(text)[0]).toContain(`g.yaml:${expected}`);
  });

  it("refuses an alias bomb, endless nesting and huge files", () => {
    const levels = "bcdefghi".split("").map((name, index) => {
      const before = String.fromCharCode(name.charCodeAt(0) - 1);
      return `${name}: &${name} [${Array(9).fill(`*${before}`).join(",")}]  # ${index}`;
    });
    expect(problemsOf(`a: &a [x]\n${levels.join("\n")}\n`)[0]).toContain("aliases");
    expect(problemsOf("[".repeat(20_000)).length).toBeLessThanOrEqual(20);
    expect(problemsOf("#".repeat(1024 * 1024 + 1))[0]).toContain("at most");
  });
});
