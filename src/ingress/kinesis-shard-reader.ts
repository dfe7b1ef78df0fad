/** Reads one shard of a stream from a place on, for as long as it has records to come: through failures, and iterators that grew too old. */
import { type AwsFailure, awsErrorName, awsFailure } from "../core/aws-failure.ts";
import { type Clock, sleep } from "../core/clock.ts";
import { BackOff } from "./back-off.ts";
import type { KinesisApi, KinesisShard, ShardPosition } from "./kinesis-api.ts";

/** What a reader works with. */
export interface ShardReaderOptions {
  readonly api: KinesisApi;
  readonly clock: Clock;
  readonly shardId: string;
  readonly from: ShardPosition;
  /** Between two readings; a shard takes five a second of all its readers together. */
  readonly pollMs: number;
  readonly onRecord: (data: Uint8Array) => void;
  /** Whether the last request was answered. */
  readonly onHealth: (failure: AwsFailure | "expired" | undefined) => void;
}

/** Behind its end, a shard is read this often. */
const CATCH_UP_MS = 250;
const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 10_000;

/** Nothing is kept but where it is. */
export class ShardReader {
  readonly #options: ShardReaderOptions;
  readonly #backOff = new BackOff(FIRST_RETRY_MS, MAX_RETRY_MS);
  readonly #beganAtMs: number;
  #iterator: string | undefined;
  #isPlaced = false;
  #lastSequenceNumber: string | undefined;

  constructor(options: ShardReaderOptions) {
    this.#options = options;
    this.#beganAtMs = options.clock.wallMs();
  }

  /** Resolves with the shards that go on where this one ended; rejects when the signal aborts. */
  async read(signal: AbortSignal): Promise<readonly KinesisShard[]> {
    const { clock } = this.#options;
    for (;;) {
      signal.throwIfAborted();
      let pauseMs: number;
      try {
        const turn = await this.#turn(signal);
        if (turn.kind === "ended") {
          return turn.children;
        }
        pauseMs = turn.pauseMs;
      } catch (error) {
        signal.throwIfAborted();
        pauseMs = this.#onFailure(error);
      }
      await sleep(clock, pauseMs, signal);
    }
  }

  async #turn(
    signal: AbortSignal,
  ): Promise<
    | { readonly kind: "ended"; readonly children: readonly KinesisShard[] }
    | { readonly kind: "more"; readonly pauseMs: number }
  > {
    const { api, shardId, pollMs, onRecord, onHealth } = this.#options;
    this.#iterator ??= await api.iterator(shardId, this.#position(), signal);
    this.#isPlaced = true;
    const batch = await api.read(this.#iterator, signal);
    for (const { sequenceNumber, data } of batch.records) {
      this.#lastSequenceNumber = sequenceNumber;
      onRecord(data);
    }
    this.#iterator = batch.nextIterator;
    this.#backOff.succeed();
    onHealth(undefined);
    return batch.nextIterator === undefined
      ? { kind: "ended", children: batch.children }
      : { kind: "more", pauseMs: batch.behindMs > 0 ? Math.min(CATCH_UP_MS, pollMs) : pollMs };
  }

  /** After what was read; where nothing was, since reading began, so that an outage costs no record. */
  #position(): ShardPosition {
    if (this.#lastSequenceNumber !== undefined) {
      return { kind: "after", sequenceNumber: this.#lastSequenceNumber };
    }
    const { from } = this.#options;
    const isLate = from.kind === "latest" && this.#isPlaced;
    return isLate ? { kind: "at", wallMs: this.#beganAtMs } : from;
  }

  #onFailure(error: unknown): number {
    const { onHealth } = this.#options;
    if (awsErrorName(error) === "ExpiredIteratorException") {
      this.#iterator = undefined;
      onHealth("expired");
      return 0;
    }
    onHealth(awsFailure(error));
    return this.#backOff.fail();
  }
}
