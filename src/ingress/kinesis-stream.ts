/** Follows a stream of Kinesis from now on: all its shards, and those that they are split and merged into. */
import { type AwsFailure, awsFailure } from "../core/aws-failure.ts";
import { type Clock, sleep } from "../core/clock.ts";
import { BackOff } from "./back-off.ts";
import type { KinesisApi, KinesisShard, ShardPosition } from "./kinesis-api.ts";
import { ShardReader } from "./kinesis-shard-reader.ts";

/** What a stream is read with. */
export interface KinesisStreamOptions {
  readonly api: KinesisApi;
  readonly clock: Clock;
  readonly pollMs: number;
  readonly onRecord: (data: Uint8Array) => void;
  /** Each failure; a request that came too often, or with an iterator that grew too old, is made again and harms nobody. */
  readonly onFailure: (failure: AwsFailure | "expired") => void;
  /** Told once for each change: whether all of the stream can be read. */
  readonly onHealth: (isWell: boolean) => void;
}

const FIRST_RETRY_MS = 1000;
const MAX_RETRY_MS = 30_000;
/** Shards that are remembered, so that none is read twice. */
const MAX_SHARDS = 10_000;

/** Reads from `start` to `close`. */
export class KinesisStream {
  readonly #options: KinesisStreamOptions;
  readonly #abort = new AbortController();
  readonly #running = new Set<Promise<void>>();
  readonly #begun = new Set<string>();
  readonly #ended = new Set<string>();
  /** Shards that cannot be read now; `""`: nobody knows which there are. */
  readonly #failing = new Set<string>();
  #starting: Promise<void> | undefined;

  constructor(options: KinesisStreamOptions) {
    this.#options = options;
  }

  /** Returns at once; a stream that is not there is looked for until it is. */
  start(): void {
    this.#starting ??= this.#begin().catch(() => undefined);
  }

  /** Resolves when nothing is read any more. */
  async close(): Promise<void> {
    this.#abort.abort();
    await this.#starting;
    await Promise.all(this.#running);
    this.#options.api.close();
  }

  toJSON(): Readonly<Record<string, number>> {
    return { shards: this.#running.size, ended: this.#ended.size };
  }

  async #begin(): Promise<void> {
    const { api, clock } = this.#options;
    const { signal } = this.#abort;
    const backOff = new BackOff(FIRST_RETRY_MS, MAX_RETRY_MS);
    while (!signal.aborted) {
      try {
        const shards = await api.openShards(signal);
        this.#note("", undefined);
        for (const { shardId } of shards) {
          this.#read(shardId, { kind: "latest" });
        }
        return;
      } catch (error) {
        signal.throwIfAborted();
        this.#note("", awsFailure(error));
      }
      await sleep(clock, backOff.fail(), signal);
    }
  }

  #read(shardId: string, from: ShardPosition): void {
    const { api, clock, pollMs, onRecord } = this.#options;
    if (this.#begun.has(shardId) || this.#begun.size >= MAX_SHARDS || this.#abort.signal.aborted) {
      return;
    }
    this.#begun.add(shardId);
    const onHealth = (failure: AwsFailure | "expired" | undefined): void =>
      this.#note(shardId, failure);
    const reader = new ShardReader({ api, clock, shardId, from, pollMs, onRecord, onHealth });
    const reading = reader
      .read(this.#abort.signal)
      .then((children) => this.#onEnd(shardId, children))
      .catch(() => undefined)
      .finally(() => this.#running.delete(reading));
    this.#running.add(reading);
  }

  #note(shardId: string, failure: AwsFailure | "expired" | undefined): void {
    const { onFailure, onHealth } = this.#options;
    const wasWell = this.#failing.size === 0;
    if (failure !== undefined) {
      onFailure(failure);
    }
    if (failure === undefined) {
      this.#failing.delete(shardId);
    } else if (failure !== "expired" && failure !== "rateLimited") {
      this.#failing.add(shardId);
    }
    const isWell = this.#failing.size === 0;
    if (isWell !== wasWell) {
      onHealth(isWell);
    }
  }

  /** A shard that two were merged into waits for both, so that records of one key stay in order. */
  #onEnd(shardId: string, children: readonly KinesisShard[]): void {
    this.#ended.add(shardId);
    this.#note(shardId, undefined);
    for (const child of children) {
      const isReady = child.parentShardIds.every(
        (parent) => this.#ended.has(parent) || !this.#begun.has(parent),
      );
      if (isReady) {
        this.#read(child.shardId, { kind: "beginning" });
      }
    }
  }
}
