/** Metrics of the assist socket, and their closed sets of label values. */
import type { MetricRow } from "./metric-row.ts";

/** Why a connection or a message was refused. */
export const ASSIST_REFUSALS = [
  "unauthorized",
  "forbidden",
  "origin",
  "full",
  "notFound",
  "handshake",
  "badMessage",
  "unknownAction",
  "otherContact",
  "tooManySubscriptions",
  "lookingOnly",
  "noSuchCall",
  "notRecorded",
  "noSuchParticipant",
] as const;

/** How connections ended. */
export const ASSIST_CLOSINGS = [
  "client",
  "dead",
  "idle",
  "slow",
  "expired",
  "protocol",
  "shutdown",
] as const;

/** Rows of the table of metrics. */
export const ASSIST_METRICS = {
  trunkline_assist_connections: { kind: "gauge", help: "Pages connected to the assist socket." },
  trunkline_assist_subscriptions: { kind: "gauge", help: "Contacts and calls that they follow." },
  trunkline_assist_calls_kept: {
    kind: "gauge",
    help: "Calls whose events can be read on the assist socket, those that ended lately included.",
  },
  trunkline_assist_refused_total: {
    kind: "counter",
    help: "Connections and messages of the assist socket that were refused, by reason.",
    labels: { reason: ASSIST_REFUSALS },
  },
  trunkline_assist_closed_total: {
    kind: "counter",
    help: "Connections of the assist socket that ended, by how.",
    labels: { reason: ASSIST_CLOSINGS },
  },
  trunkline_assist_events_lost_total: {
    kind: "counter",
    help: "Events for the assist socket that never arrived at this node, by their numbers.",
  },
} as const satisfies Record<string, MetricRow>;
