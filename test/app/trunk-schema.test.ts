/** The schema of trunks, its JSON Schema and the example file say the same. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { jsonSchema } from "../../src/app/schemas.ts";
import { trunksFileSchema } from "../../src/app/trunk-schema.ts";
import { BUILT_IN_NETWORKS } from "../../src/app/voice-connector-networks.ts";
import { parseNetwork } from "../../src/core/network.ts";
import type { SchemaNode } from "../../src/core/schema-outline.ts";
import { readYamlDocument } from "../../src/core/yaml-document.ts";

const EXAMPLE = readText("sip-config/trunks.example.yaml");

function readText(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
}

function problemsOf(text: string): readonly string[] {
  return readYamlDocument(text, "t.yaml", trunksFileSchema).problems;
}

function fieldsOf(node: SchemaNode): readonly (readonly [string, SchemaNode])[] {
  const own = Object.entries(node.properties ?? {});
  const inner = [
    ...own.map(([, child]) => child),
    ...(node.items === undefined ? [] : [node.items]),
    ...(typeof node.additionalProperties === "object" ? [node.additionalProperties] : []),
    ...(node.anyOf ?? []),
  ];
  return [...own, ...inner.flatMap(fieldsOf)];
}

describe("the schema of trunks", () => {
  it("is trunks.schema.json", () => {
    expect(JSON.parse(readText("trunks.schema.json"))).toEqual(jsonSchema("trunks"));
  });

  it("explains every field, marks the passwords, and is all in the example", () => {
    const fields = fieldsOf(jsonSchema("trunks"));
    expect(fields.filter(([, { description }]) => description === undefined)).toEqual([]);
    const secret = fields.filter(([, { writeOnly }]) => writeOnly === true).map(([name]) => name);
    expect(secret).toEqual(Array(5).fill("password"));
    expect(fields.filter(([name]) => !new RegExp(`\\b${name}:`).test(EXAMPLE))).toEqual([]);
    expect(problemsOf(EXAMPLE)).toEqual([]);
  });

  it("knows only built-in networks that are networks", () => {
    const networks = [...BUILT_IN_NETWORKS.values()].flat();
    expect(networks.filter((text) => parseNetwork(text) === undefined)).toEqual([]);
    expect(BUILT_IN_NETWORKS.size).toBe(10);
  });

  it.each([
    ["- { name: a, networks: [10.0.0.1/8] }", "t.yaml:1:25  [0].networks[0]: expected a network"],
    ["- { name: a, networks: [voice-connector:mars] }", "one of voice-connector:us-east-1"],
    ["- { name: a }", "t.yaml:1:3  [0]: a trunk needs networks or digest.inbound"],
    ["- { name: a, host: b, register: {} }", "[0].register: a registration needs a user"],
    ["- { name: a, networks: [10.0.0.1], ping: {} }", "[0].ping: a ping needs the trunk's host"],
    ["- { name: a, networks: [10.0.0.1], maxcalls: 1 }", 'did you mean "maxCalls"?'],
    ["- { name: a, host: b, country: UK }", "[0].country: expected the ISO 3166 code"],
    [
      "- { name: a, host: b, destinations: { deny: [EU] } }",
      "destinations.deny[0]: expected the ISO",
    ],
    ["- { name: a, host: b, codecs: [pcmu, pcmu] }", "expected each codec once"],
    ["- { name: a, host: b, destinations: { allow: [+4930] } }", "quote it, or YAML drops its +"],
    ["- { name: a, host: b, headers: { set: { Via: x } } }", "a header that SIP itself does not"],
    ['- { name: a, host: b, headers: { set: { X-A: "x\\r\\nB: c" } } }', "printable characters"],
    [
      "- { name: a, digest: { inbound: { username: u, password: 12345 } } }",
      "[0].digest.inbound.password: expected the password, best as a reference, found a number",
    ],
  ])("refuses %s", (text, problem) => {
    expect(problemsOf(text).join("\n")).toContain(problem);
  });
});
