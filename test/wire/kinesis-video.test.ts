/** Live audio from Kinesis Video over real HTTP: the client of AWS against a stand-in, and a whole gateway that listens. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { SystemClock } from "../../src/core/clock.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { KinesisVideo } from "../../src/ingress/kinesis-video-client.ts";
import { KinesisVideoReader } from "../../src/ingress/kinesis-video-reader.ts";
import { type AwsStandIn, awsError, startAwsStandIn } from "../support/aws/aws-stand-in.ts";
import { refuseNext } from "../support/aws/faults.ts";
import { KinesisVideoStandIn } from "../support/aws/kinesis-video-stand-in.ts";
import { type MkvFragmentPlan, writeFragment } from "../support/aws/mkv-writer.ts";
import { tonePcm } from "../support/fake-visitor.ts";
import { CountingMetrics } from "../support/scenario.ts";
import { tonesIn } from "../support/tones.ts";
import { GatewayProcess } from "./support/gateway-process.ts";
import { HELLO } from "./support/recordings.ts";
import { eventually, pause } from "./support/waiting.ts";

const ARN = "arn:aws:kinesisvideo:us-east-1:111122223333:stream/connect-1/1700000000000";
const CONTACT = "0f2e2b3c-0000-4000-8000-00000000000a";

let service: KinesisVideoStandIn;
let standIn: AwsStandIn;

function fragment(
  number: number,
  changes: Partial<MkvFragmentPlan> & Pick<MkvFragmentPlan, "tracks">,
) {
  return writeFragment({
    number: String(number),
    timecodeMs: number * 1000,
    contactId: CONTACT,
    ...changes,
  });
}

function tones(customer: number, agent: number) {
  return [
    { name: "AUDIO_FROM_CUSTOMER", pcm: tonePcm(customer, 1000, 8000) },
    { name: "AUDIO_TO_CUSTOMER", pcm: tonePcm(agent, 1000, 8000) },
  ];
}

beforeEach(async () => {
  service = new KinesisVideoStandIn();
  standIn = await startAwsStandIn({ port: 0, services: [service] });
});

afterEach(async () => {
  await standIn.close();
});

describe("the client of Kinesis Video", () => {
  async function read(startFragmentNumber = "100") {
    const heard = new Map<string, Buffer[]>();
    const reader = new KinesisVideoReader({
      clock: new SystemClock(),
      logger: silentLogger,
      metrics: new CountingMetrics(),
      source: new KinesisVideo({ region: "us-east-1", endpoint: standIn.endpoint }),
      streamArn: ARN,
      startFragmentNumber,
      contactId: CONTACT,
      onBlock: ({ track, bytes }) =>
        heard.set(track, [...(heard.get(track) ?? []), Buffer.from(bytes)]),
      room: () => Promise.resolve(),
    });
    const end = await reader.run(AbortSignal.timeout(30_000));
    const tonesOf = (track: string): readonly number[] => {
      const bytes = Buffer.concat(heard.get(track) ?? []);
      return tonesIn(new Int16Array(new Uint8Array(bytes).buffer), 8000);
    };
    return { end, customer: tonesOf("AUDIO_FROM_CUSTOMER"), agent: tonesOf("AUDIO_TO_CUSTOMER") };
  }

  it("hears each track's tones whatever their order, through a cut in a block, until the contact is another", async () => {
    const stream = service.stream(ARN);
    stream.add("100", fragment(100, { tracks: tones(9, 9), contactId: "somebody-else" }));
    stream.add("101", fragment(101, { tracks: tones(3, 6) }));
    stream.add("102", fragment(102, { tracks: tones(4, 7), swapped: true }));
    stream.add("103", fragment(103, { tracks: tones(5, 8), endless: true }));
    stream.add("104", fragment(104, { tracks: tones(9, 9), contactId: "somebody-else" }));
    stream.cutIn = "102";
    expect(await read()).toEqual({ end: "otherContact", customer: [3, 4, 5], agent: [6, 7, 8] });
    expect(service.selectors).toEqual([
      { StartSelectorType: "FRAGMENT_NUMBER", AfterFragmentNumber: "100" },
      { StartSelectorType: "FRAGMENT_NUMBER", AfterFragmentNumber: "101" },
    ]);
  });

  it("comes again after it was one connection too many", async () => {
    const limit = awsError(400, "ConnectionLimitExceededException", "too many connections");
    service.stream(ARN).add("101", fragment(101, { tracks: tones(3, 6) }));
    service.stream(ARN).add("102", fragment(102, { tracks: tones(9, 9), contactId: "other" }));
    standIn.faults.push(refuseNext("GetMedia", limit, 2));
    expect(await read()).toEqual({ end: "otherContact", customer: [3], agent: [6] });
    expect(standIn.asked.filter(({ operation }) => operation === "GetMedia")).toHaveLength(3);
  });

  it.each([
    ["a stream that is not there", undefined],
    ["a stream that it may not read", awsError(401, "NotAuthorizedException", "no right")],
  ])("gives %s up at once", async (_name, answer) => {
    if (answer !== undefined) {
      service.stream(ARN);
      standIn.faults.push(refuseNext("GetMedia", answer));
    }
    await expect(read()).rejects.toMatchObject({ code: "STREAM_REFUSED" });
    expect(standIn.asked.length).toBeLessThanOrEqual(2);
  });
});

describe("a gateway that listens by Kinesis Video", () => {
  let gateway: GatewayProcess;
  let hub: AwsStandIn;
  const streams = new KinesisVideoStandIn();

  beforeAll(async () => {
    hub = await startAwsStandIn({ port: 0, services: [streams] });
    gateway = await GatewayProcess.start({ AWS__ENDPOINT: hub.endpoint });
  });

  afterAll(async () => {
    await hub.close();
    expect((await gateway.stop()).leftBehind).toEqual([]);
  });

  async function post(body: object) {
    const response = await fetch(`http://127.0.0.1:${gateway.httpPort}/assist/contacts`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ source: "kinesisVideo", ...body }),
    });
    return { status: response.status, body: (await response.json()) as { callId?: string } };
  }

  /** Four seconds in which one of the two says hello; a fragment a second, as they come. */
  async function speak(arn: string, contactId: string, who: "customer" | "agent"): Promise<void> {
    const spoken = new Int16Array(4 * 8000);
    spoken.set(HELLO.subarray(0, 2 * 8000), 4000);
    for (let second = 0; second < 4; second += 1) {
      const part = spoken.slice(second * 8000, (second + 1) * 8000);
      const voice = new Uint8Array(part.buffer);
      const silence = new Uint8Array(voice.length);
      const tracks = [
        { name: "AUDIO_FROM_CUSTOMER", pcm: who === "customer" ? voice : silence },
        { name: "AUDIO_TO_CUSTOMER", pcm: who === "agent" ? voice : silence },
      ];
      const number = String(201 + second);
      streams
        .stream(arn)
        .add(number, fragment(201 + second, { tracks, contactId, swapped: second % 2 === 1 }));
      await pause(1000);
    }
  }

  it.each(["customer", "agent"] as const)(
    "tells what the %s said as theirs, and leaves a record with contact and stream",
    async (who) => {
      const arn = `${ARN}${who === "customer" ? 1 : 2}`;
      const contactId = `contact-of-${who}`;
      streams.stream(arn);
      const began = await post({ contactId, streamArn: arn, startFragmentNumber: "200" });
      expect(began.status).toBe(202);
      expect((await post({ contactId, streamArn: arn })).status).toBe(409);
      await speak(arn, contactId, who);
      streams.stream(arn).add("205", fragment(205, { tracks: [], contactId: "the-next" }));
      streams.stream(arn).add("206", fragment(206, { tracks: tones(1, 1), contactId: "the-next" }));
      const log = await eventually(
        "the record",
        async () => {
          const url = `http://127.0.0.1:${gateway.httpPort}/call-logs?contactId=${contactId}`;
          const text = await (await fetch(url)).text();
          return text.includes('"outcome"') || text.includes(arn) ? text : undefined;
        },
        20_000,
      );
      expect(log).toContain(arn);
      expect(new Set(transcriptRoles(log))).toEqual(new Set([who]));
    },
  );

  it("refuses what is no stream", async () => {
    expect((await post({ contactId: "x", streamArn: "arn:aws:s3:::x" })).status).toBe(400);
    expect((await post({ contactId: "x" })).status).toBe(400);
  });
});

function transcriptRoles(log: string): readonly string[] {
  const parsed = JSON.parse(log) as Readonly<Record<string, unknown>>;
  const calls = Object.values(parsed).find((value) => Array.isArray(value)) as readonly {
    readonly transcript: readonly { readonly role: string }[];
  }[];
  return calls.flatMap(({ transcript }) => transcript.map(({ role }) => role));
}
