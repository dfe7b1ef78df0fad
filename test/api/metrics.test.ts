/** The metrics table on the Prometheus side. */
import { describe, expect, it } from "vitest";
import { PrometheusMetrics } from "../../src/api/metrics.ts";
import type { GatewaySnapshot } from "../../src/api/snapshot.ts";
import { METRICS } from "../../src/core/metrics.ts";

const SNAPSHOT: GatewaySnapshot = {
  callsActive: 3,
  timersPending: 2,
  sip: {
    linkUp: true,
    dialogs: 3,
    transactions: 4,
    connections: 1,
    counters: { requestsIn: 90, refusedTooManyHops: 2, droppedNotSip: 5, faults: 1 },
  },
  media: {
    legs: 3,
    ports: { inUse: 3, inQuarantine: 1, free: 4996 },
    tickLateMs: { p50: 0.5, p99: 2, max: 9 },
    skippedMs: 40,
    srtpRefused: { auth: 3 },
    packets: { received: 1000, sent: 999, lost: 2, late: 1, refused: 0 },
  },
  store: { open: false, waiting: 7 },
  bus: { subscribers: 2, dropped: 11, up: false, waiting: 3, lost: 4 },
  assist: { connections: 5, subscriptions: 6, callsKept: 7 },
};

describe("metrics for Prometheus", () => {
  it("show every metric of the table before anything happened", async () => {
    const text = await new PrometheusMetrics().render();
    const missing = Object.keys(METRICS).filter((name) => !text.includes(`# HELP ${name} `));
    expect(missing).toEqual([]);
    expect(text).toContain("process_resident_memory_bytes");
  });

  it("count, and put a label value outside the set under other", async () => {
    const metrics = new PrometheusMetrics();
    metrics.increment("trunkline_calls_started_total", { mode: "agent" });
    metrics.increment("trunkline_calls_started_total", { mode: "+15550100199" });
    metrics.increment("trunkline_calls_started_total");
    metrics.increment("trunkline_calls_started_total", { mode: "agent", callId: "a" });
    const text = await metrics.render();
    expect(text).toContain('trunkline_calls_started_total{mode="agent"} 2');
    expect(text).toContain('trunkline_calls_started_total{mode="other"} 2');
    expect(text).toContain('trunkline_calls_started_total{mode="echo"} 0');
    expect(text).not.toContain("15550100199");
  });

  it("measure into the buckets of the table", async () => {
    const metrics = new PrometheusMetrics();
    metrics.observe("trunkline_setup_ms", 42);
    const text = await metrics.render();
    expect(text).toContain('trunkline_setup_ms_bucket{le="20"} 0');
    expect(text).toContain('trunkline_setup_ms_bucket{le="50"} 1');
  });

  it("read the rest from the gateway at each scrape", async () => {
    const metrics = new PrometheusMetrics();
    let snapshot = SNAPSHOT;
    metrics.collectFrom(() => snapshot);
    await metrics.render();
    snapshot = { ...SNAPSHOT, callsActive: 2 };
    const text = await metrics.render();
    for (const line of [
      "trunkline_calls_active 2",
      "trunkline_sip_link_up 1",
      'trunkline_sip_messages_total{kind="request"} 90',
      'trunkline_sip_refused_total{reason="tooManyHops"} 2',
      'trunkline_sip_dropped_total{reason="notSip"} 5',
      'trunkline_sip_failures_total{kind="faults"} 1',
      'trunkline_media_ports{state="free"} 4996',
      'trunkline_media_packets_total{kind="received"} 1000',
      'trunkline_media_tick_late_ms{quantile="p99"} 2',
      "trunkline_media_skipped_ms_total 40",
      "trunkline_store_up 0",
      "trunkline_store_waiting 7",
      "trunkline_bus_dropped_total 11",
    ]) {
      expect(text.split("\n")).toContain(line);
    }
  });

  it("leave out the parts that a set-up does not have", async () => {
    const metrics = new PrometheusMetrics();
    metrics.collectFrom(() => ({ callsActive: 1, timersPending: 0 }));
    expect(await metrics.render()).toContain("trunkline_calls_active 1");
  });
});
