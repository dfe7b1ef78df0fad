/** Contacts that are listened to by Kinesis Video, from the Matroska to the record, on virtual time. */
import { afterEach, describe, expect, it } from "vitest";
import { GatewayError } from "../../src/core/errors.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { KinesisVideoListener } from "../../src/ingress/kinesis-video-listener.ts";
import type { ContactOrder } from "../../src/ports/contact-listener.ts";
import { type MkvFragmentPlan, writeFragment } from "../support/aws/mkv-writer.ts";
import { FakeMediaSource, type FakeRead } from "../support/fake-media-source.ts";
import { tonePcm } from "../support/fake-visitor.ts";
import { assistEvents } from "../support/recording-client.ts";
import { Scenario } from "../support/scenario.ts";

const ARN = "arn:aws:kinesisvideo:us-east-1:111122223333:stream/connect-1/1700000000000";
const ORDER: ContactOrder = {
  contactId: "contact-1",
  phoneNumber: "+12065550100",
  streams: [{ streamArn: ARN, startFragmentNumber: "100", role: undefined }],
};

let scenario: Scenario;
let source: FakeMediaSource;
let listener: KinesisVideoListener;

async function listening(reads: readonly FakeRead[], order = ORDER): Promise<void> {
  scenario = new Scenario({ mediaTimeoutMs: 600_000 });
  await scenario.start();
  source = new FakeMediaSource(scenario.clock, reads);
  listener = new KinesisVideoListener({
    clock: scenario.clock,
    logger: silentLogger,
    metrics: scenario.metrics,
    exchange: scenario.pcm,
    door: scenario.door,
    flow: "assist",
    openSource: () => Promise.resolve(source),
  });
  listener.listen(order);
  await scenario.clock.advanceMs(10);
}

/** A second of the customer's tone and of the agent's. */
function fragment(
  number: number,
  tones: readonly [number, number],
  changes: Partial<MkvFragmentPlan> = {},
) {
  return writeFragment({
    number: String(number),
    timecodeMs: number * 1000,
    contactId: "contact-1",
    tracks: [
      { name: "AUDIO_FROM_CUSTOMER", pcm: tonePcm(tones[0], 1000, 8000) },
      { name: "AUDIO_TO_CUSTOMER", pcm: tonePcm(tones[1], 1000, 8000) },
    ],
    ...changes,
  });
}

const CUT = new GatewayError("STREAM_UNREACHABLE", { reason: "cut" });

function heard(): readonly (readonly number[])[] {
  return scenario.model.sessions.map((session) => session.tonesHeard());
}

function heardMs(): readonly number[] {
  return scenario.model.sessions.map((session) =>
    session
      .spansHeard()
      .filter(({ sound }) => typeof sound === "number")
      .reduce((sum, { ms }) => sum + ms, 0),
  );
}

afterEach(async () => {
  listener.close();
  expect(await scenario.close()).toEqual([]);
  expect(listener.contacts).toBe(0);
});

describe("a contact that is listened to by Kinesis Video", () => {
  it("is heard by its tracks' names, whatever their order, and is over when the stream is", async () => {
    await listening([
      { pieces: [fragment(101, [3, 6]), fragment(102, [3, 6], { swapped: true })] },
    ]);
    await scenario.clock.advanceMs(30_000);
    expect(heard()).toEqual([[3], [6]]);
    expect(heardMs().every((ms) => ms > 1900 && ms <= 2100)).toBe(true);
    expect(scenario.records[0]).toMatchObject({
      mode: "assist",
      contactId: "contact-1",
      callingNumber: "+12065550100",
      streamArn: ARN,
      verdict: { outcome: "completed" },
      participants: [
        { id: "AUDIO_FROM_CUSTOMER", role: "customer" },
        { id: "AUDIO_TO_CUSTOMER", role: "agent" },
      ],
    });
    expect(source.positions[0]).toEqual({ kind: "afterFragment", fragmentNumber: "100" });
  });

  it("tells who said what by role", async () => {
    await listening([{ pieces: [fragment(101, [3, 6])], everyMs: 100 }]);
    await scenario.clock.advanceMs(1500);
    scenario.model.sessions[1]?.sink.onTranscript("caller", "how can I help", "u1", true);
    await scenario.clock.advanceMs(100);
    const said = assistEvents(scenario).filter((event) => event.kind === "transcript");
    expect(said).toMatchObject([{ role: "agent", text: "how can I help" }]);
  });

  it("goes on from the last whole fragment after a cut in the middle of a block, and hears nothing twice", async () => {
    const second = fragment(102, [5, 6]);
    await listening([
      { pieces: [fragment(101, [3, 6]), second.subarray(0, second.length / 2)], error: CUT },
      { pieces: [fragment(101, [3, 6]), second, fragment(103, [7, 6], { endless: true })] },
    ]);
    await scenario.clock.advanceMs(40_000);
    expect(source.positions[1]).toEqual({ kind: "afterFragment", fragmentNumber: "101" });
    expect(heard()).toEqual([[3, 5, 7], [6]]);
    expect(heardMs().every((ms) => ms > 2800 && ms <= 3100)).toBe(true);
    expect(scenario.metrics.counts.get("trunkline_kinesis_video_fragments_total repeated")).toBe(1);
  });

  it("stops when the stream belongs to another contact, whose audio nobody hears", async () => {
    await listening([
      { pieces: [fragment(101, [3, 6]), fragment(102, [9, 9], { contactId: "contact-2" })] },
    ]);
    await scenario.clock.advanceMs(10_000);
    expect(heard()).toEqual([[3], [6]]);
    expect(source.positions).toHaveLength(1);
    expect(scenario.records).toHaveLength(1);
  });

  it("passes over what is left of the contact before", async () => {
    await listening([
      { pieces: [fragment(101, [9, 9], { contactId: "contact-0" }), fragment(102, [3, 6])] },
    ]);
    await scenario.clock.advanceMs(20_000);
    expect(heard()).toEqual([[3], [6]]);
  });

  it("finds its way back after garbage", async () => {
    await listening([
      { pieces: [fragment(101, [3, 6]), Buffer.alloc(5000, 0x77), fragment(102, [4, 6])] },
    ]);
    await scenario.clock.advanceMs(20_000);
    expect(heard()).toEqual([[3, 4], [6]]);
  });

  it("gives a stream up that is something else altogether", async () => {
    await listening([{ pieces: [Buffer.alloc(1_200_000, 0x41)] }]);
    await scenario.clock.advanceMs(1000);
    expect(scenario.records[0]?.verdict.reason).toContain("no Matroska");
  });

  it("tries again with longer and longer pauses, and gives up in the end", async () => {
    await listening(Array.from({ length: 20 }, () => ({ pieces: [], error: CUT })));
    await scenario.clock.advanceMs(5000);
    expect(source.positions.length).toBeLessThan(5);
    await scenario.clock.advanceMs(120_000);
    expect(source.positions).toHaveLength(8);
    expect(scenario.records[0]?.verdict.outcome).toBe("serverLost");
  });

  it("does not ask again for a stream that it may not read", async () => {
    const error = new GatewayError("STREAM_REFUSED", { reason: "NotAuthorizedException" });
    await listening([{ pieces: [], error }]);
    await scenario.clock.advanceMs(1000);
    expect(source.positions).toHaveLength(1);
    expect(scenario.records[0]?.verdict.reason).toContain("NotAuthorizedException");
  });

  it("reads again after an error of the service in a tag, and gives up when it is about keys", async () => {
    const faulty = fragment(102, [4, 6], { tags: { AWS_KINESISVIDEO_ERROR_CODE: "5000" } });
    const refused = fragment(104, [8, 6], { tags: { AWS_KINESISVIDEO_ERROR_CODE: "4500" } });
    await listening([
      { pieces: [fragment(101, [3, 6]), faulty] },
      { pieces: [fragment(103, [5, 6]), refused] },
    ]);
    await scenario.clock.advanceMs(20_000);
    expect(source.positions).toHaveLength(2);
    expect(scenario.records[0]?.verdict.reason).toContain("error 4500");
  });

  it("cuts a connection that brings nothing, and reads again", async () => {
    await listening([
      { pieces: [fragment(101, [3, 6]), fragment(102, [4, 6])], everyMs: 40_000 },
      { pieces: [fragment(101, [3, 6])] },
    ]);
    await scenario.clock.advanceMs(20_000);
    expect(source.positions.length).toBeGreaterThan(1);
    expect(heard()).toEqual([[3], [6]]);
  });

  it("waits for the call where the source is faster than the call", async () => {
    const pieces = Array.from({ length: 60 }, (_, index) => fragment(101 + index, [3, 6]));
    await listening([{ pieces }]);
    await scenario.clock.advanceMs(2000);
    const dropped = scenario.metrics.counts.get("trunkline_pcm_dropped_ms_total kinesisVideo in");
    expect(dropped).toBeUndefined();
    await scenario.clock.advanceMs(60_000);
    expect(heardMs().every((ms) => ms > 59_000)).toBe(true);
  });

  it("hears the streams of a Voice Connector, one for each leg, by their roles", async () => {
    const one = (tone: number) =>
      fragment(1, [tone, 0], {
        contactId: undefined,
        tracks: [{ name: "Track", pcm: tonePcm(tone, 1000, 8000) }],
      });
    await listening([{ pieces: [one(3)] }, { pieces: [one(6)] }], {
      ...ORDER,
      streams: [
        { streamArn: `${ARN}a`, startFragmentNumber: undefined, role: "customer" },
        { streamArn: `${ARN}b`, startFragmentNumber: undefined, role: "agent" },
      ],
    });
    await scenario.clock.advanceMs(20_000);
    expect(heard()).toEqual([[3], [6]]);
  });

  it("listens to a contact once", async () => {
    await listening([{ pieces: [fragment(101, [3, 6])] }]);
    expect(() => listener.listen(ORDER)).toThrow(
      expect.objectContaining({ code: "CONTACT_KNOWN" }),
    );
  });
});
