/** What a model is told of its tools, and what untrusted arguments do. */
import { describe, expect, it } from "vitest";
import { readArguments } from "../../src/call/tools/arguments.ts";
import { builtInTool } from "../../src/call/tools/built-in-tools.ts";
import { BUILT_IN_TOOLS, type BuiltInTool } from "../../src/call/tools/tool-schema.ts";
import { noMetrics } from "../../src/core/metrics.ts";

const toolOf = (name: BuiltInTool) =>
  builtInTool(name, {
    metrics: noMetrics,
    transfers: {
      sales: { to: "sip:sales@pbx", description: "who sells", waitSeconds: 45 },
      boss: { to: "tel:+15550100", waitSeconds: 45 },
    },
    attributes: ["reason", "mood"],
  });
const read = (name: BuiltInTool, json: string) =>
  readArguments(json, toolOf(name).definition.parameters);

describe("the arguments of built-in tools", () => {
  it.each([
    ["hang_up", "{}", {}],
    ["hang_up", "not json", {}],
    ["hang_up", "", {}],
    ["send_dtmf", '{"digits":"12#"}', { digits: "12#" }],
    ["transfer", '{"to":"sales"}', { to: "sales" }],
    ["set_attribute", '{"name":"mood","value":"good"}', { name: "mood", value: "good" }],
  ] as const)("of %s are taken: %s", (name, json, value) => {
    expect(read(name, json)).toEqual({ kind: "good", value });
  });

  it.each([
    ["send_dtmf", "not json", "arguments must be JSON"],
    ["send_dtmf", "null", "arguments must be object"],
    ["send_dtmf", "", "arguments.digits is missing"],
    ["send_dtmf", '{"digits":12}', "arguments.digits must be string"],
    ["send_dtmf", '{"digits":"call me"}', "arguments.digits must match"],
    ["send_dtmf", `{"digits":"${"1".repeat(33)}"}`, "arguments.digits must match"],
    ["send_dtmf", `{"digits":"${"1".repeat(20_000)}"}`, "at most 16384 characters"],
    ["transfer", '{"to":"+15550123"}', 'arguments.to must be one of ["sales","boss"]'],
    ["transfer", '{"to":"sales","uri":"sip:me@evil"}', "no other fields than to"],
    ["set_attribute", '{"name":"x","value":"y"}', "arguments.name must be one of"],
    [
      "set_attribute",
      `{"name":"mood","value":"${"y".repeat(1001)}"}`,
      "arguments.value must have 0 to 1000 characters",
    ],
    ["set_attribute", '{"name":"mood","value":{}}', "arguments.value must be string"],
  ] as const)("of %s are refused in words the model understands: %s", (name, json, problem) => {
    expect(read(name, json)).toMatchObject({
      kind: "bad",
      problem: expect.stringContaining(problem),
    });
  });
});

describe("what the model is told", () => {
  it("describes each tool by a schema of an object", () => {
    const types = BUILT_IN_TOOLS.map((name) => toolOf(name).definition.parameters["type"]);
    expect(types).toEqual(BUILT_IN_TOOLS.map(() => "object"));
  });

  it("names whom it may transfer to, and no number", () => {
    const { description } = toolOf("transfer").definition;
    expect(description).toContain("sales (who sells), boss");
    expect(JSON.stringify(toolOf("transfer").definition)).not.toContain("555");
  });
});
