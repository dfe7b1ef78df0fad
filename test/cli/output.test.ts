/** Where lines go, and when they are coloured. */
import { describe, expect, it } from "vitest";
import { processStreams, table } from "../../src/cli/output.ts";

describe("processStreams", () => {
  it.each([[{ NO_COLOR: "1" }], [{ TERM: "dumb" }]])("takes no colour with %j", (environment) => {
    expect(processStreams(environment)).toMatchObject({ colourOut: false, colourError: false });
  });

  it("takes colour only on a terminal", () => {
    expect(processStreams({}).colourOut).toBe(process.stdout.isTTY === true);
  });
});

describe("table", () => {
  it("pads columns to their widest cell and no further", () => {
    const rows = [
      ["a", "bbb", "c"],
      ["aaa", "b", ""],
    ];
    expect(table(rows)).toEqual(["a    bbb  c", "aaa  b"]);
  });
});
