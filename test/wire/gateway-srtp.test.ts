/** Encrypted calls by baresip, whose SRTP is that of libsrtp's making: both sides are heard, and nobody else is. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { writeRtpHeader } from "../../src/rtp/packet.ts";
import { Baresip, baresipInstalled } from "./support/baresip.ts";
import { Authority, opensslInstalled } from "./support/certificates.ts";
import { freeSipPort } from "./support/free-ports.ts";
import { GatewayProcess } from "./support/gateway-process.ts";
import { MediaTap } from "./support/media-tap.ts";
import { findWords, GREETING, HELLO, YOU_SAID } from "./support/recordings.ts";
import { eventually, pause } from "./support/waiting.ts";

/** Silence while the greeting is spoken, the words, and silence until the end of the call. */
const WORDS_AT_MS = 5600;
const SAYS = new Int16Array(8000 * 40);
SAYS.set(HELLO, WORDS_AT_MS * 8);
const TALK_MS = 13_500;

const MAIN = fileURLToPath(new URL("../../dist/main.js", import.meta.url));

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

beforeAll(async () => {
  gateway = await GatewayProcess.start({ MEDIA__SRTP: "required" });
});

afterAll(async () => {
  const keys = /inline:/;
  expect(JSON.stringify(gateway.log)).not.toMatch(keys);
  expect(await gateway.stop()).toMatchObject({ code: 0, leftBehind: [] });
});

describe("trunkline call", () => {
  const call = async (
    ...options: readonly string[]
  ): Promise<Readonly<Record<string, unknown>>> => {
    const args = [
      MAIN,
      "call",
      `sip:echo@${gateway.target}`,
      "--seconds",
      "2",
      "--json",
      ...options,
    ];
    const { stdout } = await promisify(execFile)(process.execPath, args).catch(
      (failure: { readonly stdout: string }) => failure,
    );
    return JSON.parse(stdout);
  };

  it("encrypts its audio with --srtp, and is refused without", async () => {
    expect(await call("--srtp")).toMatchObject({
      answered: true,
      srtp: "AES_CM_128_HMAC_SHA1_80",
      rtp: { packetsLost: 0 },
    });
    expect(await call()).toMatchObject({ answered: false, status: 488 });
    expect(await refusals()).toEqual({ replay: 0, plain: 0, auth: 0 });
  });
});

const mayTry = process.env["DRACHTIO_HOST"] === undefined && opensslInstalled();

describe.skipIf(!mayTry || !baresipInstalled())("a call of which nothing can be read", () => {
  it("has its signalling over TLS, its audio over SRTP, and is intelligible both ways", async () => {
    const authority = new Authority();
    const { certFile, keyFile } = authority.issue(["127.0.0.1"]);
    const port = await freeSipPort();
    const secure = await GatewayProcess.start({
      SIP__TLS__PORT: String(port),
      SIP__TLS__CERT: certFile,
      SIP__TLS__KEY: keyFile,
      MEDIA__SRTP: "required",
    });
    const settings = [`sip_cafile ${authority.caFile}`, "sip_verify_server yes"];
    const caller = await Baresip.start(SAYS, { settings, encryption: "srtp-mand" });
    const conversation = async (): Promise<Int16Array> => {
      await caller.dial(`sip:agent@127.0.0.1:${port};transport=tls`);
      await pause(TALK_MS);
      await caller.command("hangup");
      await eventually("no call left", async () => (await secure.calls()).length === 0);
      return caller.heard();
    };
    const heard = await conversation().finally(() => caller.quit());
    const log = await eventually("a record", async () => (await secure.callLogs()).at(0));
    const encrypted = secure.log.find(({ msg }) => msg === "audio is encrypted");
    expect(await secure.stop()).toMatchObject({ code: 0, leftBehind: [] });
    authority.remove();
    for (const words of [GREETING, YOU_SAID, HELLO]) {
      expect(findWords(words, heard).coefficient).toBeGreaterThan(0.9);
    }
    expect(log.verdict).toMatchObject({ endedBy: "caller", outcome: "completed" });
    expect(encrypted).toMatchObject({ suite: expect.stringMatching(/^AES_/) });
  });
});

describe.skipIf(!baresipInstalled())("an encrypted call by baresip", () => {
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
      const { replay, plain, auth } = await refusals();
      expect({ replay, auth }).toEqual({ replay: before.replay + 1, auth: before.auth });
      // It opens a way through a NAT by plain RTCP, now and then.
      expect(plain).toBeGreaterThan(before.plain);
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
