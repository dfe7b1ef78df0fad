/** The metrics of assistance: what questions were answered, by whom and how fast, and what became of notifications. */
import type { MetricRow } from "./metric-row.ts";

const KNOWLEDGE_SOURCES = ["bedrock", "kendra"] as const;
const ADVISORS = ["local", "bedrock", "openai"] as const;

/** Rows of the table of metrics. */
export const ADVICE_METRICS = {
  trunkline_assist_answers_total: {
    kind: "counter",
    help: "Questions by /processChat, and to a model, by who was to answer and what came of it.",
    labels: {
      advisor: ADVISORS,
      outcome: [
        "advised",
        "nothing",
        "unreachable",
        "refused",
        "rateLimited",
        "status",
        "badAnswer",
        "tooBig",
        "timedOut",
        "busy",
      ],
    },
  },
  trunkline_assist_answer_ms: {
    kind: "histogram",
    help: "From a question of a customer to its answer, or to the failure of the model.",
    labels: { advisor: ADVISORS },
    buckets: [1, 2, 5, 10, 50, 100, 250, 500, 1000, 2000, 5000, 10_000],
  },
  trunkline_assist_fallbacks_total: {
    kind: "counter",
    help: "Answers from local knowledge because the model failed.",
  },
  trunkline_assist_knowledge_total: {
    kind: "counter",
    help: "Questions to the knowledge service, by what came of them.",
    labels: {
      source: KNOWLEDGE_SOURCES,
      outcome: [
        "found",
        "nothing",
        "probed",
        "unreachable",
        "refused",
        "rateLimited",
        "status",
        "badAnswer",
        "timedOut",
        "busy",
      ],
    },
  },
  trunkline_assist_knowledge_ms: {
    kind: "histogram",
    help: "From a question to the knowledge service to its passages, or to its failure.",
    labels: { source: KNOWLEDGE_SOURCES },
    buckets: [10, 50, 100, 250, 500, 1000, 2000, 5000, 10_000],
  },
  trunkline_assist_chat_refused_total: {
    kind: "counter",
    help: "Requests to /processChat that were not answered, by reason.",
    labels: { reason: ["badRequest", "rateLimited", "failed"] },
  },
  trunkline_assist_notifications_total: {
    kind: "counter",
    help: "Messages of Amazon SNS, by what became of them.",
    labels: {
      outcome: [
        "taken",
        "confirmed",
        "ignored",
        "repeated",
        "malformed",
        "topicRefused",
        "stale",
        "certificateRefused",
        "signatureWrong",
        "certificateFailed",
        "confirmationFailed",
        "rateLimited",
      ],
    },
  },
} as const satisfies Record<string, MetricRow>;
