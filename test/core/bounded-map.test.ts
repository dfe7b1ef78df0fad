/** What a bounded map keeps, and what it forgets. */
import { expect, it } from "vitest";
import { BoundedMap } from "../../src/core/bounded-map.ts";

it("forgets what was used least recently", () => {
  const map = new BoundedMap<string, number>(2);
  map.set("a", 1);
  map.set("b", 2);
  expect(map.get("a")).toBe(1);
  map.set("c", 3);
  expect([map.get("a"), map.get("b"), map.get("c"), map.size]).toEqual([1, undefined, 3, 2]);
});
