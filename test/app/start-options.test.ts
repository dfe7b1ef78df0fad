import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { START_OPTIONS } from "../support/start-options.ts";

function read(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
}

describe("the options of Node that the gateway runs with", () => {
  it("are the same whether npm, npx or Docker starts it", () => {
    const [shebang] = read("src/main.ts").split("\n");
    const entryPoint = /^ENTRYPOINT (.*)$/m.exec(read("docker/Dockerfile"))?.[1] ?? "[]";

    expect(START_OPTIONS).toContain("--single-threaded-gc");
    expect(shebang).toBe(`#!/usr/bin/env -S node ${START_OPTIONS.join(" ")}`);
    expect(JSON.parse(entryPoint)).toEqual(["node", ...START_OPTIONS, "dist/main.js"]);
  });
});
