/** Every metric the gateway publishes, in one table, and the interface its stages count through. */

import { ADVICE_METRICS } from "./advice-metrics.ts";
import { ASSIST_METRICS } from "./assist-metrics.ts";
import { CONNECT_METRICS } from "./connect-metrics.ts";
import { CONTACT_METRICS } from "./contact-metrics.ts";
import { INGRESS_METRICS } from "./ingress-metrics.ts";
import {
  ADMISSION_DECIDERS,
  OPERATOR_COMMANDS,
  OPERATOR_OUTCOMES,
  OUTBOUND_OUTCOMES,
  SIP_DROPS,
  SIP_FAILURES,
  SIP_REFUSALS,
} from "./metric-labels.ts";
import type { MetricRow } from "./metric-row.ts";
import { MODEL_METRICS } from "./model-metrics.ts";
import { RECORDING_METRICS } from "./recording-metrics.ts";
import { SIPREC_METRICS } from "./siprec-metrics.ts";
import { TOOL_METRICS } from "./tool-metrics.ts";

/** Name → meaning. Base units are in the name. `docs/metrics.md` has a row for each (checked by a test). */
export const METRICS = {
  trunkline_calls_started_total: {
    kind: "counter",
    help: "Calls begun, in and out.",
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
      ended_by: ["caller", "callee", "model", "gateway", "operator"],
    },
  },
  trunkline_invitations_refused_total: {
    kind: "counter",
    help: "Invitations refused before they became a call, by reason.",
    labels: {
      reason: [
        "notAdmitted",
        "noRoute",
        "capReached",
        "trunkFull",
        "draining",
        "badOffer",
        "failed",
      ],
    },
  },
  trunkline_admission_total: {
    kind: "counter",
    help: "Requests that were let in or not, by the decider that said so; admitted: by what the caller was known.",
    labels: {
      decider: ADMISSION_DECIDERS,
      outcome: ["admitted", "refused", "challenged", "dropped"],
    },
  },
  trunkline_outbound_calls_total: {
    kind: "counter",
    help: "Calls that were ordered, by what became of the order.",
    labels: { outcome: OUTBOUND_OUTCOMES },
  },
  trunkline_operator_commands_total: {
    kind: "counter",
    help: "What operators had calls do, by what became of it.",
    labels: { command: OPERATOR_COMMANDS, outcome: OPERATOR_OUTCOMES },
  },
  trunkline_calls_active: { kind: "gauge", help: "Calls in progress." },
  trunkline_media_timeouts_total: {
    kind: "counter",
    help: "Times that a caller's audio stayed away for media.timeoutSeconds, by what became of the call.",
    labels: { policy: ["end", "report"] },
  },
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
  trunkline_barge_in_ms: {
    kind: "histogram",
    help: "From the first voiced packet of an interruption to playout cleared.",
    buckets: [20, 40, 60, 80, 100, 150, 200, 250, 300, 500, 1000],
  },
  trunkline_barge_ins_total: {
    kind: "counter",
    help: "Sounds of callers over an answer, by what they were: the first four ended it, the others did not.",
    labels: { verdict: ["speech", "words", "model", "key", "noise", "backchannel", "echo"] },
  },
  ...MODEL_METRICS,
  ...TOOL_METRICS,
  ...CONNECT_METRICS,
  ...SIPREC_METRICS,
  ...ADVICE_METRICS,
  ...RECORDING_METRICS,
  ...INGRESS_METRICS,
  ...CONTACT_METRICS,
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
  trunkline_store_up: { kind: "gauge", help: "1 while the call store can be used, else 0." },
  trunkline_store_waiting: { kind: "gauge", help: "Call records that wait to be written." },
  trunkline_bus_subscribers: { kind: "gauge", help: "Listeners on the bus." },
  trunkline_bus_dropped_total: {
    kind: "counter",
    help: "Messages that slow listeners of the bus lost.",
  },
  trunkline_bus_up: {
    kind: "gauge",
    help: "1 while the bus reaches the other nodes, or has none to reach; else 0.",
  },
  trunkline_bus_waiting: { kind: "gauge", help: "Messages that wait for Redis to be back." },
  trunkline_bus_lost_total: {
    kind: "counter",
    help: "Messages that the other nodes never got, because Redis was down for too long.",
  },
  ...ASSIST_METRICS,
  trunkline_sip_link_up: { kind: "gauge", help: "1 while the SIP server is linked, else 0." },
  trunkline_sip_dialogs: { kind: "gauge", help: "SIP dialogs open." },
  trunkline_sip_transactions: { kind: "gauge", help: "SIP transactions in progress." },
  trunkline_sip_connections: { kind: "gauge", help: "TCP and TLS connections of SIP peers." },
  trunkline_sip_certificate_seconds: {
    kind: "gauge",
    help: "Seconds until the first certificate of SIP over TLS expires; not there without TLS.",
  },
  trunkline_sip_messages_total: {
    kind: "counter",
    help: "SIP messages that arrived.",
    labels: { kind: ["request", "response", "retransmission"] },
  },
  trunkline_sip_refused_total: {
    kind: "counter",
    help: "SIP requests answered with an error by the SIP server itself, by reason.",
    labels: { reason: SIP_REFUSALS },
  },
  trunkline_sip_dropped_total: {
    kind: "counter",
    help: "What arrived on the SIP port and was not answered, by reason.",
    labels: { reason: SIP_DROPS },
  },
  trunkline_sip_failures_total: {
    kind: "counter",
    help: "SIP that went wrong on our side or unanswered by the peer, by kind.",
    labels: { kind: SIP_FAILURES },
  },
  trunkline_trunk_up: {
    kind: "gauge",
    help: "1 while the trunk answers OPTIONS, else 0; only of trunks that are pinged.",
    configuredLabels: ["trunk"],
  },
  trunkline_trunk_registered: {
    kind: "gauge",
    help: "1 while we are registered with the trunk, else 0; only of trunks that we register with.",
    configuredLabels: ["trunk"],
  },
  trunkline_timers_pending: { kind: "gauge", help: "Timers armed on the gateway's clock." },
  trunkline_media_legs: { kind: "gauge", help: "Legs with audio open." },
  trunkline_media_ports: {
    kind: "gauge",
    help: "RTP port pairs, by state.",
    labels: { state: ["inUse", "inQuarantine", "free"] },
  },
  trunkline_media_packets_total: {
    kind: "counter",
    help: "RTP packets of all legs, by what became of them.",
    labels: { kind: ["received", "sent", "lost", "late", "refused"] },
  },
  trunkline_srtp_refused_total: {
    kind: "counter",
    help: "Packets that encrypted legs did not take, by reason.",
    labels: { reason: ["plain", "auth", "replay", "malformed"] },
  },
  trunkline_media_tick_late_ms: {
    kind: "gauge",
    help: "How late the media clock ticked: median, 99th percentile, worst.",
    labels: { quantile: ["p50", "p99", "max"] },
  },
  trunkline_media_skipped_ms_total: {
    kind: "counter",
    help: "Audio time left out because the process was too late to catch up.",
  },
  trunkline_http_requests_total: {
    kind: "counter",
    help: "HTTP requests answered, by class of status.",
    labels: { status: ["2xx", "3xx", "4xx", "5xx"] },
  },
} as const satisfies Record<string, MetricRow>;

/** A name of the table. */
export type MetricName = keyof typeof METRICS;

/** Label values; those outside the table's set are counted under `other`. */
export type MetricLabels = Readonly<Record<string, string>>;

/** Where stages count. */
export interface Metrics {
  /** Adds `count`, or one, to a counter. */
  increment(name: MetricName, labels?: MetricLabels, count?: number): void;
  /** Records a value in a histogram. */
  observe(name: MetricName, value: number, labels?: MetricLabels): void;
}

/** Counts nothing. */
export const noMetrics: Metrics = { increment: () => undefined, observe: () => undefined };
