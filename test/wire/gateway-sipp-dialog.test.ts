/** What a caller does within a call, by SIPp: hold, keys, an offer that comes late, a hang-up by the gateway. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { sequenceDelta, timestampDelta } from "../../src/rtp/packet.ts";
import { GatewayProcess } from "./support/gateway-process.ts";
import type { HeardPacket } from "./support/heard-packet.ts";
import { findWords, GOODBYE, GREETING, OPENING_HOURS } from "./support/recordings.ts";
import { RtpEar } from "./support/rtp-ear.ts";
import { sippInstalled } from "./support/sipp.ts";
import { startSippCall, WENT_AS_WRITTEN } from "./support/sipp-call.ts";
import { reportStream } from "./support/stream-report.ts";
import { eventually } from "./support/waiting.ts";

let gateway: GatewayProcess;
let ear: RtpEar;

/** Pauses of more than a second in what is heard, with the packets around them. */
function silencesOf(heard: readonly HeardPacket[]): { before: HeardPacket; after: HeardPacket }[] {
  return heard.slice(1).flatMap((after, i) => {
    const before = heard[i] as HeardPacket;
    return after.atMs - before.atMs > 1000 ? [{ before, after }] : [];
  });
}

describe.skipIf(!sippInstalled())("within a call by SIPp", () => {
  beforeAll(async () => {
    gateway = await GatewayProcess.start();
  });

  afterAll(async () => {
    expect(await gateway.stop()).toMatchObject({ code: 0, leftBehind: [] });
  });

  beforeEach(async () => {
    ear = await RtpEar.open();
  });

  afterEach(async () => {
    await ear.close();
    await eventually("no call left", async () => (await gateway.calls()).length === 0);
  });

  it("sends nothing to a caller who holds, and goes on in the same stream afterwards", async () => {
    const call = await startSippCall({ gateway, scenario: "uac-hold-resume", ear });
    expect(await call.done).toMatchObject(WENT_AS_WRITTEN);
    const silences = silencesOf(ear.heard);
    expect(silences).toHaveLength(1);
    const [silence] = silences;
    if (silence === undefined) {
      return;
    }
    const { before, after } = silence;
    const silentMs = after.atMs - before.atMs;
    expect(silentMs).toBeGreaterThan(1900);
    expect(silentMs).toBeLessThan(2300);
    expect(after.hasMarker).toBe(true);
    expect(sequenceDelta(after.sequence, before.sequence)).toBe(1);
    const passedMs = timestampDelta(after.rtpTimestamp, before.rtpTimestamp) / 8;
    expect(Math.abs(passedMs - silentMs)).toBeLessThan(100);
    expect(reportStream(ear.heard)).toMatchObject({ ssrcs: 1, sequenceBreaks: 0 });
  });

  it("says goodbye and hangs up when 9 is pressed as telephone-event", async () => {
    const call = await startSippCall({ gateway, scenario: "uac-wait-for-bye", ear });
    await eventually("audio", () => ear.heard.length > 50);
    const beforeKey = ear.heard.length;
    ear.press("9");
    expect(await call.done).toMatchObject(WENT_AS_WRITTEN);
    expect(findWords(GOODBYE, ear.samples(beforeKey)).coefficient).toBeGreaterThan(0.9);
    const log = await gateway.callLog(call.sipCallId);
    expect(log.verdict).toMatchObject({ endedBy: "model", outcome: "completed" });
    expect(log.transcript.some(({ text }) => text === "(pressed 9)")).toBe(true);
  });

  it("takes keys by INFO, as application/dtmf-relay and as application/dtmf", async () => {
    const call = await startSippCall({ gateway, scenario: "uac-dtmf-info", ear });
    expect(await call.done).toMatchObject(WENT_AS_WRITTEN);
    const heard = ear.samples();
    expect(findWords(OPENING_HOURS, heard).coefficient).toBeGreaterThan(0.9);
    expect(findWords(GOODBYE, heard).coefficient).toBeGreaterThan(0.9);
    const log = await gateway.callLog(call.sipCallId);
    const pressed = log.transcript.map(({ text }) => text).filter((text) => /pressed/.test(text));
    expect(pressed).toEqual(["(pressed 2)", "(pressed 9)"]);
  });

  it.each(["UDP", "TCP"] as const)(
    "offers in its 200 to an INVITE without SDP over %s",
    async (transport) => {
      const options = { gateway, scenario: "uac-late-offer", transport, ear, talkMs: 6000 };
      const call = await startSippCall(options);
      expect(await call.done).toMatchObject(WENT_AS_WRITTEN);
      expect(findWords(GREETING, ear.samples()).coefficient).toBeGreaterThan(0.9);
      expect(reportStream(ear.heard)).toMatchObject({ ssrcs: 1, sequenceBreaks: 0, oddSizes: 0 });
      const log = await gateway.callLog(call.sipCallId);
      expect(log.verdict).toMatchObject({ endedBy: "caller", outcome: "completed" });
    },
  );

  it("echoes the caller's own packets at echo@", async () => {
    const words = GREETING.slice(0, 16_000);
    const options = { gateway, scenario: "uac-talk", to: "echo", ear, talkMs: 3500 };
    const call = await startSippCall(options);
    await eventually("the answer", () => ear.heard.length > 5);
    await ear.say(words);
    expect(await call.done).toMatchObject(WENT_AS_WRITTEN);
    expect(findWords(words, ear.samples()).coefficient).toBeGreaterThan(0.99);
  });

  it("stops ringing when the caller gives up", async () => {
    const scenario = "uac-cancel-while-ringing-expect-487";
    const call = await startSippCall({ gateway, scenario, to: "ring", ear });
    expect(await call.done).toMatchObject(WENT_AS_WRITTEN);
    const log = await gateway.callLog(call.sipCallId);
    expect(log).toMatchObject({
      answered: null,
      verdict: { endedBy: "caller", outcome: "cancelled" },
    });
    expect(ear.heard).toHaveLength(0);
  });
});
