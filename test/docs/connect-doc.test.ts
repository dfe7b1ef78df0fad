/** docs/connect.md: every row of the documents that it was built from, every template, and the commands there are. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const TEXT = readFileSync(new URL("../../docs/connect.md", import.meta.url), "utf8");
const LAST_ROWS = [17, 15, 14];

describe("docs/connect.md", () => {
  const rows = new Map(
    [...TEXT.matchAll(/^\| (\d\.\d+) \| (.+) \| (.+) \|$/gm)].map(([, id, asks, here]) => [
      id,
      [asks, here],
    ]),
  );

  it("says of each row where it is, or why it is otherwise", () => {
    const expected = LAST_ROWS.flatMap((last, document) =>
      Array.from({ length: last }, (_, index) => `${document}.${index + 1}`),
    );
    expect([...rows.keys()]).toEqual(expected);
    const empty = [...rows].filter(([, [, here = ""]]) => here.trim().length < 8);
    expect(empty).toEqual([]);
  });

  it("names every template, and no other", () => {
    const files = readdirSync("flows/connect").filter((name) => name.endsWith(".json"));
    const named = [...TEXT.matchAll(/^\| `(\w+\.json)` \|/gm)].map(([, name]) => name);
    expect(named.sort()).toEqual(files.sort());
  });

  it("links to pages that are there", () => {
    const links = [...TEXT.matchAll(/\]\(([a-z-]+\.md)/g)].map(([, file]) => file ?? "");
    expect(links.filter((file) => !existsSync(`docs/${file}`))).toEqual([]);
  });

  it("needs fewer than ten commands", () => {
    const block = /```sh\n([\s\S]*?)```/.exec(TEXT)?.[1] ?? "";
    const commands = block.split("\n").filter((line) => line.startsWith("npx "));
    expect(commands.length).toBeGreaterThan(4);
    expect(commands.length).toBeLessThan(10);
  });
});
