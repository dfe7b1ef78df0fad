/** The metrics of recordings: how many, what was lost, what was uploaded. */
import type { MetricRow } from "./metric-row.ts";

/** Rows of the table of metrics. */
export const RECORDING_METRICS = {
  trunkline_recordings_total: {
    kind: "counter",
    help: "Recordings that ended, by how; recovered: an earlier process was killed, and its file is finished now.",
    labels: { outcome: ["finished", "unfinished", "recovered"] },
  },
  trunkline_recording_failures_total: {
    kind: "counter",
    help: "Times that a recording began to fail to be written.",
  },
  trunkline_recording_dropped_ms_total: {
    kind: "counter",
    help: "Audio of recordings that silence took the place of, because it could not be written in time.",
  },
  trunkline_recording_uploads_total: {
    kind: "counter",
    help: "Attempts to upload a recording, by outcome.",
    labels: { outcome: ["done", "failed"] },
  },
  trunkline_recordings_active: { kind: "gauge", help: "Recordings that are being written." },
  trunkline_recording_uploads_waiting: {
    kind: "gauge",
    help: "Recordings that wait to be uploaded.",
  },
} as const satisfies Record<string, MetricRow>;
