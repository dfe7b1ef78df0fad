/** What a peer changes in a call that stands, and what must not change in it, by peers made by hand and by baresip. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { UdpNetwork } from "../../src/anchors/udp-network.ts";
import { SystemClock } from "../../src/core/clock.ts";
import { RtpPeer } from "../support/rtp-peer.ts";
import { Baresip, baresipInstalled } from "./support/baresip.ts";
import { freeEarPort, freeMediaPorts } from "./support/free-ports.ts";
import { GatewayProcess } from "./support/gateway-process.ts";
import { offerWith } from "./support/offers.ts";
import { PeerCall, SDP } from "./support/peer-call.ts";
import { type RawMessage, UdpPeer } from "./support/sip-peer.ts";
import { eventually, pause } from "./support/waiting.ts";
import { mediaPortOf } from "./support/watched-call.ts";

const VOICE = 3;
const MUSIC = 9;

let gateway: GatewayProcess;
const opened: { close(): Promise<unknown> }[] = [];

async function telephone(): Promise<RtpPeer> {
  const port = await freeEarPort();
  const clock = new SystemClock();
  const phone = new RtpPeer({ network: new UdpNetwork(), clock, address: "127.0.0.1", port });
  await phone.open();
  opened.push(phone);
  return phone;
}

/** A call to `echo` whose caller talks with its own RTP. */
async function called(phone: RtpPeer, target = gateway, offer = SDP(phone.port)) {
  const peer = await UdpPeer.open(target.sipPort, 0);
  opened.push(peer);
  const dialog = new PeerCall(peer, target.sipPort, "echo");
  const answer = await dialog.establish({ body: offer });
  const mediaPort = mediaPortOf(answer);
  phone.connect("127.0.0.1", mediaPort);
  return { dialog, answer, mediaPort };
}

/** INVITE within the dialog, and the ACK. */
async function reinvite(dialog: PeerCall, body: string, ackBody = ""): Promise<RawMessage> {
  const answer = await dialog.exchange("INVITE", { body });
  dialog.send("ACK", { body: ackBody });
  return answer;
}

async function heardTone(phone: RtpPeer, tone: number): Promise<void> {
  phone.sendTone(tone, 600);
  await eventually(`tone ${tone}`, () => phone.toneMs(tone) > 300);
}

beforeAll(async () => {
  gateway = await GatewayProcess.start();
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
  await eventually("no call left", async () => (await gateway.calls()).length === 0);
});

afterAll(async () => {
  expect(await gateway.stop()).toMatchObject({ code: 0, leftBehind: [] });
});

describe("a re-INVITE", () => {
  it.each([
    ["sendonly", [/a=sendrecv/, "a=sendonly"], "a=recvonly"],
    ["inactive", [/a=sendrecv/, "a=inactive"], "a=inactive"],
    ["0.0.0.0", [/c=.*\r\n/, "c=IN IP4 0.0.0.0\r\n"], "a=recvonly"],
  ] as const)(
    "holds by %s, and music is not taken for the caller",
    async (_how, change, direction) => {
      const phone = await telephone();
      const { dialog } = await called(phone);
      await heardTone(phone, VOICE);
      const held = await reinvite(dialog, offerWith(phone.port, change));
      expect([held.status, held.body]).toEqual([200, expect.stringContaining(direction)]);
      await pause(300);
      const before = phone.heard.length;
      phone.sendTone(MUSIC, 1000);
      await pause(1500);
      expect(phone.heard.length - before).toBeLessThan(3);
      const resumed = await reinvite(dialog, offerWith(phone.port));
      expect(resumed.body).toContain("a=sendrecv");
      await heardTone(phone, 4);
      expect(phone.tonesHeard()).not.toContain(MUSIC);
      expect(phone.ssrcsHeard()).toHaveLength(1);
      expect(await dialog.exchange("BYE")).toMatchObject({ status: 200 });
    },
  );

  it("without change is answered with the same description", async () => {
    const phone = await telephone();
    const { dialog, answer } = await called(phone);
    expect((await reinvite(dialog, SDP(phone.port))).body).toBe(answer.body);
    await heardTone(phone, VOICE);
    expect(await dialog.exchange("BYE")).toMatchObject({ status: 200 });
  });

  it("without an offer gets ours, and its ACK moves the call", async () => {
    const [phone, other] = [await telephone(), await telephone()];
    const { dialog, mediaPort } = await called(phone);
    await heardTone(phone, VOICE);
    const ours = await reinvite(dialog, "", SDP(other.port));
    expect(ours.body).toContain("RTP/AVP 0 8 101");
    expect(mediaPortOf(ours)).toBe(mediaPort);
    phone.hush();
    other.connect("127.0.0.1", mediaPort);
    await heardTone(other, 4);
    expect(await dialog.exchange("BYE")).toMatchObject({ status: 200 });
  });
});

describe("an offer", () => {
  it("with rtcp-mux gets RTCP on its RTP port", { timeout: 20_000 }, async () => {
    const phone = await telephone();
    const offer = offerWith(phone.port, [/a=sendrecv/, "a=sendrecv\r\na=rtcp-mux"]);
    const { dialog, answer } = await called(phone, gateway, offer);
    expect(answer.body).toContain("a=rtcp-mux");
    await eventually("a report", () => phone.rtcpOnRtpPort.length > 0);
    expect(phone.rtcpHeard).toEqual([]);
    expect(await dialog.exchange("BYE")).toMatchObject({ status: 200 });
  });

  it("of an IPv6 address is refused in plain words", async () => {
    const peer = await UdpPeer.open(gateway.sipPort, 0);
    opened.push(peer);
    const dialog = new PeerCall(peer, gateway.sipPort, "echo");
    dialog.send("INVITE", { body: offerWith(39_990, [/c=.*\r\n/, "c=IN IP6 2001:db8::1\r\n"]) });
    const refusal = await peer.response(488, "INVITE");
    dialog.send("ACK", { branch: dialog.inviteBranch });
    expect(refusal.header("warning")).toBe(
      '301 trunkline "The offer wants audio sent to an address of the other IP version than ours."',
    );
  });
});

describe("early media", () => {
  it("is heard before the answer, by 183 with our SDP", async () => {
    const phone = await telephone();
    const peer = await UdpPeer.open(gateway.sipPort, 0);
    opened.push(peer);
    const dialog = new PeerCall(peer, gateway.sipPort, "early-3000");
    dialog.send("INVITE", { body: SDP(phone.port) });
    const early = await peer.response(183, "INVITE");
    phone.connect("127.0.0.1", mediaPortOf(early));
    await heardTone(phone, VOICE);
    const answer = await peer.response(200, "INVITE");
    expect(answer.body).toBe(early.body);
    dialog.learn(answer);
    dialog.send("ACK");
    await heardTone(phone, 4);
    expect(phone.ssrcsHeard()).toHaveLength(1);
    expect(await dialog.exchange("BYE")).toMatchObject({ status: 200 });
  });

  it("is heard by the built-in user agent", { timeout: 30_000 }, async () => {
    const uri = `sip:early-2000@${gateway.target}`;
    const program = fileURLToPath(new URL("../../dist/main.js", import.meta.url));
    const call = [program, "call", uri, "--seconds", "1"];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, call);
    const told = `${stderr}${stdout}`;
    expect(told.indexOf("audio before the answer")).toBeGreaterThan(0);
    expect(told.indexOf("audio arrives")).toBeGreaterThan(told.indexOf("audio before the answer"));
    expect(told.indexOf("answered after")).toBeGreaterThan(told.indexOf("audio arrives"));
  });
});

describe("the only port of a gateway", () => {
  it("brings nothing of a caller who sends on into the calls after", {
    timeout: 60_000,
  }, async () => {
    const { min } = await freeMediaPorts();
    const small = await GatewayProcess.start({
      MEDIA__PORTS__MIN: String(min),
      MEDIA__PORTS__MAX: String(min + 1),
      MEDIA__QUARANTINE_SECONDS: "0",
    });
    const chatty = await telephone();
    const first = await called(chatty, small);
    await heardTone(chatty, MUSIC);
    await first.dialog.exchange("BYE");
    chatty.sendTone(MUSIC, 60_000);
    for (let turn = 0; turn < 3; turn += 1) {
      await eventually("a free port", async () => (await small.calls()).length === 0);
      const phone = await telephone();
      phone.idle = "nothing";
      const next = await called(phone, small);
      expect(next.mediaPort).toBe(first.mediaPort);
      await pause(1500);
      await heardTone(phone, VOICE);
      expect(phone.tonesHeard()).not.toContain(MUSIC);
      await next.dialog.exchange("BYE");
    }
    expect(await small.stop()).toMatchObject({ code: 0, leftBehind: [] });
  });
});

describe.skipIf(!baresipInstalled())("baresip", () => {
  let baresip: Baresip;

  beforeAll(async () => {
    baresip = await Baresip.start(new Int16Array(8000 * 40));
  });

  afterAll(() => baresip.quit());

  /** What it receives, as it prints now and then. */
  const receivedBits = (): number =>
    Number([...baresip.printed.matchAll(/audio=\d+\/(\d+)/g)].at(-1)?.[1] ?? 0);

  it("holds, comes back, hears on and presses a key", { timeout: 60_000 }, async () => {
    const logged = (message: string) => gateway.log.some(({ msg }) => msg === message);
    await baresip.dial(`sip:agent@${gateway.target}`);
    await pause(1500);
    await baresip.command("hold");
    await eventually("the hold", () => logged("call held by the peer"));
    await pause(2000);
    await baresip.command("resume");
    await eventually("its end", () => logged("call resumed by the peer"));
    await eventually("audio", () => receivedBits() > 50_000, 15_000);
    await baresip.command("sndcode", "9");
    await eventually("the end", () => baresip.printed.includes("session closed"), 10_000);
    const log = await eventually("a record", async () =>
      (await gateway.callLogs()).find(({ calledNumber }) => calledNumber === "agent"),
    );
    expect(log.verdict).toMatchObject({ endedBy: "model", outcome: "completed" });
    expect(log.transcript.some(({ text }) => text === "(pressed 9)")).toBe(true);
  });
});
