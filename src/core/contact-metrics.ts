/** The metrics of contacts that somebody else transcribes, and of the services that are asked about them. */
import type { MetricRow } from "./metric-row.ts";

/** Rows of the table of metrics. */
export const CONTACT_METRICS = {
  trunkline_contacts_followed_total: {
    kind: "counter",
    help: "Contacts that were followed by Contact Lens.",
  },
  trunkline_contacts_refused_total: {
    kind: "counter",
    help: "News of contacts that were not followed because there were too many.",
  },
  trunkline_contacts_ended_total: {
    kind: "counter",
    help: "Contacts that are followed no more, by why.",
    labels: { how: ["completed", "failed", "lost", "silent", "operator", "drained"] },
  },
  trunkline_contact_segments_total: {
    kind: "counter",
    help: "Segments of Contact Lens, by what became of them.",
    labels: { outcome: ["taken", "repeated", "late", "full", "malformed"] },
  },
  trunkline_contact_records_total: {
    kind: "counter",
    help: "Records of the stream of Contact Lens, by what they are.",
    labels: {
      outcome: [
        "started",
        "segments",
        "completed",
        "failed",
        "malformed",
        "unknownEvent",
        "otherInstance",
        "otherChannel",
      ],
    },
  },
  trunkline_contact_source_failures_total: {
    kind: "counter",
    help: "Requests to Contact Lens and its stream that failed, by why.",
    labels: {
      source: ["stream", "poll"],
      reason: ["unreachable", "refused", "rateLimited", "status", "expired"],
    },
  },
  trunkline_contact_streamings_total: {
    kind: "counter",
    help: "Chats whose messages were to be sent to SNS, or no longer, by what came of it.",
    labels: { outcome: ["started", "stopped", "failed"] },
  },
} as const satisfies Record<string, MetricRow>;
