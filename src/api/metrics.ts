/** The metrics table as Prometheus reads it. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { MetricRow } from "../core/metric-row.ts";
import { METRICS, type MetricLabels, type MetricName, type Metrics } from "../core/metrics.ts";
import type { GatewaySnapshot } from "./snapshot.ts";
import { type Reading, readSnapshot } from "./snapshot-readings.ts";

/** A label value outside the table's closed set. */
const OTHER = "other";

/** Label → the names that the configuration has for it. */
export type ConfiguredNames = Readonly<Record<string, readonly string[]>>;

/** Counts in its own registry; what others count is read from a snapshot whenever Prometheus asks. */
export class PrometheusMetrics implements Metrics {
  readonly #registry = new Registry();
  readonly #counters = new Map<MetricName, Counter>();
  readonly #gauges = new Map<MetricName, Gauge>();
  readonly #histograms = new Map<MetricName, Histogram>();
  readonly #configured: ConfiguredNames;
  #snapshot: (() => GatewaySnapshot) | undefined;

  constructor(configured: ConfiguredNames = {}) {
    this.#configured = configured;
    collectDefaultMetrics({ register: this.#registry });
    for (const [name, row] of Object.entries(METRICS) as [MetricName, MetricRow][]) {
      this.#register(name, row);
    }
  }

  /** The media type of {@link render}'s text. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  increment(name: MetricName, labels: MetricLabels = {}, count = 1): void {
    this.#counters.get(name)?.inc(closed(name, labels), count);
  }

  observe(name: MetricName, value: number, labels: MetricLabels = {}): void {
    this.#histograms.get(name)?.observe(closed(name, labels), value);
  }

  /** `read` is asked at every scrape; it must be quick. */
  collectFrom(read: () => GatewaySnapshot): void {
    this.#snapshot = read;
  }

  /** The text that Prometheus reads. */
  render(): Promise<string> {
    if (this.#snapshot !== undefined) {
      for (const reading of readSnapshot(this.#snapshot())) {
        this.#take(reading);
      }
    }
    return this.#registry.metrics();
  }

  #register(name: MetricName, row: MetricRow): void {
    const options = {
      name,
      help: row.help,
      labelNames: [...Object.keys(row.labels ?? {}), ...(row.configuredLabels ?? [])],
      registers: [this.#registry],
    };
    switch (row.kind) {
      case "counter":
        this.#counters.set(name, startAtZero(new Counter(options), row, this.#configured));
        break;
      case "gauge":
        this.#gauges.set(name, new Gauge(options));
        break;
      case "histogram":
        this.#histograms.set(
          name,
          new Histogram({ ...options, buckets: [...(row.buckets ?? [])] }),
        );
        break;
    }
  }

  /** A counter that somebody else counts is set to their count. */
  #take({ name, labels, value }: Reading): void {
    this.#gauges.get(name)?.set(closed(name, labels), value);
    const counter = this.#counters.get(name);
    if (counter !== undefined) {
      counter.remove(closed(name, labels));
      counter.inc(closed(name, labels), Math.max(0, value));
    }
  }
}

/** Shows every series from the start, so that the first count is seen as a change. */
function startAtZero(counter: Counter, row: MetricRow, configured: ConfiguredNames): Counter {
  let series: Record<string, string>[] = [{}];
  const sets: Record<string, readonly string[]> = { ...row.labels };
  for (const label of row.configuredLabels ?? []) {
    sets[label] = configured[label] ?? [];
  }
  for (const [label, values] of Object.entries(sets)) {
    series = series.flatMap((one) => values.map((value) => ({ ...one, [label]: value })));
  }
  for (const labels of series) {
    counter.inc(labels, 0);
  }
  return counter;
}

/** The labels of the table, each with a value of its set. */
function closed(name: MetricName, labels: MetricLabels): Record<string, string> {
  const row: MetricRow = METRICS[name];
  const result: Record<string, string> = {};
  for (const [label, values] of Object.entries(row.labels ?? {})) {
    const value = labels[label];
    result[label] = value !== undefined && values.includes(value) ? value : OTHER;
  }
  for (const label of row.configuredLabels ?? []) {
    result[label] = labels[label] ?? OTHER;
  }
  return result;
}
