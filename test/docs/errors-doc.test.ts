/** docs/errors.md has a paragraph for each code of the catalogue, no more and no less. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ERROR_CATALOGUE } from "../../src/core/errors.ts";

const TEXT = readFileSync(new URL("../../docs/errors.md", import.meta.url), "utf8");

describe("docs/errors.md", () => {
  const entries = new Map(
    TEXT.split(/^### /m)
      .slice(1)
      .map((entry) => [entry.slice(0, entry.indexOf("\n")), entry.replace(/^.*\n/, "")]),
  );

  it("has an entry for each code, and no other", () => {
    expect([...entries.keys()].sort()).toEqual(Object.keys(ERROR_CATALOGUE).sort());
  });

  it("says something in each", () => {
    const empty = [...entries].filter(([, text]) => text.trim().length < 60).map(([code]) => code);
    expect(empty).toEqual([]);
  });

  it("names the status that the caller sees, where it names one", () => {
    const wrong = [...entries].filter(([code, text]) => {
      const status = /caller sees (\d{3})/.exec(text)?.[1];
      const row = ERROR_CATALOGUE[code as keyof typeof ERROR_CATALOGUE];
      return status !== undefined && Number(status) !== row.sipStatus;
    });
    expect(wrong.map(([code]) => code)).toEqual([]);
  });
});
