/** What peers do that the usual telephone does not: codecs, packet lengths, silence, control packets. */
import { describe, expect, test } from "vitest";
import { levelDbfs } from "../../src/audio/level.ts";
import { writeReport } from "../../src/rtp/rtcp.ts";
import { PCM_FORMATS } from "../support/fake-model.ts";
import { MediaLab } from "../support/media-lab.ts";
import { RtpStream } from "../support/rtp-packets.ts";

const QUIET = { peer: { idle: "nothing" } } as const;
const PCMU = { law: "pcmu", payloadType: 0 } as const;
const PCMA = { law: "pcma", payloadType: 8 } as const;

function dumpText(lab: MediaLab): string {
  return JSON.stringify(lab.host.dump(MediaLab.CALL));
}

/** Sends packets of a tone in real time. */
async function say(
  lab: MediaLab,
  stream: RtpStream,
  tone: number,
  ptimesMs: readonly number[],
  totalMs: number,
): Promise<void> {
  for (let said = 0, i = 0; said < totalMs; i += 1) {
    const ptimeMs = ptimesMs[i % ptimesMs.length] ?? 20;
    lab.peer.sendRaw(stream.tone(tone, ptimeMs));
    await lab.clock.advanceMs(ptimeMs);
    said += ptimeMs;
  }
}

describe("packets of other lengths", () => {
  test.each([[[10]], [[20]], [[30]], [[40]], [[60]], [[10, 60, 30]]])(
    "%j ms are heard without a hole though 20 ms were announced",
    async (ptimesMs) => {
      const lab = new MediaLab({ formats: PCM_FORMATS, ...QUIET });
      await lab.openCall();
      await say(lab, new RtpStream(), 3, ptimesMs, 1200);
      await lab.clock.advanceMs(100);
      const [span] = lab.model.session.spansHeard();
      expect(span).toMatchObject({ sound: 3 });
      expect(lab.model.session.heardPcm().length / 24).toBeGreaterThanOrEqual(1180);
      expect(dumpText(lab)).toContain('"concealedMs":0');
      expect(dumpText(lab)).toContain('"silenceFilledMs":0');
      await lab.close();
    },
  );

  test.each([10, 20, 30, 40, 60])("of %i ms are sent from the next answer on", async (ptimeMs) => {
    const lab = new MediaLab();
    await lab.openCall();
    await lab.clock.advanceMs(300);
    await lab.update({ ptimeMs });
    const before = lab.peer.heard.length;
    lab.model.session.speakTone(7, 1200, "item-1");
    await lab.clock.advanceMs(1500);
    const lengths = new Set(lab.peer.heard.slice(before + 1).map(({ payload }) => payload.length));
    expect(lengths).toEqual(new Set([ptimeMs * 8]));
    expect(lab.peer.toneMs(7)).toBeGreaterThanOrEqual(1180);
    expect(lab.peer.sequenceGaps()).toBe(0);
    await lab.close();
  });
});

describe("another codec", () => {
  test.each([
    ["A-law", PCMU, PCMA],
    ["µ-law", PCMA, PCMU],
  ])(
    "%s is spoken and heard from the answer on, and nothing under way is lost",
    async (_name, from, to) => {
      const lab = new MediaLab({ ...QUIET, peer: { law: from.law, idle: "nothing" } });
      await lab.openLeg(from);
      await lab.attachModel();
      await lab.clock.advanceMs(0);
      const stream = new RtpStream({ law: from.law });
      await say(lab, stream, 3, [20], 400);
      await lab.update(to);
      await say(lab, stream, 3, [20], 100);
      stream.law = to.law;
      await say(lab, stream, 3, [20], 400);
      await lab.clock.advanceMs(100);
      const spans = lab.model.session.spansHeard();
      expect(spans).toHaveLength(1);
      expect(spans[0]).toMatchObject({ sound: 3, ms: 900 });
      const types = lab.peer.heard.map(({ payloadType }) => payloadType);
      expect([types[0], types[types.length - 1]]).toEqual([from.payloadType, to.payloadType]);
      expect(lab.peer.sequenceGaps()).toBe(0);
      await lab.close();
    },
  );
});

describe("another telephone", () => {
  test("is heard from its first packet on, though its numbers are those of the first", async () => {
    const lab = new MediaLab(QUIET);
    await lab.openCall();
    await say(lab, new RtpStream(), 3, [20], 400);
    await lab.update({ remoteAddress: "192.0.2.99", remotePort: 6000, remoteRtcpPort: 6001 });
    const stream = new RtpStream();
    for (let i = 0; i < 20; i += 1) {
      const { address, port } = lab.address;
      lab.network.carry(stream.tone(4), "192.0.2.99", 6000, address, port);
      await lab.clock.advanceMs(20);
    }
    await lab.clock.advanceMs(100);
    expect(lab.model.session.spansHeard()).toEqual([
      { sound: 3, ms: 400 },
      { sound: 4, ms: 400 },
    ]);
    await lab.close();
  });
});

describe("comfort noise", () => {
  test("of the level that the peer said fills its silence while it lasts, and no sample is lost", async () => {
    const lab = new MediaLab({ formats: PCM_FORMATS, ...QUIET });
    await lab.openCall();
    const stream = new RtpStream();
    await say(lab, stream, 3, [20], 400);
    for (let i = 0; i < 5; i += 1) {
      lab.peer.sendRaw(stream.packet(13, Uint8Array.of(40, 99, 17)));
      await lab.clock.advanceMs(400);
      stream.rest(400);
    }
    const duringMs = lab.model.session.heardPcm().length / 24;
    expect(duringMs).toBeGreaterThan(2250);
    await say(lab, stream, 4, [20], 400);
    await lab.clock.advanceMs(100);
    const heard = lab.model.session.heardPcm();
    expect(heard.length / 24).toBeGreaterThanOrEqual(2780);
    expect(heard.length / 24).toBeLessThanOrEqual(2840);
    const noise = heard.slice(24 * 600, 24 * 2200);
    // 0 dBov is a square wave, 0 dBFS a sine: 3 dB less power.
    expect(levelDbfs(noise, noise.length)).toBeCloseTo(-37, 0);
    expect(lab.model.session.tonesHeard()).toEqual([3, 4]);
    expect(dumpText(lab)).toContain('"comfortNoise":5');
    expect(dumpText(lab)).toContain('"concealedMs":0');
    await lab.close();
    expect(lab.factsOf("legClosed")[0]?.stats).toMatchObject({ packetsLost: 0, packetsRefused: 0 });
  });

  test("that is empty, or the quietest there is, is silence", async () => {
    const lab = new MediaLab(QUIET);
    await lab.openCall();
    const stream = new RtpStream();
    await say(lab, stream, 3, [20], 200);
    lab.peer.sendRaw(stream.packet(13, new Uint8Array(0)));
    await lab.clock.advanceMs(500);
    lab.peer.sendRaw(stream.packet(13, Uint8Array.of(0xff)));
    await lab.clock.advanceMs(500);
    expect(lab.model.session.spansHeard().map(({ sound }) => sound)).toEqual([3, "silence"]);
    await lab.close();
  });

  test("ends with a hold", async () => {
    const lab = new MediaLab(QUIET);
    await lab.openCall();
    const stream = new RtpStream();
    lab.peer.sendRaw(stream.packet(13, Uint8Array.of(50)));
    await lab.clock.advanceMs(200);
    await lab.update({ direction: "inactive", held: true });
    const heard = lab.model.session.heardBytes().length;
    await lab.clock.advanceMs(2000);
    expect(lab.model.session.heardBytes().length - heard).toBeLessThanOrEqual(320);
    await lab.close();
  });
});

describe("a peer elsewhere that names the loopback address", () => {
  test("gets nothing sent there, and is answered where it is heard from", async () => {
    const lab = new MediaLab();
    const mistaken = { remoteAddress: "127.0.0.1", signallingAddress: "192.0.2.10" };
    await lab.openLeg(mistaken);
    await lab.clock.advanceMs(1000);
    expect(lab.network.counters.unreachable).toBe(0);
    expect(lab.peer.heard.length).toBeGreaterThan(40);
    await lab.close();
  });
});

describe("control packets", () => {
  test("share the RTP port both ways where that was agreed on", async () => {
    const lab = new MediaLab();
    await lab.openLeg({ rtcpMux: true });
    await lab.clock.advanceMs(8000);
    expect(lab.peer.rtcpHeard).toEqual([]);
    expect(lab.peer.rtcpOnRtpPort.length).toBeGreaterThan(0);
    const bytes = new Uint8Array(200);
    const length = writeReport(bytes, { ssrc: 1, cname: "peer", blocks: [], bye: false });
    lab.peer.sendRaw(bytes.subarray(0, length));
    await lab.clock.advanceMs(20);
    expect(dumpText(lab)).toMatch(/"rtcp":\{"sent":\d+,"received":1,/);
    await lab.close();
  });

  test("go to the port and address that the peer said", async () => {
    const lab = new MediaLab();
    const heard: string[] = [];
    const socket = await lab.network.bind({
      address: "192.0.2.77",
      port: 9999,
      receiveBufferBytes: 65_536,
      onDatagram: (_bytes, address) => heard.push(address),
    });
    await lab.openLeg({ remoteRtcpAddress: "192.0.2.77", remoteRtcpPort: 9999 });
    await lab.clock.advanceMs(8000);
    expect(heard.length).toBeGreaterThan(0);
    expect(lab.peer.rtcpHeard).toEqual([]);
    await lab.update({ remoteRtcpPort: 4001 });
    await lab.clock.advanceMs(8000);
    expect(lab.peer.rtcpHeard.length).toBeGreaterThan(0);
    await lab.close();
    await socket.close();
  });
});

describe("third-party RTP into a live call", () => {
  test.each([
    ["while the peer talks", 400],
    ["before the peer's first packet", 0],
  ])("reaches neither the model nor a recording, %s", async (_when, headStartMs) => {
    const lab = new MediaLab();
    await lab.peer.open();
    lab.address = await lab.host.execute({ kind: "openLeg", ...lab.ids });
    await lab.update({});
    await lab.host.execute({
      kind: "attachModel",
      ...lab.ids,
      model: "fake",
      mode: "talk",
      plan: lab.plan,
    });
    await lab.clock.advanceMs(0);
    if (headStartMs > 0) {
      lab.peer.connect(lab.address.address, lab.address.port);
    }
    lab.peer.sendTone(3, 4000);
    await lab.clock.advanceMs(headStartMs);
    const stranger = new RtpStream({ ssrc: 0x666 });
    for (let i = 0; i < 100; i += 1) {
      const { address, port } = lab.address;
      lab.network.carry(stranger.tone(9), "203.0.113.66", 5004, address, port);
      await lab.clock.advanceMs(20);
      if (i === 20) {
        lab.peer.connect(lab.address.address, lab.address.port);
      }
    }
    expect(lab.model.session.tonesHeard()).toEqual([3]);
    expect(dumpText(lab)).toContain('"stranger":100');
    await lab.close();
  });
});
