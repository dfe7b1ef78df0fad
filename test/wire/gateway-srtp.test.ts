/** Encrypted calls by baresip, whose SRTP is that of libsrtp's making: both sides are heard, and nobody else is. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { writeRtpHeader } from "../../src/rtp/packet.ts";
import { Baresip, baresipInstalled } from "./support/baresip.ts";
import { GatewayProcess } from "./support/gateway-process.ts";
import { MediaTap } from "./support/media-tap.ts";
import { findWords, GREETING, HELLO, YOU_SAID } from "./support/recordings.ts";
import { eventually, pause } from "./support/waiting.ts";

/** Silence while the greeting is spoken, the words, and silence until the end of the call. */
const WORDS_AT_MS = 5600;
const SAYS = new Int16Array(8000 * 40);
SAYS.set(HELLO, WORDS_AT_MS * 8);
const TALK_MS = 13_500;

let gateway: GatewayProcess;
let baresip: Baresip;

async function refusals() {
  const count = (reason: string): Promise<number> =>
    gateway.metric("trunkline_srtp_refused_total", { reason });
  const [replay, plain, auth] = [await count("replay"), await count("plain"), await count("auth")];
  return { replay, plain, auth };
}

function plainPacket(): Uint8Array {
  const packet = new Uint8Array(172).fill(0x55, 12);
  writeRtpHeader(packet, 0, 0, 1, 160, 7);
  return packet;
}

describe.skipIf(!baresipInstalled())("an encrypted call by baresip", () => {
  beforeAll(async () => {
    gateway = await GatewayProcess.start({ MEDIA__SRTP: "required" });
  });

  afterAll(async () => {
    const keys = /inline:/;
    expect(JSON.stringify(gateway.log)).not.toMatch(keys);
    expect(await gateway.stop()).toMatchObject({ code: 0, leftBehind: [] });
  });

  afterEach(async () => {
    await baresip.quit();
    await eventually("no call left", async () => (await gateway.calls()).length === 0);
  });

  it.each(["srtp-mand", "srtp"] as const)(
    "is intelligible both ways with mediaenc=%s; a repeated and a plain packet are dropped",
    async (encryption) => {
      baresip = await Baresip.start(SAYS, { encryption });
      const tap = await MediaTap.open(gateway.sipPort);
      await baresip.dial(`sip:agent@${tap.target}`);
      await pause(2000);
      // It has sent a plain RTCP packet to open a way through a NAT.
      const before = await refusals();
      tap.say(tap.lastSaid);
      tap.say(plainPacket());
      await pause(TALK_MS - 2000);
      await baresip.command("hangup");
      await tap.close();

      await eventually("no call left", async () => (await gateway.calls()).length === 0);
      const log = await eventually("a record", async () => (await gateway.callLogs()).at(0));
      const heard = baresip.heard();
      const [greeting, youSaid, itself] = [GREETING, YOU_SAID, HELLO].map((w) =>
        findWords(w, heard),
      );
      console.log("heard by baresip", { encryption, greeting, youSaid, itself });
      expect(greeting?.coefficient).toBeGreaterThan(0.9);
      expect(youSaid?.coefficient).toBeGreaterThan(0.9);
      expect(itself?.coefficient).toBeGreaterThan(0.9);
      expect(log).toMatchObject({ verdict: { endedBy: "caller", outcome: "completed" } });
      expect(log.transcript.map(({ speaker }) => speaker)).toEqual(["model", "caller", "model"]);
      expect(log.stats).toMatchObject({ packetsLost: 0 });
      expect(await refusals()).toEqual({
        ...before,
        replay: before.replay + 1,
        plain: before.plain + 1,
      });
    },
  );

  it("is refused when it is not encrypted", async () => {
    baresip = await Baresip.start(SAYS);
    await baresip.command("dial", `sip:agent@${gateway.target}`);
    await eventually("a refusal", () => baresip.printed.includes("488"));
    const log = await eventually("a record", async () => (await gateway.callLogs()).at(0));
    expect(log.verdict).toMatchObject({
      outcome: "refused",
      reason: expect.stringContaining("SDP_SRTP_REQUIRED"),
    });
  });
});
