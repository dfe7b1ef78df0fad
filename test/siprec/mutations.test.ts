/** Every fixture, damaged at random: whatever comes is read to an end, and never as an exception. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { explainRecording } from "../../src/app/explain-recording.ts";
import { FIXTURE_NAMES, fixture } from "./support.ts";

/** Cuts `length` bytes out at a place and puts others there. */
const damage = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.nat(40),
  bytes: fc.oneof(
    fc.uint8Array({ maxLength: 4 }),
    fc
      .constantFrom("\r\n", "\n\n", "--", ">", "</", '"', "<!--", ";", "&", "\u00ff\u00fe")
      .map(Buffer.from),
  ),
});

describe("a damaged request", () => {
  it("is explained all the same", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...FIXTURE_NAMES),
        fc.array(damage, { minLength: 1, maxLength: 6 }),
        (name, damages) => {
          let bytes = fixture(name);
          for (const { at, length, bytes: other } of damages) {
            const start = Math.floor(at * bytes.length);
            bytes = Buffer.concat([
              bytes.subarray(0, start),
              other,
              bytes.subarray(start + length),
            ]);
          }
          const explanation = explainRecording(bytes, { rules: [], trunk: undefined });
          expect(explanation?.end.recordable ?? 0).toBeLessThan(9);
        },
      ),
      { numRuns: 300 },
    );
  });
});
