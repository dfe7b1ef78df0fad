/** Bad input of every kind, while a call is in progress that must not notice it. */
import dgram from "node:dgram";
import net from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { encodeG711 } from "../../src/audio/g711.ts";
import { fillSine } from "../../src/audio/signal.ts";
import { writeRtpHeader } from "../../src/rtp/packet.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import { toneHz } from "../support/tones.ts";
import { GatewayProcess } from "./support/gateway-process.ts";
import { type GatewayHoldings, holdingsOf, partsOf } from "./support/gateway-state.ts";
import { HostileSip } from "./support/hostile-sip.ts";
import { offerWith, STRANGE_OFFERS } from "./support/offers.ts";
import { PeerCall } from "./support/peer-call.ts";
import { TcpPeer, UdpPeer } from "./support/sip-peer.ts";
import { eventually, pause } from "./support/waiting.ts";
import { CALLER_TONE, WatchedCall } from "./support/watched-call.ts";

const SEED = Number(process.env["HOSTILE_SEED"] ?? 20_261);
const DATAGRAMS = 20_000;
const STRANGER_TONE = 9;
const MOST_LOST = 0.01;
const LONGEST_GAP_MS = 150;
/** What arrives later than the jitter buffer waits is concealed, and on a busy machine the caller too is late. */
const LEAST_TONE = 0.85;

let gateway: GatewayProcess;
let idle: GatewayHoldings;
let call: WatchedCall;

beforeAll(async () => {
  gateway = await GatewayProcess.start({ CALLS__MAX: "60" });
  idle = await holdingsOf(gateway);
  call = await WatchedCall.start(gateway, { rtpPort: 37_000 });
  call.takeHeard();
});

afterAll(async () => {
  await call?.close();
  await gateway?.exit(1).catch(() => undefined);
});

/** The call went on as if nothing had been; what is looked at begins with the test. */
async function expectCalm(): Promise<void> {
  await pause(1000);
  const heard = call.takeHeard();
  console.log(`the call in progress: ${JSON.stringify(heard)}`);
  expect(heard.packets).toBeGreaterThan(45);
  expect(heard.tones).toEqual([CALLER_TONE]);
  expect(heard.lostFraction).toBeLessThan(MOST_LOST);
  expect(heard.longestGapMs).toBeLessThan(LONGEST_GAP_MS);
  expect(heard.toneFraction).toBeGreaterThan(LEAST_TONE);
}

/** Hands `count` datagrams to the kernel, in portions that leave others their turn. */
async function flood(count: number, send: (index: number) => void): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    send(index);
    if (index % 40 === 39) {
      await pause(4);
    }
  }
}

async function udpSocket(): Promise<dgram.Socket> {
  const socket = dgram.createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return socket;
}

async function residentBytes(): Promise<number> {
  return await gateway.metric("process_resident_memory_bytes");
}

describe("an INVITE whose offer", () => {
  let peer: UdpPeer;

  beforeAll(async () => {
    peer = await UdpPeer.open(gateway.sipPort, 0);
  });

  afterAll(() => peer.close());

  it.each(STRANGE_OFFERS)("%s is answered %s", async (_what, status, body) => {
    const dialog = new PeerCall(peer, gateway.sipPort, "echo");
    dialog.send("INVITE", { body });
    const isFinal = ({ status: s, method }: { status: number | undefined; method: string }) =>
      method === "INVITE" && s !== undefined && s >= 200;
    const answer = await peer.next(isFinal, "a final response");
    dialog.learn(answer);
    dialog.send("ACK", status === 200 ? {} : { branch: dialog.inviteBranch });
    expect(answer.status).toBe(status);
    if (status === 200) {
      const count = (text: string): number => text.match(/^m=/gm)?.length ?? 0;
      expect(count(answer.body)).toBe(count(body));
      expect(await dialog.exchange("BYE")).toMatchObject({ status: 200 });
    }
  });

  it("is larger than any is refused over TCP", async () => {
    const tcp = await TcpPeer.open(gateway.sipPort, 0);
    const dialog = new PeerCall(tcp, gateway.sipPort, "echo");
    const padding: [RegExp, string] = [/a=sendrecv\r\n/, `a=x:${"y".repeat(70_000)}\r\n`];
    dialog.send("INVITE", { body: offerWith(39_990, padding) });
    await tcp.response(400, "INVITE");
    dialog.send("ACK", { branch: dialog.inviteBranch });
    await tcp.close();
  });

  it("comes in the call in progress, with no common codec, is answered 488, and the call goes on", async () => {
    call.dialog.sequence += 1;
    const wrong = offerWith(37_000, [/ 0 8/, " 18"]);
    call.dialog.send("INVITE", { body: wrong });
    await call.peer.response(488, "INVITE");
    call.dialog.send("ACK", { branch: call.dialog.inviteBranch });
  });

  it("is none of the business of the call in progress", expectCalm);
});

describe("a caller", () => {
  it("with a private address is heard and hears, by where its RTP comes from", async () => {
    const offer = offerWith(4000, [/c=.*\r\n/, "c=IN IP4 10.255.255.1\r\n"]);
    const nat = await WatchedCall.answered(gateway, { rtpPort: 37_010, offer });
    await nat.talk(1000);
    expect(nat.takeHeard().tones).toEqual([CALLER_TONE]);
    expect(await nat.hangUp()).toMatchObject({ status: 200 });
  });

  it("is heard although a stranger's RTP came first", async () => {
    const late = await WatchedCall.answered(gateway, { rtpPort: 37_020 });
    const stranger = await udpSocket();
    await flood(80, (index) => {
      const packet = new Uint8Array(172).fill(0xff);
      writeRtpHeader(packet, 0, 0, index, index * 160, 0x666);
      stranger.send(packet, late.mediaPort, "127.0.0.1");
    });
    await late.talk(1000);
    stranger.close();
    expect(late.takeHeard().tones).toEqual([CALLER_TONE]);
    expect(await late.hangUp()).toMatchObject({ status: 200 });
  });

  it("that answers our offer with nothing is hung up on", async () => {
    const peer = await UdpPeer.open(gateway.sipPort, 0);
    const dialog = new PeerCall(peer, gateway.sipPort, "echo");
    await dialog.establish({ body: "" });
    await peer.request("BYE");
    await peer.close();
  });
});

describe("a call in progress does not notice", () => {
  beforeEach(() => {
    call.takeHeard();
  });

  it(`${DATAGRAMS} bent SIP datagrams (seed ${SEED})`, { timeout: 60_000 }, async () => {
    const before = await residentBytes();
    const socket = await udpSocket();
    const hostile = new HostileSip(SEED, {
      server: gateway.sipPort,
      own: socket.address().port,
    });
    await flood(DATAGRAMS, () => socket.send(hostile.next(), gateway.sipPort, "127.0.0.1"));
    await expectCalm();
    socket.close();
    const { sip, media } = await partsOf(gateway);
    console.log(`bent datagrams: ${JSON.stringify({ ...sip.counters, ...media.tickLateMs })}`);
    expect(sip.counters["faults"]).toBe(0);
    for (const reason of ["droppedNotSip", "droppedUnterminated", "refusedMalformed"]) {
      expect(sip.counters[reason]).toBeGreaterThan(100);
    }
    expect((await residentBytes()) - before).toBeLessThan(150_000_000);
  });

  it("streams that break off, never end, or are no SIP", { timeout: 60_000 }, async () => {
    const peer = new PeerCall(call.peer, gateway.sipPort, "echo");
    const invite = Buffer.from(peer.build("INVITE", { body: offerWith(39_990) }));
    const random = new SeededRandom(SEED);
    const held: net.Socket[] = [];
    for (let index = 0; index < 200; index += 1) {
      const socket = net.connect(gateway.sipPort, "127.0.0.1");
      socket.on("error", () => undefined);
      socket.write(invite.subarray(0, random.uint32() % invite.length));
      if (index % 3 === 0) {
        socket.end();
      } else if (index % 3 === 1) {
        socket.write(Buffer.from(random.hex(400), "hex"));
        held.push(socket);
      } else {
        socket.resetAndDestroy();
      }
      await pause(2);
    }
    const endless = net.connect(gateway.sipPort, "127.0.0.1");
    endless.on("error", () => undefined);
    const closed = new Promise((resolve) => endless.once("close", resolve));
    endless.write(invite.toString().replace(/Content-Length: \d+/, "Content-Length: 999999999"));
    endless.resume();
    await closed;
    await expectCalm();
    for (const socket of held) {
      socket.destroy();
    }
    const gone = async (): Promise<boolean> => (await holdingsOf(gateway)).sip.connections === 0;
    await eventually("closed connections", gone);
    expect((await partsOf(gateway)).sip.counters["droppedTooBig"]).toBeGreaterThan(0);
  });

  it("requests that strangers make up for its dialog", async () => {
    const peer = await UdpPeer.open(gateway.sipPort, 0);
    const stranger = new PeerCall(peer, gateway.sipPort, "echo");
    const { dialog } = call;
    const forged = (text: string): string =>
      text.replace(/^Call-ID: .*$/m, `Call-ID: ${dialog.callId}`);
    for (const method of ["BYE", "INFO", "UPDATE", "INVITE"]) {
      stranger.remoteParty = dialog.remoteParty;
      stranger.sequence += 100;
      peer.send(forged(stranger.build(method, { body: "" })));
      await peer.response(481, method);
    }
    await peer.close();
    await expectCalm();
  });

  it("strangers' RTP on its ports, and noise", async () => {
    const stranger = await udpSocket();
    const random = new SeededRandom(SEED);
    const pcm = new Int16Array(160);
    fillSine(pcm, 8000, toneHz(STRANGER_TONE), 8000, 0);
    await flood(3000, (index) => {
      const packet = new Uint8Array(172);
      writeRtpHeader(packet, 0, 0, index & 0xffff, index * 160, 0x666);
      encodeG711("pcmu", pcm, 0, 160, packet, 12);
      stranger.send(packet, call.mediaPort, "127.0.0.1");
      const noise = Buffer.from(random.hex(random.uint32() % 300), "hex");
      stranger.send(noise, call.mediaPort, "127.0.0.1");
      stranger.send(noise, call.mediaPort + 1, "127.0.0.1");
    });
    stranger.close();
    await expectCalm();
    const [live] = await gateway.calls();
    const dump = JSON.stringify(await gateway.dump(live?.callId ?? ""));
    expect(Number(/"stranger":(\d+)/.exec(dump)?.[1])).toBeGreaterThan(2900);
    expect(Number(/"early":\d+,"malformed":(\d+)/.exec(dump)?.[1])).toBeGreaterThan(1000);
    expect(
      await gateway.metric("trunkline_media_packets_total", { kind: "refused" }),
    ).toBeGreaterThan(2900);
  });
});

describe("afterwards", () => {
  it("nothing is left but the call, then nothing at all", { timeout: 180_000 }, async () => {
    expect(await call.hangUp()).toMatchObject({ status: 200 });
    const same = async (): Promise<boolean> =>
      JSON.stringify(await holdingsOf(gateway)) === JSON.stringify(idle);
    await eventually("an idle gateway", same, 150_000).catch(() => undefined);
    expect(await holdingsOf(gateway)).toEqual(idle);
    expect(gateway.log.filter(({ level }) => Number(level) >= 50)).toEqual([]);
    expect(gateway.stderr).not.toContain("Warning");
    expect(await gateway.stop()).toMatchObject({ code: 0, leftBehind: [] });
  });
});
