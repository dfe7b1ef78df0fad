/** Contact Lens in real time by its stream: every contact of one instance, from its records in Kinesis. */
import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { Metrics } from "../core/metrics.ts";
import type { ContactListener } from "../ports/contact-analysis.ts";
import { readStreamRecord } from "./contact-lens-segments.ts";
import type { KinesisApi } from "./kinesis-api.ts";
import { KinesisStream } from "./kinesis-stream.ts";

/** What it reads, and who hears. */
export interface ContactLensStreamOptions {
  readonly api: KinesisApi;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly instanceId: string;
  readonly pollMs: number;
  readonly listener: ContactListener;
}

/** Reads from `start` to `close`. */
export class ContactLensStream {
  readonly #options: ContactLensStreamOptions;
  readonly #stream: KinesisStream;

  constructor(options: ContactLensStreamOptions) {
    const { api, clock, pollMs } = options;
    this.#options = options;
    this.#stream = new KinesisStream({
      api,
      clock,
      pollMs,
      onRecord: (data) => this.#take(data),
      onFailure: (reason) =>
        options.metrics.increment("trunkline_contact_source_failures_total", {
          source: "stream",
          reason,
        }),
      onHealth: (isWell) => this.#onHealth(isWell),
    });
  }

  /** Returns at once. */
  start(): void {
    this.#stream.start();
  }

  async close(): Promise<void> {
    await this.#stream.close();
  }

  #take(data: Uint8Array): void {
    const { listener, metrics, instanceId } = this.#options;
    const record = readStreamRecord(data, instanceId);
    metrics.increment("trunkline_contact_records_total", { outcome: record.kind });
    switch (record.kind) {
      case "started":
        listener.started(record.contactId);
        break;
      case "segments":
        if (record.malformed > 0) {
          const labels = { outcome: "malformed" };
          metrics.increment("trunkline_contact_segments_total", labels, record.malformed);
        }
        listener.heard(record.contactId, record.segments);
        break;
      case "completed":
      case "failed":
        listener.ended(record.contactId, record.kind);
        break;
      default:
        break;
    }
  }

  #onHealth(isWell: boolean): void {
    const { listener, logger } = this.#options;
    if (isWell) {
      logger.info("the stream of Contact Lens is read again");
    } else {
      logger.warn("the stream of Contact Lens cannot be read");
    }
    listener.health(isWell);
  }
}
