/** The metrics of models: how long callers wait for them, what they cost, what became of them. */
import { MODEL_FAILURES, TOKEN_KINDS } from "./metric-labels.ts";
import type { MetricRow } from "./metric-row.ts";

const RESPONSE_BUCKETS_MS = [50, 100, 200, 300, 500, 750, 1000, 1500, 2000, 3000, 5000, 10_000];

/** Rows of the table of metrics; `model` is a name of the configuration. */
export const MODEL_METRICS = {
  trunkline_response_ms: {
    kind: "histogram",
    help: "From the caller's last voiced packet to the first packet of the answer.",
    configuredLabels: ["model"],
    buckets: RESPONSE_BUCKETS_MS,
  },
  trunkline_model_share_ms: {
    kind: "histogram",
    help: "From the model's end of the caller's turn to the first byte of its answer, without the time of tools.",
    configuredLabels: ["model"],
    buckets: RESPONSE_BUCKETS_MS,
  },
  trunkline_gateway_share_ms: {
    kind: "histogram",
    help: "From the first byte of an answer to its first packet, without the time in which something else was said.",
    configuredLabels: ["model"],
    buckets: [5, 10, 20, 30, 40, 60, 80, 100, 200, 500, 1000],
  },
  trunkline_unheard_ms_total: {
    kind: "counter",
    help: "Audio of models that was dropped because the caller spoke over it.",
    configuredLabels: ["model"],
  },
  trunkline_model_tokens_total: {
    kind: "counter",
    help: "Tokens that providers counted, by kind; cached: input that was read from their cache.",
    labels: { kind: TOKEN_KINDS },
    configuredLabels: ["model"],
  },
  trunkline_model_cost_usd_total: {
    kind: "counter",
    help: "What those tokens cost by the configured prices; US dollars.",
    configuredLabels: ["model"],
  },
  trunkline_model_renewals_total: {
    kind: "counter",
    help: "Sessions that reached the provider's limit and were gone on with in another one of the same model.",
    configuredLabels: ["model"],
  },
  trunkline_model_replacements_total: {
    kind: "counter",
    help: "Models that failed in a call and were replaced by the next one, by code.",
    labels: { code: MODEL_FAILURES },
    configuredLabels: ["model"],
  },
  trunkline_model_outages_total: {
    kind: "counter",
    help: "Times that the service of a model which listens failed, and was tried again while audio was kept, by code.",
    labels: { code: MODEL_FAILURES },
    configuredLabels: ["model"],
  },
  trunkline_model_failures_total: {
    kind: "counter",
    help: "Model sessions that failed, by code.",
    labels: { code: MODEL_FAILURES },
  },
} as const satisfies Record<string, MetricRow>;
