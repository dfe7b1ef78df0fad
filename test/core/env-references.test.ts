/** References to the environment and to files, and what is said of those that lead nowhere. */
import { describe, expect, it } from "vitest";
import { resolveReferences } from "../../src/core/env-references.ts";

const files: Readonly<Record<string, string>> = { "/run/key": "from-file\n", "/run/empty": "\n" };
const sources = {
  environment: { KEY: "from-env", EMPTY: "" },
  readFile: (path: string): string => {
    const text = files[path];
    if (text === undefined) {
      throw Object.assign(new Error("no"), { code: path === "/locked" ? "EACCES" : "ENOENT" });
    }
    return text;
  },
};
const reference = (kind: string, target: string): string => `$\{${kind}:${target}}`;

describe("resolveReferences", () => {
  it("replaces references anywhere in the tree, whole or within text", () => {
    const tree = {
      a: [reference("env", "KEY")],
      b: { c: `x-${reference("file", "/run/key")}-y` },
      d: 5,
      e: null,
      f: "$KEY",
    };
    expect(resolveReferences(tree, sources)).toEqual({
      value: { a: ["from-env"], b: { c: "x-from-file-y" }, d: 5, e: null, f: "$KEY" },
      problems: [],
      replaced: [
        ["a", 0],
        ["b", "c"],
      ],
    });
  });

  it.each([
    ["env", "NOPE", "the environment variable NOPE is not set"],
    ["env", "EMPTY", "the environment variable EMPTY is empty"],
    ["env", "constructor", "the environment variable constructor is not set"],
    ["env", "A B", "expected the name of an environment variable after env:"],
    ["file", "/nope", "the file /nope does not exist"],
    ["file", "/locked", "the file /locked cannot be read"],
    ["file", "/run/empty", "the file /run/empty is empty"],
    ["vault", "x", '"vault:" is no kind of reference; there are env: and file:'],
  ])("says of %s:%s: %s", (kind, target, text) => {
    const { problems } = resolveReferences({ key: reference(kind, target) }, sources);
    expect(problems).toEqual([{ path: ["key"], text }]);
  });
});
