/** What the table of metrics says of each. */

/** What a metric is. */
export interface MetricRow {
  readonly kind: "counter" | "histogram" | "gauge";
  readonly help: string;
  /** Label → its closed set of values; never a number, a name or an id of a caller. */
  readonly labels?: Readonly<Record<string, readonly string[]>>;
  /** Labels whose closed set the operator wrote: names of configured things. */
  readonly configuredLabels?: readonly string[];
  /** Upper bounds of a histogram's buckets. */
  readonly buckets?: readonly number[];
}
