/** Metrics and a logger that remember what was counted and said. */
import type { LogFields, Logger } from "../../src/core/logger.ts";
import type { MetricLabels, MetricName, Metrics } from "../../src/core/metrics.ts";

/** Counts by name, and by name and labels. */
export class RecordingMetrics implements Metrics {
  readonly counts = new Map<MetricName, number>();
  readonly #increments: { name: MetricName; labels: MetricLabels; count: number }[] = [];

  increment(name: MetricName, labels: MetricLabels = {}, count = 1): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + count);
    this.#increments.push({ name, labels, count });
  }

  /** The sum of all increments that had these labels, and maybe others. */
  total(name: MetricName, wanted: MetricLabels = {}): number {
    return this.#increments
      .filter((one) => one.name === name)
      .filter(({ labels }) => Object.entries(wanted).every(([key, is]) => labels[key] === is))
      .reduce((sum, { count }) => sum + count, 0);
  }

  observe(): void {}
}

/** Keeps every line. */
export class RecordingLogger implements Logger {
  readonly lines: { level: string; message: string; fields: LogFields }[] = [];

  debug(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: "debug", message, fields });
  }

  info(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: "info", message, fields });
  }

  warn(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: "warn", message, fields });
  }

  error(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: "error", message, fields });
  }

  child(): Logger {
    return this;
  }
}
