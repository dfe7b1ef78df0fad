/** The few operations of Kinesis Data Streams that reading a stream takes, by AWS's own client. */
import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
} from "@aws-sdk/client-kinesis";
import { type AwsAccess, awsClientOptions } from "../core/aws-access.ts";

/** A part of a stream. */
export interface KinesisShard {
  readonly shardId: string;
  readonly parentShardIds: readonly string[];
}

/** Where in a shard reading begins. */
export type ShardPosition =
  | { readonly kind: "latest" }
  | { readonly kind: "beginning" }
  | { readonly kind: "after"; readonly sequenceNumber: string }
  | { readonly kind: "at"; readonly wallMs: number };

/** What one reading gave. */
export interface KinesisBatch {
  readonly records: readonly { readonly sequenceNumber: string; readonly data: Uint8Array }[];
  /** `undefined`: the shard is at its end. */
  readonly nextIterator: string | undefined;
  readonly behindMs: number;
  /** At the end: the shards that go on from here. */
  readonly children: readonly KinesisShard[];
}

/** Rejects with the client's errors. */
export interface KinesisApi {
  /** The shards that take records now. */
  openShards(signal: AbortSignal): Promise<readonly KinesisShard[]>;
  iterator(shardId: string, position: ShardPosition, signal: AbortSignal): Promise<string>;
  read(iterator: string, signal: AbortSignal): Promise<KinesisBatch>;
  close(): void;
}

/** Shards of one stream; more are not read. */
const MAX_SHARDS = 1000;
const MAX_RECORDS = 1000;

/** Reads one stream. */
export class KinesisStreamApi implements KinesisApi {
  readonly #client: KinesisClient;
  readonly #streamArn: string;

  constructor(access: AwsAccess, streamArn: string) {
    this.#streamArn = streamArn;
    // Who reads decides when it is tried again.
    this.#client = new KinesisClient({ ...awsClientOptions(access), maxAttempts: 1 });
  }

  async openShards(abortSignal: AbortSignal): Promise<readonly KinesisShard[]> {
    const shards: KinesisShard[] = [];
    let token: string | undefined;
    do {
      const command = new ListShardsCommand(
        token === undefined
          ? { StreamARN: this.#streamArn, ShardFilter: { Type: "AT_LATEST" } }
          : { StreamARN: this.#streamArn, NextToken: token },
      );
      const { Shards, NextToken } = await this.#client.send(command, { abortSignal });
      for (const { ShardId, ParentShardId, AdjacentParentShardId } of Shards ?? []) {
        const parents = [ParentShardId, AdjacentParentShardId];
        shards.push({ shardId: ShardId ?? "", parentShardIds: known(parents) });
      }
      token = NextToken;
    } while (token !== undefined && shards.length < MAX_SHARDS);
    return shards.slice(0, MAX_SHARDS);
  }

  async iterator(
    shardId: string,
    position: ShardPosition,
    abortSignal: AbortSignal,
  ): Promise<string> {
    const command = new GetShardIteratorCommand({
      StreamARN: this.#streamArn,
      ShardId: shardId,
      ...iteratorType(position),
    });
    const { ShardIterator } = await this.#client.send(command, { abortSignal });
    return ShardIterator ?? "";
  }

  async read(iterator: string, abortSignal: AbortSignal): Promise<KinesisBatch> {
    const command = new GetRecordsCommand({
      StreamARN: this.#streamArn,
      ShardIterator: iterator,
      Limit: MAX_RECORDS,
    });
    const answer = await this.#client.send(command, { abortSignal });
    return {
      records: (answer.Records ?? []).map(({ SequenceNumber, Data }) => ({
        sequenceNumber: SequenceNumber ?? "",
        data: Data ?? new Uint8Array(0),
      })),
      nextIterator: answer.NextShardIterator ?? undefined,
      behindMs: answer.MillisBehindLatest ?? 0,
      children: (answer.ChildShards ?? []).map(({ ShardId, ParentShards }) => ({
        shardId: ShardId ?? "",
        parentShardIds: ParentShards ?? [],
      })),
    };
  }

  /** Connections are released; what is being asked fails. */
  close(): void {
    this.#client.destroy();
  }
}

function iteratorType(position: ShardPosition) {
  switch (position.kind) {
    case "latest":
      return { ShardIteratorType: "LATEST" } as const;
    case "beginning":
      return { ShardIteratorType: "TRIM_HORIZON" } as const;
    case "after":
      return {
        ShardIteratorType: "AFTER_SEQUENCE_NUMBER",
        StartingSequenceNumber: position.sequenceNumber,
      } as const;
    case "at":
      return {
        ShardIteratorType: "AT_TIMESTAMP",
        Timestamp: new Date(position.wallMs),
      } as const;
  }
}

function known(ids: readonly (string | undefined)[]): readonly string[] {
  return ids.filter((id) => id !== undefined);
}
