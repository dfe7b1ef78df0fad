/** A snapshot of the gateway as values of the metrics table. */
import { METRICS, type MetricLabels, type MetricName } from "../core/metrics.ts";
import type { TrunkStatus } from "../ports/trunk-directory.ts";
import type {
  AssistSnapshot,
  BusSnapshot,
  GatewaySnapshot,
  MediaSnapshot,
  RecordingsSnapshot,
  SipSnapshot,
  StoreSnapshot,
} from "./snapshot.ts";

/** The value of one metric now. */
export interface Reading {
  readonly name: MetricName;
  readonly labels: MetricLabels;
  readonly value: number;
}

/** Every reading that the snapshot allows. */
export function readSnapshot(snapshot: GatewaySnapshot): Reading[] {
  const { callsActive, timersPending, sip, media, store, bus, assist, trunks = [] } = snapshot;
  const { recordings } = snapshot;
  return [
    reading("trunkline_calls_active", callsActive),
    reading("trunkline_timers_pending", timersPending),
    ...(sip === undefined ? [] : readSip(sip)),
    ...(media === undefined ? [] : readMedia(media)),
    ...(store === undefined ? [] : readStore(store)),
    ...(bus === undefined ? [] : readBus(bus)),
    ...(assist === undefined ? [] : readAssist(assist)),
    ...(recordings === undefined ? [] : readRecordings(recordings)),
    ...trunks.flatMap(readTrunk),
  ];
}

function readRecordings({ active, uploadsWaiting }: RecordingsSnapshot): Reading[] {
  return [
    reading("trunkline_recordings_active", active),
    reading("trunkline_recording_uploads_waiting", uploadsWaiting),
  ];
}

function readSip(sip: SipSnapshot): Reading[] {
  const { linkUp, dialogs, transactions, connections, certificateSeconds, counters } = sip;
  const messages = {
    request: "requestsIn",
    response: "responsesIn",
    retransmission: "retransmissionsIn",
  };
  return [
    reading("trunkline_sip_link_up", linkUp ? 1 : 0),
    reading("trunkline_sip_dialogs", dialogs),
    reading("trunkline_sip_transactions", transactions),
    reading("trunkline_sip_connections", connections),
    ...(certificateSeconds === undefined
      ? []
      : [reading("trunkline_sip_certificate_seconds", certificateSeconds)]),
    ...Object.entries(messages).map(([kind, counter]) =>
      reading("trunkline_sip_messages_total", counters[counter] ?? 0, { kind }),
    ),
    ...METRICS.trunkline_sip_refused_total.labels.reason.map((reason) =>
      reading("trunkline_sip_refused_total", counters[counterOf("refused", reason)] ?? 0, {
        reason,
      }),
    ),
    ...METRICS.trunkline_sip_dropped_total.labels.reason.map((reason) =>
      reading("trunkline_sip_dropped_total", counters[counterOf("dropped", reason)] ?? 0, {
        reason,
      }),
    ),
    ...METRICS.trunkline_sip_failures_total.labels.kind.map((kind) =>
      reading("trunkline_sip_failures_total", counters[kind] ?? 0, { kind }),
    ),
  ];
}

/** `refused` and `tooManyHops` give `refusedTooManyHops`. */
function counterOf(verb: string, reason: string): string {
  return `${verb}${reason.charAt(0).toUpperCase()}${reason.slice(1)}`;
}

function readMedia(media: MediaSnapshot): Reading[] {
  const { legs, ports, tickLateMs, skippedMs, packets, srtpRefused } = media;
  return [
    reading("trunkline_media_legs", legs),
    ...labelled("trunkline_media_ports", "state", ports),
    ...labelled("trunkline_media_tick_late_ms", "quantile", tickLateMs),
    ...labelled("trunkline_media_packets_total", "kind", packets),
    reading("trunkline_media_skipped_ms_total", skippedMs),
    ...METRICS.trunkline_srtp_refused_total.labels.reason.map((reason) =>
      reading("trunkline_srtp_refused_total", srtpRefused[reason] ?? 0, { reason }),
    ),
  ];
}

function readStore({ open, waiting }: StoreSnapshot): Reading[] {
  return [reading("trunkline_store_up", open ? 1 : 0), reading("trunkline_store_waiting", waiting)];
}

function readBus({ subscribers, dropped, up, waiting, lost }: BusSnapshot): Reading[] {
  return [
    reading("trunkline_bus_subscribers", subscribers),
    reading("trunkline_bus_dropped_total", dropped),
    reading("trunkline_bus_up", up ? 1 : 0),
    reading("trunkline_bus_waiting", waiting),
    reading("trunkline_bus_lost_total", lost),
  ];
}

function readAssist({ connections, subscriptions, callsKept }: AssistSnapshot): Reading[] {
  return [
    reading("trunkline_assist_connections", connections),
    reading("trunkline_assist_subscriptions", subscriptions),
    reading("trunkline_assist_calls_kept", callsKept),
  ];
}

/** What a trunk is not asked has no reading. */
function readTrunk({ name: trunk, ping, registration }: TrunkStatus): Reading[] {
  const isRegistered = registration?.state === "registered";
  return [
    ...(ping === undefined || ping.state === "unknown"
      ? []
      : [reading("trunkline_trunk_up", ping.state === "up" ? 1 : 0, { trunk })]),
    ...(registration === undefined
      ? []
      : [reading("trunkline_trunk_registered", isRegistered ? 1 : 0, { trunk })]),
  ];
}

function labelled(
  name: MetricName,
  label: string,
  values: Readonly<Record<string, number>>,
): Reading[] {
  return Object.entries(values).map(([key, value]) => reading(name, value, { [label]: key }));
}

function reading(name: MetricName, value: number, labels: MetricLabels = {}): Reading {
  return { name, labels, value };
}
