import { describe, expect, test } from "vitest";
import { DigitMerger, type DigitWay } from "../../src/media/digit-merger.ts";
import { MediaLab } from "../support/media-lab.ts";

/** `1r`: the key 1 by RTP; `1i`: by INFO; one every 200 ms. */
function merged(presses: string, gapMs = 200): string {
  const merger = new DigitMerger();
  return presses
    .split(" ")
    .filter((press, index) => {
      const way: DigitWay = press[1] === "r" ? "rtp" : "info";
      return merger.take(press[0] ?? "", way, index * gapMs * 1000);
    })
    .join(" ");
}

describe("keys by two ways", () => {
  test.each([
    ["1r 2r 2r 3r", "1r 2r 2r 3r"],
    ["1i 2i 2i", "1i 2i 2i"],
    ["1r 1i 2r 2i", "1r 2r"],
    ["1i 1r 2i 2r", "1i 2i"],
    ["1r 1r 1i 1i", "1r 1r"],
    ["1i 1r 1r 1i", "1i 1r"],
    ["1r 2i", "1r 2i"],
    ["1r 2r 2i 1i 3r 3i", "1r 2r 3r"],
  ])("%s count as %s", (presses, expected) => {
    expect(merged(presses)).toBe(expected);
  });

  test("are two presses when they are far apart", () => {
    expect(merged("1r 1i", 6000)).toBe("1r 1i");
  });

  test("reach the model once", async () => {
    const lab = new MediaLab();
    await lab.openCall();
    lab.peer.sendDigits("42");
    for (const digit of "42") {
      await lab.host.execute({ kind: "pressDigit", ...lab.ids, digit });
    }
    await lab.clock.advanceMs(1500);
    expect(lab.factsOf("digitReceived").map((fact) => fact.digit)).toEqual(["4", "2"]);
    expect(lab.model.session.digits).toEqual(["4", "2"]);
    await lab.close();
  });
});
