/** The metrics of tools: what models call, what becomes of it, whom calls are handed to. */

import type { MetricRow } from "./metric-row.ts";
import { TOOL_KINDS, TOOL_OUTCOMES, TRANSFER_OUTCOMES } from "./tool-labels.ts";

/** Rows of the table of metrics. */
export const TOOL_METRICS = {
  trunkline_tool_calls_total: {
    kind: "counter",
    help: "Tools that models called, by what became of the call.",
    labels: { tool: TOOL_KINDS, outcome: TOOL_OUTCOMES },
  },
  trunkline_tool_ms: {
    kind: "histogram",
    help: "From the call of a tool to its answer.",
    buckets: [50, 100, 200, 300, 500, 750, 1000, 1500, 2000, 3000, 5000, 10_000],
  },
  trunkline_transfers_total: {
    kind: "counter",
    help: "Calls that were to be handed to somebody else, by what became of it.",
    labels: { outcome: TRANSFER_OUTCOMES },
  },
} as const satisfies Record<string, MetricRow>;
