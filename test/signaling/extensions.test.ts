/** Which extensions a peer may require. */
import { expect, it } from "vitest";
import { requiresReliableProgress, unknownOptions } from "../../src/signaling/extensions.ts";

it.each([
  [undefined, ""],
  ["100rel", ""],
  ["100REL, timer", ""],
  ["100rel, x-unheard, replaces", "x-unheard, replaces"],
  [" , ", ""],
])("Require: %s leaves unknown: %s", (require, unknown) => {
  expect(unknownOptions(require)).toBe(unknown);
});

it("sends progress reliably to those who require it", () => {
  expect(requiresReliableProgress("timer, 100rel")).toBe(true);
  expect(requiresReliableProgress("timer")).toBe(false);
  expect(requiresReliableProgress(undefined)).toBe(false);
});
