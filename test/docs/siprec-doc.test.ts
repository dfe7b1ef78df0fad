/** docs/siprec.md has the rows of the quirk table and of the oddities, no more, no less, and in the same words. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { MULTIPART_LIMITS } from "../../src/siprec/multipart.ts";
import { ODDITIES } from "../../src/siprec/oddities.ts";
import { QUIRKS } from "../../src/siprec/quirks.ts";

import { XML_LIMITS } from "../../src/siprec/xml-guard.ts";

const TEXT = readFileSync(new URL("../../docs/siprec.md", import.meta.url), "utf8");
const SOURCES = new URL("../../src/siprec/", import.meta.url);

function rowsAfter(heading: string): readonly string[] {
  const section = TEXT.split(`\n${heading}\n`)[1]?.split(/\n## /)[0] ?? "";
  return section.split("\n").filter((line) => line.startsWith("| `"));
}

describe("docs/siprec.md", () => {
  it("has the quirk table", () => {
    expect(rowsAfter("## Quirks")).toEqual(
      Object.entries(QUIRKS).map(
        ([name, { seenAt, recognisedBy, whatWeDo }]) =>
          `| \`${name}\` | ${seenAt} | ${recognisedBy} | ${whatWeDo} |`,
      ),
    );
  });

  it("has the codes", () => {
    expect(rowsAfter("## What may be said of a request")).toEqual(
      Object.entries(ODDITIES).map(
        ([code, { weight, text, quirk }]) =>
          `| \`${code}\` | ${weight} | ${text} | ${quirk === undefined ? "" : `\`${quirk}\``} |`,
      ),
    );
  });

  it("has the limits", () => {
    const { bytes, depth, elements } = XML_LIMITS;
    expect(TEXT).toContain(`${bytes} bytes, ${depth} levels, ${elements} elements`);
    expect(TEXT).toMatch(
      new RegExp(`depth of ${MULTIPART_LIMITS.depth}; at most ${MULTIPART_LIMITS.parts} parts`),
    );
  });
});

describe("the codes", () => {
  it("are all used", () => {
    const code = readdirSync(SOURCES)
      .filter((name) => name !== "oddities.ts")
      .map((name) => readFileSync(new URL(name, SOURCES), "utf8"))
      .join("\n");
    expect(Object.keys(ODDITIES).filter((name) => !code.includes(`"${name}"`))).toEqual([]);
  });
});
