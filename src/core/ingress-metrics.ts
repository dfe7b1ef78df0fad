/** Metrics of the doors that are not SIP, and their closed sets of label values. */
import type { MetricRow } from "./metric-row.ts";

/** Handshakes of A2A, by what became of them. */
export const A2A_HANDSHAKES = ["taken", "unauthorized", "full", "off", "handshake"] as const;

/** What Connect sends. */
export const A2A_FRAMES = [
  "init",
  "channelState",
  "audio",
  "dtmf",
  "interruption",
  "error",
  "text",
  "fragment",
  "unknown",
  "malformed",
] as const;

/** How A2A connections ended. */
export const A2A_CLOSINGS = [
  "finished",
  "peer",
  "broken",
  "refused",
  "protocol",
  "silent",
  "slow",
  "shutdown",
] as const;

/** Reads of a Kinesis Video stream, by what became of them. */
export const KINESIS_VIDEO_READS = [
  "opened",
  "ended",
  "cut",
  "throttled",
  "refused",
  "broken",
] as const;

/** Fragments of it. */
export const KINESIS_VIDEO_FRAGMENTS = ["taken", "repeated", "otherContact", "faulty"] as const;

/** Rows of the table of metrics. */
export const INGRESS_METRICS = {
  trunkline_a2a_handshakes_total: {
    kind: "counter",
    help: "WebSockets that Amazon Connect wanted to open for a voice session, by what became of them.",
    labels: { outcome: A2A_HANDSHAKES },
  },
  trunkline_a2a_frames_total: {
    kind: "counter",
    help: "Frames that came by A2A, by kind.",
    labels: { kind: A2A_FRAMES },
  },
  trunkline_a2a_closed_total: {
    kind: "counter",
    help: "A2A connections that ended, by how.",
    labels: { reason: A2A_CLOSINGS },
  },
  trunkline_pcm_dropped_ms_total: {
    kind: "counter",
    help: "Audio left out because too much of it came at once, or the peer did not take it.",
    labels: { door: ["a2a", "kinesisVideo"], direction: ["in", "out"] },
  },
  trunkline_kinesis_video_reads_total: {
    kind: "counter",
    help: "Times that a Kinesis Video stream was read, by what became of it.",
    labels: { outcome: KINESIS_VIDEO_READS },
  },
  trunkline_kinesis_video_fragments_total: {
    kind: "counter",
    help: "Fragments of Kinesis Video streams, by what became of them.",
    labels: { outcome: KINESIS_VIDEO_FRAGMENTS },
  },
} as const satisfies Record<string, MetricRow>;
