/** Results fit into what a contact can hold, and say what was cut. */
import { describe, expect, it } from "vitest";
import { CONTACT_BYTES, fitResults, resultsOf } from "../../../src/call/briefing/call-results.ts";

function bytesOf(attributes: Readonly<Record<string, string>>): number {
  return Object.entries(attributes).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value),
    0,
  );
}

describe("results of a call", () => {
  it("are what the model noted and how the call ended", () => {
    const results = resultsOf({
      callId: "c1",
      flow: "desk",
      verdict: { endedBy: "model", outcome: "completed", reason: "the model hung up" },
      seconds: 12,
      turns: 3,
      noted: { next: "agent" },
      summary: undefined,
    });
    expect(results).toEqual({
      next: "agent",
      trunkline_call_id: "c1",
      trunkline_flow: "desk",
      trunkline_outcome: "completed",
      trunkline_ended_by: "model",
      trunkline_reason: "the model hung up",
      trunkline_seconds: "12",
      trunkline_turns: "3",
    });
  });

  it("stay as they are where there is room", () => {
    expect(fitResults({ a: "1" }, { b: "2" })).toEqual({ attributes: { a: "1" }, trimmed: [] });
  });

  it.each([
    ["one long value of two-byte letters", { notes: "ä".repeat(40_000), next: "agent" }, {}],
    ["two long values", { notes: "x".repeat(20_000), more: "y".repeat(20_000) }, {}],
    ["a contact that is nearly full", { notes: "x".repeat(500) }, { old: "z".repeat(32_600) }],
  ])("are cut to fit: %s", (_name, results, existing) => {
    const { attributes, trimmed } = fitResults(results, existing);
    expect(bytesOf({ ...existing, ...attributes })).toBeLessThanOrEqual(CONTACT_BYTES);
    expect(bytesOf({ ...existing, ...attributes })).toBeGreaterThan(CONTACT_BYTES - 5);
    expect(attributes["trunkline_trimmed"]).toBe(trimmed.join(" "));
    expect(Object.values(attributes).join("")).not.toContain("\uFFFD");
  });

  it("cost only the difference where they replace what the contact has", () => {
    const { trimmed } = fitResults({ notes: "y".repeat(30_000) }, { notes: "x".repeat(30_000) });
    expect(trimmed).toEqual([]);
  });

  it("are nothing for a contact that is full", () => {
    const { attributes } = fitResults({ notes: "abc" }, { old: "z".repeat(CONTACT_BYTES) });
    expect(bytesOf(attributes)).toBe(0);
  });
});
