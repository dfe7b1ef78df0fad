/** The label of the metric of oddities has their codes, all of them. */
import { expect, it } from "vitest";
import { ODDITY_CODES } from "../../src/core/siprec-metrics.ts";
import { ODDITIES } from "../../src/siprec/oddities.ts";

it("counts every oddity under its own code", () => {
  expect([...ODDITY_CODES].sort()).toEqual(Object.keys(ODDITIES).sort());
});
