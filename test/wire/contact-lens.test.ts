/** Contact Lens by its stream and by asking, with AWS's own clients over real HTTP, through all that can go wrong with both. */
import { afterEach, describe, expect, it } from "vitest";
import { SystemClock } from "../../src/core/clock.ts";
import { ContactLensPoll } from "../../src/ingress/contact-lens-poll.ts";
import { ContactLensStream } from "../../src/ingress/contact-lens-stream.ts";
import { KinesisStreamApi } from "../../src/ingress/kinesis-api.ts";
import type { ContactListener } from "../../src/ports/contact-analysis.ts";
import { type AwsStandIn, awsError, startAwsStandIn } from "../support/aws/aws-stand-in.ts";
import { ContactLensStandIn } from "../support/aws/contact-lens-stand-in.ts";
import { refuseNext } from "../support/aws/faults.ts";
import { KinesisStandIn } from "../support/aws/kinesis-stand-in.ts";
import { lensRecord, lensTranscript } from "../support/contact-lens.ts";
import { RecordingLogger, RecordingMetrics } from "../support/recording-metrics.ts";
import { eventually, pause } from "./support/waiting.ts";

const INSTANCE = "0f0d1b9e-5a7d-4b0c-9f57-1d2c3b4a5f60";
const ARN = "arn:aws:kinesis:eu-central-1:123456789012:stream/lens";
const REGION = "eu-central-1";

const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) {
    await close();
  }
});

/** Writes down what it hears. */
class Notes implements ContactListener {
  readonly lines: string[] = [];

  started(contactId: string): void {
    this.lines.push(`${contactId} started`);
  }

  heard(contactId: string, segments: Parameters<ContactListener["heard"]>[1]): void {
    for (const segment of segments) {
      this.lines.push(`${contactId} ${segment.kind === "utterance" ? segment.text : segment.kind}`);
    }
  }

  ended(contactId: string, how: string): void {
    this.lines.push(`${contactId} ${how}`);
  }

  health(ok: boolean, contactId?: string): void {
    const line = `${contactId === undefined ? "" : `${contactId} `}health ${ok}`;
    if (!ok || this.lines.includes(line.replace("true", "false"))) {
      this.lines.push(line);
    }
  }
}

const parts = () => {
  const clock = new SystemClock();
  return { clock, logger: new RecordingLogger(), metrics: new RecordingMetrics() };
};

async function stream(shards = 1) {
  const kinesis = new KinesisStandIn(ARN, shards);
  const aws: AwsStandIn = await startAwsStandIn({ port: 0, services: [kinesis] });
  closers.push(() => aws.close());
  const shared = parts();
  const notes = new Notes();
  kinesis.put(lensRecord(INSTANCE, "old", "STARTED"));
  const reader = new ContactLensStream({
    ...shared,
    api: new KinesisStreamApi({ region: REGION, endpoint: aws.endpoint }, ARN),
    instanceId: INSTANCE,
    pollMs: 250,
    listener: notes,
  });
  const begin = async (): Promise<void> => {
    reader.start();
    await eventually("all shards are read", () => {
      const reads = aws.asked.filter(({ operation }) => operation === "GetRecords");
      return reads.length >= shards;
    });
  };
  let isClosed = false;
  const close = async (): Promise<void> => {
    isClosed = true;
    await reader.close();
  };
  closers.push(() => (isClosed ? undefined : close()));
  const put = (text: string, shardId?: string): void =>
    kinesis.put(lensRecord(INSTANCE, "c-1", "SEGMENTS", lensTranscript(text, text)), shardId);
  const hears = (line: string, timeoutMs?: number): Promise<unknown> =>
    eventually(line, () => notes.lines.includes(line), timeoutMs).catch((error: unknown) => {
      throw new Error(`${String(error)}: ${notes.lines.join(", ")}`);
    });
  return { ...shared, kinesis, aws, notes, reader, begin, put, hears, close };
}

describe("the stream of Contact Lens", () => {
  it("is read from now on, on all shards, within five readings a second", async () => {
    const { kinesis, begin, put, hears, notes, clock, close } = await stream(2);
    await begin();
    const [first, second] = kinesis.openShards;
    kinesis.put(lensRecord(INSTANCE, "c-1", "STARTED"), first);
    put("one", first);
    put("two", second);
    kinesis.put(lensRecord(INSTANCE, "c-1", "COMPLETED"), first);
    await hears("c-1 two");
    await hears("c-1 completed");
    expect(notes.lines.filter((line) => line !== "c-1 two")).toEqual([
      "c-1 started",
      "c-1 one",
      "c-1 completed",
    ]);
    await pause(1200);
    expect(kinesis.throttled).toBe(0);
    await close();
    expect(clock.pending).toBe(0);
  });

  it("goes on through malformed records, unknown events and those of other instances", async () => {
    const { kinesis, begin, put, hears, metrics } = await stream();
    await begin();
    kinesis.put("{ no JSON");
    kinesis.put(lensRecord(INSTANCE, "c-1", "NEW_THING"));
    kinesis.put(lensRecord("another", "c-1", "STARTED"));
    put("after");
    await hears("c-1 after");
    const outcomes = ["malformed", "unknownEvent", "otherInstance", "segments"];
    expect(
      outcomes.map((outcome) => metrics.total("trunkline_contact_records_total", { outcome })),
    ).toEqual([1, 1, 1, 1]);
  });

  it("loses nothing to old iterators, throttling and outages, and says when it cannot be read", async () => {
    const { kinesis, aws, begin, put, hears, notes, metrics, logger } = await stream();
    await begin();
    put("one");
    await hears("c-1 one");
    kinesis.expireIterators();
    put("two");
    await hears("c-1 two");
    const slow = awsError(400, "ProvisionedThroughputExceededException", "slow down");
    aws.faults.push(refuseNext("GetRecords", slow, 2));
    put("three");
    await hears("c-1 three");
    expect(notes.lines).not.toContain("health false");
    aws.faults.push(refuseNext("GetRecords", awsError(500, "InternalFailure", "oops"), 2));
    put("four");
    await hears("health true");
    await hears("c-1 four");
    const wanted = ["c-1 one", "c-1 two", "c-1 three", "health false", "health true", "c-1 four"];
    expect(notes.lines.toSorted()).toEqual(wanted.toSorted());
    const reasons = ["expired", "rateLimited", "status"];
    expect(
      reasons.map((reason) =>
        metrics.total("trunkline_contact_source_failures_total", { source: "stream", reason }),
      ),
    ).toEqual([1, 2, 2]);
    expect(JSON.stringify(logger.lines)).not.toMatch(/oops|four/);
  });

  it("keeps what came before its first record when its first iterator grew too old", async () => {
    const { kinesis, begin, put, hears } = await stream();
    await begin();
    kinesis.expireIterators();
    put("one");
    await hears("c-1 one");
  });

  it("follows shards that are split and merged, to the last record and in order", async () => {
    const { kinesis, begin, put, hears, notes } = await stream();
    await begin();
    const [only = ""] = kinesis.openShards;
    put("one", only);
    const [left = "", right = ""] = kinesis.reshard([only], 2);
    put("two", left);
    put("three", right);
    await hears("c-1 two");
    await hears("c-1 three");
    const [merged = ""] = kinesis.reshard([left, right], 1);
    put("four", merged);
    await hears("c-1 four");
    expect(notes.lines.filter((line) => line === "c-1 four")).toHaveLength(1);
    expect(notes.lines[0]).toBe("c-1 one");
  });

  it("is looked for until it is there", async () => {
    const { aws, begin, reader, put, hears } = await stream();
    aws.faults.push(
      refuseNext("ListShards", awsError(400, "ResourceNotFoundException", "none"), 1),
    );
    reader.start();
    await hears("health false");
    await begin();
    put("one");
    await hears("c-1 one");
  });
});

async function poll() {
  const lens = new ContactLensStandIn(INSTANCE);
  const aws = await startAwsStandIn({ port: 0, services: [lens] });
  closers.push(() => aws.close());
  const shared = parts();
  const notes = new Notes();
  const access = { region: REGION, endpoint: aws.endpoint };
  const polling = new ContactLensPoll({
    ...shared,
    access,
    instanceId: INSTANCE,
    pauseMs: 50,
    listener: notes,
  });
  let isClosed = false;
  const close = async (): Promise<void> => {
    isClosed = true;
    await polling.close();
  };
  closers.push(() => (isClosed ? undefined : close()));
  const hears = (line: string): Promise<unknown> =>
    eventually(line, () => notes.lines.includes(line));
  return { ...shared, lens, aws, notes, polling, hears, close };
}

describe("asking Contact Lens for a contact", () => {
  it("gives each segment once, page by page, until the analysis is over", async () => {
    const { lens, polling, hears, notes, aws, clock } = await poll();
    polling.follow("c-1");
    await pause(150);
    const many = Array.from({ length: 150 }, (_, index) =>
      lensTranscript(`t${index}`, `word ${index}`),
    );
    lens.add("c-1", ...many);
    await hears("c-1 word 149");
    lens.add("c-1", lensTranscript("last", "goodbye"));
    lens.end("c-1");
    await hears("c-1 completed");
    expect(notes.lines).toHaveLength(152);
    expect(new Set(notes.lines).size).toBe(152);
    const asked = aws.asked.length;
    await pause(200);
    expect([aws.asked.length, clock.pending]).toEqual([asked, 0]);
  });

  it("takes turns among contacts, within the rate of the account, and starts anew after a rest", async () => {
    const { lens, polling, hears, aws } = await poll();
    for (const contactId of ["c-1", "c-2", "c-3"]) {
      lens.add(contactId, lensTranscript("t", "hello"));
      polling.follow(contactId);
    }
    await hears("c-3 hello");
    const before = aws.asked.length;
    await pause(500);
    expect(aws.asked.length - before).toBeLessThanOrEqual(11);
    for (const contactId of ["c-1", "c-2", "c-3"]) {
      polling.unfollow(contactId);
    }
    await pause(150);
    lens.add("c-4", lensTranscript("t", "again"));
    polling.follow("c-4");
    await hears("c-4 again");
  });

  it("goes on after refusals, says so on the contact's page, and not for mere haste", async () => {
    const { lens, polling, hears, notes, aws, metrics } = await poll();
    const operation = "ListRealtimeContactAnalysisSegments";
    aws.faults.push(refuseNext(operation, awsError(429, "ThrottlingException", "slow"), 1));
    lens.add("c-1", lensTranscript("t1", "hello"));
    polling.follow("c-1");
    await hears("c-1 hello");
    expect(notes.lines).toEqual(["c-1 hello"]);
    aws.faults.push(refuseNext(operation, awsError(403, "AccessDeniedException", "no"), 1));
    await hears("c-1 health false");
    await hears("c-1 health true");
    const failures = (reason: string): number =>
      metrics.total("trunkline_contact_source_failures_total", { source: "poll", reason });
    expect([failures("rateLimited"), failures("refused")]).toEqual([1, 1]);
  });
});
