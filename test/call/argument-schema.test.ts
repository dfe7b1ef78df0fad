/** The part of JSON Schema that tools are described with: what is taken, what is refused, and how flows are told. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { flowSchema } from "../../src/call/flow.ts";
import { type ArgumentSchema, argumentProblem } from "../../src/call/tools/argument-schema.ts";
import { readArguments } from "../../src/call/tools/arguments.ts";
import { readYamlDocument } from "../../src/core/yaml-document.ts";

const BOOKING: ArgumentSchema = {
  type: "object",
  properties: {
    day: { type: "string", enum: ["monday", "friday"] },
    guests: { type: "integer", minimum: 1, maximum: 8 },
    notes: { type: "array", items: { type: "string", maxLength: 5 }, maxItems: 2 },
    code: { type: "string", pattern: "^[A-Z]{2}[0-9]+$", minLength: 4 },
    version: { const: 2 },
    card: { type: "object", properties: { kind: { type: "string" } }, required: ["kind"] },
  },
  required: ["day"],
};

describe("arguments", () => {
  it.each([
    [{ day: "monday" }],
    [{ day: "friday", guests: 8, notes: ["a", "b"], code: "AB12", version: 2 }],
    [{ day: "friday", card: { kind: "x", more: [1] }, unknown: true }],
  ])("are taken as described: %j", (value) => {
    expect(argumentProblem(BOOKING, value)).toBeUndefined();
  });

  it.each([
    [[], "arguments must be object"],
    [{}, "arguments.day is missing"],
    [{ day: "sunday" }, 'arguments.day must be one of ["monday","friday"]'],
    [{ day: "monday", guests: 0 }, "arguments.guests must be 1 to 8"],
    [{ day: "monday", guests: 1.5 }, "arguments.guests must be integer"],
    [{ day: "monday", guests: "2" }, "arguments.guests must be integer"],
    [{ day: "monday", notes: ["a", "b", "c"] }, "arguments.notes must have 0 to 2 entries"],
    [{ day: "monday", notes: ["abcdef"] }, "arguments.notes[0] must have 0 to 5 characters"],
    [{ day: "monday", code: "A1" }, "arguments.code must have at least 4 characters"],
    [{ day: "monday", code: "ab12" }, "arguments.code must match"],
    [{ day: "monday", version: 3 }, "arguments.version must be one of [2]"],
    [{ day: "monday", card: {} }, "arguments.card.kind is missing"],
  ])("are refused: %j", (value, expected) => {
    expect(argumentProblem(BOOKING, value)).toContain(expected);
  });

  it("of whatever a model writes are read or refused, and nothing is thrown", () => {
    const text = fc.oneof(fc.string(), fc.json(), fc.constant("["), fc.constant('{"__proto__":1}'));
    fc.assert(
      fc.property(text, (json) => {
        expect(["good", "bad"]).toContain(readArguments(json, { ...BOOKING }).kind);
      }),
    );
  });

  it("nested without end are refused", () => {
    const deep = "[".repeat(8000) + "]".repeat(8000);
    expect(readArguments(deep, { ...BOOKING })).toMatchObject({ kind: "bad" });
  });
});

describe("a flow", () => {
  const problemsOf = (property: string): string => {
    const text = `model: local
tools:
  - name: lookup
    description: Looks something up.
    webhook: { url: "https://a.example/b" }
    parameters:
      type: object
      properties:
        a: ${property}
`;
    return readYamlDocument(text, "f.yaml", flowSchema).problems.join("\n");
  };

  it.each([
    ["{ type: string, description: what it is, maxLength: 3 }", ""],
    [
      "{ type: string, format: date }",
      "f.yaml:9:28  tools[0].parameters.properties.a.format: unknown key",
    ],
    ["{ oneOf: [] }", "f.yaml:9:14  tools[0].parameters.properties.a.oneOf: unknown key"],
    ["{ type: text }", "f.yaml:9:20  tools[0].parameters.properties.a.type: expected"],
    ["{ pattern: (a+)+ }", "repeats no group with a repeat or a choice in it"],
    ["{ pattern: '(' }", "a regular expression"],
  ])("with the argument %s has the problem %j", (property, expected) => {
    expect(expected === "" ? problemsOf(property) : "").toBe("");
    expect(problemsOf(property)).toContain(expected);
  });

  it("must describe an object", () => {
    const text = `model: local
tools:
  - { name: a, description: b, webhook: { url: "https://a.example" }, parameters: { type: string } }
`;
    expect(readYamlDocument(text, "f.yaml", flowSchema).problems.join()).toContain(
      "expected type: object at the top",
    );
  });
});
