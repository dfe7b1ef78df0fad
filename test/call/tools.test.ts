/** What a model may ask for, and what untrusted arguments do. */
import { describe, expect, it } from "vitest";
import { checkToolCall, TOOL_NAMES, toolDefinitions } from "../../src/call/tools.ts";

describe("checkToolCall", () => {
  it.each([
    ["hang_up", "{}", { kind: "hangUp" }],
    ["hang_up", "not json", { kind: "hangUp" }],
    ["send_dtmf", '{"digits":"12#"}', { kind: "sendDtmf", digits: "12#" }],
  ])("takes %s with %s", (name, json, expected) => {
    expect(checkToolCall(name, json, TOOL_NAMES)).toEqual(expected);
  });

  it.each([
    ["send_dtmf", "not json"],
    ["send_dtmf", "null"],
    ["send_dtmf", '{"digits":12}'],
    ["send_dtmf", '{"digits":"call me"}'],
    ["send_dtmf", `{"digits":"${"1".repeat(33)}"}`],
    ["format_disk", "{}"],
  ])("refuses %s with %s in words the model understands", (name, json) => {
    expect(checkToolCall(name, json, TOOL_NAMES)).toMatchObject({ kind: "refused" });
  });

  it("refuses a tool that the flow does not allow", () => {
    expect(checkToolCall("hang_up", "{}", [])).toMatchObject({ kind: "refused" });
  });
});

describe("toolDefinitions", () => {
  it("describes each allowed tool by a schema of an object", () => {
    const types = toolDefinitions(TOOL_NAMES).map(({ name, parameters }) => [
      name,
      parameters["type"],
    ]);
    expect(types).toEqual(TOOL_NAMES.map((name) => [name, "object"]));
  });
});
