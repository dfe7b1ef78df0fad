/** Whole calls by SIPp, over UDP and over TCP: what the caller hears, and what is kept of the call. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { GatewayProcess } from "./support/gateway-process.ts";
import { expectPaced, Metronome, type Paced } from "./support/pacing.ts";
import { findWords, GREETING, HELLO, YOU_SAID } from "./support/recordings.ts";
import { RtpEar } from "./support/rtp-ear.ts";
import { sippInstalled } from "./support/sipp.ts";
import { startSippCall, WENT_AS_WRITTEN } from "./support/sipp-call.ts";
import { reportStream } from "./support/stream-report.ts";
import { eventually } from "./support/waiting.ts";

const TALK_MS = 14_000;
/** The greeting is over when so many packets were heard. */
const GREETING_PACKETS = Math.ceil(GREETING.length / 160) + 10;

let gateway: GatewayProcess;
let ear: RtpEar;

const transports = [["UDP"], ["TCP"]] as const;

/** Answered, greeted, hung up: for a second look at the pacing. */
async function pacingOfAnotherCall(transport: "UDP" | "TCP"): Promise<Paced> {
  const secondEar = await RtpEar.open();
  const options = { gateway, scenario: "uac-talk", transport, ear: secondEar, talkMs: 8000 };
  const metronome = new Metronome();
  const call = await startSippCall(options);
  await call.done;
  const timerP99Ms = metronome.stop();
  await secondEar.close();
  return { stream: reportStream(secondEar.heard), timerP99Ms };
}

describe.skipIf(!sippInstalled())("a call by SIPp", () => {
  beforeAll(async () => {
    gateway = await GatewayProcess.start();
  });

  afterAll(async () => {
    expect(await gateway.stop()).toMatchObject({ code: 0, leftBehind: [] });
  });

  afterEach(async () => {
    await ear.close();
    await eventually("no call left", async () => (await gateway.calls()).length === 0);
  });

  it.each(transports)(
    "over %s is greeted, hears itself again and is on record",
    async (transport) => {
      ear = await RtpEar.open();
      const options = { gateway, scenario: "uac-talk", transport, ear, talkMs: TALK_MS };
      const metronome = new Metronome();
      const call = await startSippCall(options);
      await eventually("the greeting", () => ear.heard.length >= GREETING_PACKETS, 10_000);
      const beforeWords = ear.heard.length;
      await ear.say(HELLO);
      const [live] = await gateway.calls();
      expect(await gateway.dump(live?.callId ?? "")).toMatchObject({ state: "talking" });
      expect(await call.done).toMatchObject(WENT_AS_WRITTEN);
      const timerP99Ms = metronome.stop();

      expect(findWords(GREETING, ear.samples()).coefficient).toBeGreaterThan(0.9);
      const answer = ear.samples(beforeWords);
      const youSaid = findWords(YOU_SAID, answer);
      const itself = findWords(HELLO, answer);
      expect(youSaid.coefficient).toBeGreaterThan(0.9);
      expect(itself.coefficient).toBeGreaterThan(0.9);
      expect(itself.atMs).toBeGreaterThan(youSaid.atMs);

      const stream = reportStream(ear.heard);
      expect(stream).toMatchObject({ ssrcs: 1, sequenceBreaks: 0, oddSizes: 0 });
      expect(stream.packets).toBeGreaterThan((TALK_MS / 20) * 0.97);
      expect(ear.strangeDatagrams).toBe(0);
      const log = await gateway.callLog(call.sipCallId);
      expect(log).toMatchObject({
        phoneNumber: "caller",
        calledNumber: "agent",
        flow: "agent",
        model: "local",
        verdict: { endedBy: "caller", outcome: "completed" },
        interruptions: [],
      });
      expect(log.transcript.map(({ speaker }) => speaker)).toEqual(["model", "caller", "model"]);
      expect(log.transcript[2]?.text).toContain("You said:");
      expect(log.turns).toHaveLength(2);
      const [greeting, echo] = log.turns;
      expect(greeting).toMatchObject({ lastCallerVoiceAt: null, unheardMs: 0, interrupted: false });
      expect(Math.abs((greeting?.playedMs ?? 0) - GREETING.length / 8)).toBeLessThan(40);
      expect(echo?.responseMs).toBeGreaterThan(0);
      expect(echo?.responseMs).toBeLessThan(4000);
      for (const { firstModelAudioAt, firstPacketAt, endedAt } of log.turns) {
        const times = [log.start, firstModelAudioAt, firstPacketAt, endedAt, log.end];
        expect([...times].sort()).toEqual(times);
      }
      expect(log.stats).toMatchObject({ packetsLost: 0 });

      await expectPaced(`over ${transport}`, { stream, timerP99Ms }, () =>
        pacingOfAnotherCall(transport),
      );
    },
  );
});
