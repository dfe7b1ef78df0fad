/** docs/metrics.md says what the metrics table holds, no more and no less. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { MetricRow } from "../../src/core/metric-row.ts";
import { METRICS } from "../../src/core/metrics.ts";

const TEXT = readFileSync(new URL("../../docs/metrics.md", import.meta.url), "utf8");

describe("docs/metrics.md", () => {
  it("has a row for each metric, with its kind and labels, and no other", () => {
    const documented = [...TEXT.matchAll(/^\| `(\w+)` \| (\w+) \| ([^|]*)\|/gm)].map(
      ([, name, kind, labels]) => [name, kind, labels?.replaceAll(/[`\s]/g, "")].join(" "),
    );
    const actual = Object.entries(METRICS).map(([name, row]: [string, MetricRow]) =>
      [
        name,
        row.kind,
        [...Object.keys(row.labels ?? {}), ...(row.configuredLabels ?? [])].join(","),
      ].join(" "),
    );
    expect([...documented].sort()).toEqual([...actual].sort());
  });
});
