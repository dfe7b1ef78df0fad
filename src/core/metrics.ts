/** Every metric the gateway publishes, in one table, and the interface its stages count through. */

interface MetricRow {
  readonly kind: "counter" | "histogram" | "gauge";
  readonly help: string;
  /** Label → its closed set of values; never a number, a name or an id of a caller. */
  readonly labels?: Readonly<Record<string, readonly string[]>>;
  /** Upper bounds of a histogram's buckets. */
  readonly buckets?: readonly number[];
}

const RESPONSE_BUCKETS_MS = [50, 100, 200, 300, 500, 750, 1000, 1500, 2000, 3000, 5000, 10_000];

/** Name → meaning. Base units are in the name. `docs/metrics.md` has a row for each (checked by a test). */
export const METRICS = {
  trunkline_calls_started_total: {
    kind: "counter",
    help: "Invitations taken into a call.",
    labels: { mode: ["agent", "assist", "bridge", "echo"] },
  },
  trunkline_calls_ended_total: {
    kind: "counter",
    help: "Calls ended, by how.",
    labels: {
      outcome: [
        "completed",
        "cancelled",
        "refused",
        "mediaTimeout",
        "modelFailed",
        "serverLost",
        "drained",
        "failed",
        "timeLimit",
      ],
      ended_by: ["caller", "model", "gateway", "operator"],
    },
  },
  trunkline_invitations_refused_total: {
    kind: "counter",
    help: "Invitations refused before they became a call, by reason.",
    labels: { reason: ["notAdmitted", "noRoute", "capReached", "draining", "badOffer", "failed"] },
  },
  trunkline_calls_active: { kind: "gauge", help: "Calls in progress." },
  trunkline_call_seconds: {
    kind: "histogram",
    help: "Length of answered calls.",
    buckets: [1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600],
  },
  trunkline_setup_ms: {
    kind: "histogram",
    help: "From INVITE to our 200.",
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
  },
  trunkline_response_ms: {
    kind: "histogram",
    help: "From the caller's last voiced packet to the first packet of the answer.",
    buckets: RESPONSE_BUCKETS_MS,
  },
  trunkline_barge_in_ms: {
    kind: "histogram",
    help: "From the first voiced packet of an interruption to playout cleared.",
    buckets: [20, 40, 60, 80, 100, 150, 200, 250, 300, 500, 1000],
  },
  trunkline_model_failures_total: {
    kind: "counter",
    help: "Model sessions that failed, by code.",
    labels: {
      code: [
        "MODEL_UNKNOWN",
        "MODEL_CONNECT_FAILED",
        "MODEL_REJECTED",
        "MODEL_RATE_LIMITED",
        "MODEL_PROTOCOL",
        "MODEL_LOST",
      ],
    },
  },
  trunkline_store_spooled_total: {
    kind: "counter",
    help: "Call records kept aside because the store could not take them.",
  },
  trunkline_store_spool_failures_total: {
    kind: "counter",
    help: "Call records that could not be written to the spool file either, and wait in memory only.",
  },
  trunkline_store_lost_total: {
    kind: "counter",
    help: "Call records given up: neither store nor spool file took them, and memory was full.",
  },
} as const satisfies Record<string, MetricRow>;

/** A name of the table. */
export type MetricName = keyof typeof METRICS;

/** Label values; those outside the table's set are counted under `other`. */
export type MetricLabels = Readonly<Record<string, string>>;

/** Where stages count. */
export interface Metrics {
  /** Adds one to a counter. */
  increment(name: MetricName, labels?: MetricLabels): void;
  /** Records a value in a histogram. */
  observe(name: MetricName, value: number): void;
}

/** Counts nothing. */
export const noMetrics: Metrics = { increment: () => undefined, observe: () => undefined };
