/** Kinesis Data Streams as far as reading goes: one stream of shards that a test splits and merges, iterators that grow old, and the limits of a shard. */
import { type Clock, SystemClock } from "../../../src/core/clock.ts";
import {
  type AwsAnswer,
  type AwsRequest,
  type AwsServiceStandIn,
  awsError,
} from "./aws-stand-in.ts";

interface StoredRecord {
  readonly sequence: number;
  readonly atMs: number;
  readonly data: Buffer;
}

interface Shard {
  readonly id: string;
  readonly parents: readonly string[];
  readonly records: StoredRecord[];
  isClosed: boolean;
  /** Wall milliseconds of the last readings. */
  reads: number[];
}

const READS_A_SECOND = 5;
const ITERATOR = /^(\d+)\|([^|]+)\|(\d+)$/;

/** Iterators are good until {@link expireIterators}. */
export class KinesisStandIn implements AwsServiceStandIn {
  readonly service = "kinesis";
  readonly arn: string;
  /** Requests that came more often than a shard takes. */
  throttled = 0;
  readonly #clock: Clock;
  readonly #shards = new Map<string, Shard>();
  #serial = 0;
  #age = 0;

  constructor(arn: string, shards = 1, clock: Clock = new SystemClock()) {
    this.arn = arn;
    this.#clock = clock;
    for (let index = 0; index < shards; index += 1) {
      this.#add([]);
    }
  }

  /** Ids of the shards that take records. */
  get openShards(): readonly string[] {
    return [...this.#shards.values()].filter(({ isClosed }) => !isClosed).map(({ id }) => id);
  }

  /** @param shardId absent: the first that takes records. */
  put(data: object | string, shardId = this.openShards[0] ?? ""): void {
    this.#serial += 1;
    const text = typeof data === "string" ? data : JSON.stringify(data);
    const record = { sequence: this.#serial, atMs: this.#clock.wallMs(), data: Buffer.from(text) };
    this.#shards.get(shardId)?.records.push(record);
  }

  /** Closes the shards; their records stay. Gives the ids of those that go on from them. */
  reshard(from: readonly string[], into: number): readonly string[] {
    for (const id of from) {
      const shard = this.#shards.get(id);
      if (shard !== undefined) {
        shard.isClosed = true;
      }
    }
    return Array.from({ length: into }, () => this.#add(from));
  }

  /** As if five minutes went by. */
  expireIterators(): void {
    this.#age += 1;
  }

  operationOf({ headers }: AwsRequest): string {
    return (headers["x-amz-target"] ?? "").replace(/^Kinesis_20131202\./, "");
  }

  handle(operation: string, { body }: AwsRequest): AwsAnswer {
    const input = JSON.parse(body.toString("utf8")) as Readonly<Record<string, unknown>>;
    if (input["StreamARN"] !== undefined && input["StreamARN"] !== this.arn) {
      return awsError(400, "ResourceNotFoundException", "no such stream");
    }
    switch (operation) {
      case "ListShards":
        return this.#list();
      case "GetShardIterator":
        return this.#iterator(input);
      case "GetRecords":
        return this.#read(input);
      case "DescribeStreamSummary":
        return { status: 200, body: { StreamDescriptionSummary: { StreamARN: this.arn } } };
      default:
        return awsError(400, "UnknownOperationException", operation);
    }
  }

  #add(parents: readonly string[]): string {
    const id = `shardId-${String(this.#shards.size).padStart(12, "0")}`;
    this.#shards.set(id, { id, parents, records: [], isClosed: false, reads: [] });
    return id;
  }

  #list(): AwsAnswer {
    const Shards = [...this.#shards.values()]
      .filter(({ isClosed }) => !isClosed)
      .map(({ id, parents: [first, second] }) => ({
        ShardId: id,
        ParentShardId: first,
        AdjacentParentShardId: second,
        HashKeyRange: { StartingHashKey: "0", EndingHashKey: "1" },
        SequenceNumberRange: { StartingSequenceNumber: "1" },
      }));
    return { status: 200, body: { Shards } };
  }

  #iterator(input: Readonly<Record<string, unknown>>): AwsAnswer {
    const shard = this.#shards.get(String(input["ShardId"]));
    if (shard === undefined) {
      return awsError(400, "ResourceNotFoundException", "no such shard");
    }
    const after = this.#placeOf(shard, input);
    return { status: 200, body: { ShardIterator: `${this.#age}|${shard.id}|${after}` } };
  }

  /** The number of the last record that is not read. */
  #placeOf({ records }: Shard, input: Readonly<Record<string, unknown>>): number {
    switch (input["ShardIteratorType"]) {
      case "LATEST":
        return records.at(-1)?.sequence ?? 0;
      case "AFTER_SEQUENCE_NUMBER":
        return Number(input["StartingSequenceNumber"]);
      case "AT_TIMESTAMP": {
        const fromMs = Number(input["Timestamp"]) * 1000;
        return records.filter(({ atMs }) => atMs < fromMs).at(-1)?.sequence ?? 0;
      }
      default:
        return 0;
    }
  }

  #read(input: Readonly<Record<string, unknown>>): AwsAnswer {
    const [, age, shardId = "", place] = ITERATOR.exec(String(input["ShardIterator"])) ?? [];
    const shard = this.#shards.get(shardId);
    if (shard === undefined) {
      return awsError(400, "InvalidArgumentException", "no iterator");
    }
    if (Number(age) !== this.#age) {
      return awsError(400, "ExpiredIteratorException", "the iterator is too old");
    }
    const nowMs = this.#clock.wallMs();
    shard.reads = [...shard.reads.filter((atMs) => nowMs - atMs < 1000), nowMs];
    if (shard.reads.length > READS_A_SECOND) {
      this.throttled += 1;
      return awsError(400, "ProvisionedThroughputExceededException", "five a second");
    }
    const rest = shard.records.filter(({ sequence }) => sequence > Number(place));
    const taken = rest.slice(0, Number(input["Limit"] ?? 10_000));
    const last = taken.at(-1)?.sequence ?? Number(place);
    const isAtEnd = shard.isClosed && taken.length === rest.length;
    return {
      status: 200,
      body: {
        Records: taken.map(({ sequence, data }) => ({
          SequenceNumber: String(sequence),
          PartitionKey: "contact",
          Data: data.toString("base64"),
        })),
        MillisBehindLatest: taken.length === rest.length ? 0 : 1000,
        ...(isAtEnd
          ? { ChildShards: this.#childrenOf(shardId) }
          : { NextShardIterator: `${this.#age}|${shardId}|${last}` }),
      },
    };
  }

  #childrenOf(shardId: string): readonly object[] {
    return [...this.#shards.values()]
      .filter(({ parents }) => parents.includes(shardId))
      .map(({ id, parents }) => ({
        ShardId: id,
        ParentShards: parents,
        HashKeyRange: { StartingHashKey: "0", EndingHashKey: "1" },
      }));
  }
}
