/** Whole calls by baresip: its own recording holds the greeting and its own words. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Baresip, baresipInstalled } from "./support/baresip.ts";
import { GatewayProcess } from "./support/gateway-process.ts";
import { MediaTap } from "./support/media-tap.ts";
import { expectPaced, Metronome, type Paced } from "./support/pacing.ts";
import { findWords, GOODBYE, GREETING, HELLO, YOU_SAID } from "./support/recordings.ts";
import { reportStream } from "./support/stream-report.ts";
import { eventually, pause } from "./support/waiting.ts";

/** Silence while the greeting is spoken, the words, and silence until the end of the call. */
const WORDS_AT_MS = 5600;
const SAYS = new Int16Array(8000 * 40);
SAYS.set(HELLO, WORDS_AT_MS * 8);
const TALK_MS = 13_500;

let gateway: GatewayProcess;
let baresip: Baresip;

/** Answered, greeted, hung up: for a second look at the pacing. */
async function pacingOfAnotherCall(): Promise<Paced> {
  const second = await Baresip.start(SAYS);
  const tap = await MediaTap.open(gateway.sipPort);
  const metronome = new Metronome();
  await second.dial(`sip:agent@${tap.target}`);
  await pause(8000);
  await second.command("hangup");
  await tap.close();
  const timerP99Ms = metronome.stop();
  await second.quit();
  return { stream: reportStream(tap.heard), timerP99Ms };
}

describe.skipIf(!baresipInstalled())("a call by baresip", () => {
  beforeAll(async () => {
    gateway = await GatewayProcess.start();
  });

  afterAll(async () => {
    expect(await gateway.stop()).toMatchObject({ code: 0, leftBehind: [] });
  });

  beforeEach(async () => {
    baresip = await Baresip.start(SAYS);
  });

  afterEach(async () => {
    await baresip.quit();
    await eventually("no call left", async () => (await gateway.calls()).length === 0);
  });

  it("is greeted, hears itself again and is on record", async () => {
    const tap = await MediaTap.open(gateway.sipPort);
    const metronome = new Metronome();
    await baresip.dial(`sip:agent@${tap.target}`);
    await pause(TALK_MS);
    await baresip.command("hangup");
    await tap.close();
    const timerP99Ms = metronome.stop();
    const stream = reportStream(tap.heard);
    expect(stream).toMatchObject({ ssrcs: 1, sequenceBreaks: 0, oddSizes: 0 });
    expect(stream.packets).toBeGreaterThan((TALK_MS / 20) * 0.97);

    const log = await eventually("a record", async () => (await gateway.callLogs()).at(-1));
    const heard = baresip.heard();
    const [greeting, youSaid, itself] = [GREETING, YOU_SAID, HELLO].map((w) => findWords(w, heard));
    console.log("heard by baresip", { greeting, youSaid, itself });
    expect(greeting?.coefficient).toBeGreaterThan(0.9);
    expect(youSaid?.coefficient).toBeGreaterThan(0.9);
    expect(itself?.coefficient).toBeGreaterThan(0.9);
    expect(log).toMatchObject({
      phoneNumber: "caller",
      calledNumber: "agent",
      verdict: { endedBy: "caller", outcome: "completed" },
    });
    expect(log.transcript.map(({ speaker }) => speaker)).toEqual(["model", "caller", "model"]);
    expect(log.turns).toHaveLength(2);
    expect(log.stats).toMatchObject({ packetsLost: 0 });

    await expectPaced("towards baresip", { stream, timerP99Ms }, pacingOfAnotherCall);
  });

  it("presses 9, hears goodbye and is hung up", async () => {
    await baresip.dial(`sip:agent@${gateway.target}`);
    await pause(1000);
    await baresip.command("sndcode", "9");
    await eventually("the end", () => baresip.printed.includes("session closed"), 10_000);
    await eventually("its recording", () => baresip.heard().length > GOODBYE.length);
    expect(findWords(GOODBYE, baresip.heard()).coefficient).toBeGreaterThan(0.9);
    const [log] = await gateway.callLogs();
    expect(log?.verdict).toMatchObject({ endedBy: "model", outcome: "completed" });
    expect(log?.transcript.some(({ text }) => text === "(pressed 9)")).toBe(true);
  });
});
