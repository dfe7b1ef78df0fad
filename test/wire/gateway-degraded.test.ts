/** A real gateway whose helpers die one after the other while a contact goes on: the page is told, each comes back by itself, the record is whole. */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  answerInPieces,
  type StreamingService,
  startCompletionStream,
} from "../support/advice-streams.ts";
import { type AwsStandIn, awsError, startAwsStandIn } from "../support/aws/aws-stand-in.ts";
import { ContactLensStandIn } from "../support/aws/contact-lens-stand-in.ts";
import type { AwsFault } from "../support/aws/faults.ts";
import { KendraStandIn } from "../support/aws/kendra-stand-in.ts";
import { KinesisStandIn } from "../support/aws/kinesis-stand-in.ts";
import { lensRecord, lensTranscript } from "../support/contact-lens.ts";
import { AssistPage } from "./support/assist-page.ts";
import { GatewayProcess } from "./support/gateway-process.ts";
import { hasRedisServer, RedisServer } from "./support/redis-server.ts";
import { eventually } from "./support/waiting.ts";

const INSTANCE = "0f0d1b9e-5a7d-4b0c-9f57-1d2c3b4a5f60";
const STREAM = "arn:aws:kinesis:eu-central-1:123456789012:stream/lens";
const CONTACT = "c-degraded";
const PIANO = {
  title: "Pianos",
  uri: "https://kb.example.com/pianos",
  text: "A refund for a piano is paid within two days.",
};
const ANSWER = JSON.stringify({ answer: "Two days.", sources: [1] });
const BACK_MS = 40_000;

interface NoticeEvent {
  readonly kind: string;
  readonly part?: string;
  readonly ok?: boolean;
  readonly text?: string;
}

describe.skipIf(!hasRedisServer())("a gateway whose helpers die", () => {
  let redis: RedisServer;
  let aws: AwsStandIn;
  let kendra: KendraStandIn;
  let kinesis: KinesisStandIn;
  let model: StreamingService;
  let gateway: GatewayProcess;
  let page: AssistPage;
  let folder: string;
  let said = 0;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "degraded-"));
    redis = await RedisServer.start();
    kendra = new KendraStandIn(INSTANCE, [PIANO]);
    kinesis = new KinesisStandIn(STREAM);
    const lens = new ContactLensStandIn(INSTANCE);
    aws = await startAwsStandIn({ port: 0, services: [kendra, kinesis, lens] });
    model = await startCompletionStream();
    model.steps = answerInPieces(ANSWER);
    gateway = await GatewayProcess.start({
      BUS__KIND: "redis",
      BUS__URL: redis.url,
      STORE__PATH: join(folder, "calls.db"),
      AWS__REGION: "eu-central-1",
      AWS_ENDPOINT: aws.endpoint,
      ASSIST__KNOWLEDGE_SOURCE__KIND: "kendra",
      ASSIST__KNOWLEDGE_SOURCE__INDEX_ID: INSTANCE,
      ASSIST__ADVISOR__KIND: "openai",
      ASSIST__ADVISOR__URL: `http://127.0.0.1:${model.port}/v1`,
      ASSIST__ADVISOR__MODEL: "m",
      ASSIST__CONTACT_LENS__INSTANCE_ID: INSTANCE,
      ASSIST__CONTACT_LENS__STREAM_ARN: STREAM,
    });
    page = await AssistPage.open(`http://127.0.0.1:${gateway.httpPort}`);
    await page.subscribe({ contactId: CONTACT });
    await eventually("the stream is read", () =>
      aws.asked.some(({ operation }) => operation === "GetRecords"),
    );
  }, 120_000);

  afterAll(async () => {
    const exit = await gateway.stop();
    expect([exit.code, exit.leftBehind]).toEqual([0, []]);
    await model.close();
    await aws.close();
    await redis.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The customer asks; the id of the utterance. */
  function ask(contactId = CONTACT): string {
    said += 1;
    const id = `u${said}`;
    const segment = lensTranscript(id, `Question ${said}: is a refund paid for my piano?`, {
      atMs: said * 1000,
    });
    kinesis.put(lensRecord(INSTANCE, contactId, "SEGMENTS", segment));
    return id;
  }

  const events = (): readonly (NoticeEvent & Readonly<Record<string, unknown>>)[] =>
    page.messages.flatMap(({ event }) => (event === undefined ? [] : [event]));

  async function answered(utteranceId: string): Promise<Readonly<Record<string, unknown>>> {
    return await eventually(`an answer to ${utteranceId}`, () =>
      events().find(
        (event) =>
          event.kind === "suggestion" &&
          event["category"] === "answer" &&
          event["utteranceId"] === utteranceId &&
          event["partial"] === false,
      ),
    );
  }

  /** What the last notice of a part said. */
  async function noticed(part: string, ok: boolean): Promise<string> {
    const notice = await eventually(
      `notice ${part} ${ok}`,
      () => {
        const last = events().findLast((event) => event.kind === "notice" && event.part === part);
        return last?.ok === ok ? last : undefined;
      },
      BACK_MS,
    );
    return notice.text ?? "";
  }

  const fails = (operation: string): AwsFault => ({
    hits: (asked) => asked.operation === operation,
    answer: awsError(500, "InternalServerException", "dead"),
  });

  it("helps with all of them: a card that grows, with the source that Kendra gave", async () => {
    const answer = await answered(ask());
    expect(answer).toMatchObject({ text: "Two days.", sources: [{ uri: PIANO.uri }] });
    expect(events().some(({ partial }) => partial === true)).toBe(true);
    expect(events().filter(({ kind }) => kind === "notice")).toEqual([]);
  }, 30_000);

  it("answers from the folder while the knowledge is dead, and says when it is back", async () => {
    aws.faults.push(fails("Retrieve"));
    const answer = await answered(ask());
    expect(answer["sources"]).toMatchObject([{ uri: expect.stringContaining(".md") }]);
    expect(await noticed("knowledge", false)).toContain("folder");
    aws.faults.length = 0;
    expect(await noticed("knowledge", true)).toContain("again");
    expect(await answered(ask())).toMatchObject({ sources: [{ uri: PIANO.uri }] });
  }, 60_000);

  it("answers from knowledge while the model is dead, and says when it is back", async () => {
    model.steps = [{ kind: "piece", text: '{"answer":"Tw' }, { kind: "cut" }];
    expect(await answered(ask())).toMatchObject({ text: PIANO.text });
    expect(await noticed("advisor", false)).toContain("local knowledge");
    model.steps = answerInPieces(ANSWER);
    expect(await noticed("advisor", true)).toContain("again");
    expect(await answered(ask())).toMatchObject({ text: "Two days." });
  }, 60_000);

  it("shows the calls of its own node while Redis is dead, and says when it is back", async () => {
    await redis.kill();
    expect(await noticed("bus", false)).toContain("calls of this node are shown");
    await answered(ask());
    await redis.run();
    await noticed("bus", true);
    await answered(ask());
  }, 60_000);

  it("says that the transcription is dead, and takes up where it was", async () => {
    aws.faults.push(fails("GetRecords"));
    await noticed("transcriber", false);
    const missed = ask();
    aws.faults.length = 0;
    await noticed("transcriber", true);
    await answered(missed);
  }, 60_000);

  it("keeps records aside while the store is dead, and says when it is back", async () => {
    const database = join(folder, "calls.db");
    renameSync(database, `${database}.aside`);
    mkdirSync(database);
    kinesis.put(lensRecord(INSTANCE, "c-other", "STARTED"));
    ask("c-other");
    kinesis.put(lensRecord(INSTANCE, "c-other", "COMPLETED"));
    expect(await noticed("store", false)).toContain("kept aside");
    await answered(ask());
    rmdirSync(database);
    renameSync(`${database}.aside`, database);
    await noticed("store", true);
    expect(existsSync(database)).toBe(true);
  }, 90_000);

  it("has lost nothing of the record in the end", async () => {
    kinesis.put(lensRecord(INSTANCE, CONTACT, "COMPLETED"));
    const logs = await eventually("the record", async () => {
      const found = await gateway.get("/call-logs");
      const { calls } = JSON.parse(found.text) as {
        calls: { contactId: string; transcript: { text: string; role: string }[] }[];
      };
      return calls.some(({ contactId }) => contactId === CONTACT) ? calls : undefined;
    });
    const texts = (contactId: string): readonly string[] =>
      logs
        .filter((log) => log.contactId === contactId)
        .flatMap(({ transcript }) => transcript.map(({ text }) => text));
    const all = [...texts(CONTACT), ...texts("c-other")];
    const wanted = Array.from(
      { length: said },
      (_, index) => `Question ${index + 1}: is a refund paid for my piano?`,
    );
    expect(all.toSorted()).toEqual(wanted.toSorted());
    expect(texts("c-other")).toHaveLength(1);
    expect(await gateway.metric("trunkline_store_lost_total")).toBe(0);
    expect(await gateway.metric("trunkline_contact_segments_total", { outcome: "taken" })).toBe(
      said,
    );
    expect(JSON.stringify(gateway.log)).not.toMatch(/piano|Two days/);
    const last = events()
      .filter(({ kind }) => kind !== "notice")
      .at(-1);
    expect(last).toMatchObject({ kind: "state", state: "ended" });
  }, 30_000);
});
