import { describe, expect, it } from "vitest";
import { systemRandom } from "../../src/core/random.ts";

describe("systemRandom", () => {
  it("gives as many bytes as asked for, also more than it draws at a time", () => {
    expect([1, 12, 100, 4095, 4096, 4097, 9000].map((n) => systemRandom.hex(n).length)).toEqual([
      2, 24, 200, 8190, 8192, 8194, 18_000,
    ]);
  });

  it("never gives the same bytes again", () => {
    const seen = new Set(Array.from({ length: 20_000 }, () => systemRandom.hex(8)));

    expect(seen.size).toBe(20_000);
  });

  it("gives every bit of an integer both ways", () => {
    let or = 0;
    let and = -1;
    for (let i = 0; i < 2000; i += 1) {
      const value = systemRandom.uint32();
      or |= value;
      and &= value;
    }

    expect([or, and]).toEqual([-1, 0]);
  });
});
