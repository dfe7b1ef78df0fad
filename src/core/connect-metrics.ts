/** The metrics of contacts: whether calls find theirs in time, and whether their results arrive there. */
import {
  ANNOUNCEMENT_OUTCOMES,
  CONTACT_CLUES,
  LOOKUP_OUTCOMES,
  RESULT_OUTCOMES,
} from "./connect-labels.ts";
import type { MetricRow } from "./metric-row.ts";

/** Rows of the table of metrics. */
export const CONNECT_METRICS = {
  trunkline_contact_lookups_total: {
    kind: "counter",
    help: "Questions for the contact of a call, by what it was to be found by and what came of it.",
    labels: { by: CONTACT_CLUES, outcome: LOOKUP_OUTCOMES },
  },
  trunkline_contact_lookup_ms: {
    kind: "histogram",
    help: "From a question for the contact of a call to its answer, or to giving up.",
    buckets: [10, 25, 50, 100, 150, 200, 300, 400, 600, 1000, 2000],
  },
  trunkline_contact_results_total: {
    kind: "counter",
    help: "Calls whose results were to be written to their contact, by what became of it.",
    labels: { outcome: RESULT_OUTCOMES },
  },
  trunkline_contact_results_ms: {
    kind: "histogram",
    help: "What the results added to a call before its BYE.",
    buckets: [25, 50, 100, 200, 300, 500, 1000, 2000, 5000, 10_000],
  },
  trunkline_contact_announcements_total: {
    kind: "counter",
    help: "Contacts that were announced by POST /contacts, by what became of it.",
    labels: { outcome: ANNOUNCEMENT_OUTCOMES },
  },
} as const satisfies Record<string, MetricRow>;
