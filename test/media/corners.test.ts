/** What peers do that the usual telephone does not: codecs, packet lengths, silence. */
import { describe, expect, test } from "vitest";
import { levelDbfs } from "../../src/audio/level.ts";
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
  test.each([[[10]], [[20]], [[30]], [[40]], [[50]], [[60]], [[10, 60, 30]]])(
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

  test.each([10, 20, 30, 40, 50, 60])(
    "of %i ms are sent from the next answer on",
    async (ptimeMs) => {
      const lab = new MediaLab();
      await lab.openCall();
      await lab.clock.advanceMs(300);
      await lab.update({ ptimeMs });
      const before = lab.peer.heard.length;
      lab.model.session.speakTone(7, 1200, "item-1");
      await lab.clock.advanceMs(1500);
      const lengths = new Set(
        lab.peer.heard.slice(before + 1).map(({ payload }) => payload.length),
      );
      expect(lengths).toEqual(new Set([ptimeMs * 8]));
      expect(lab.peer.toneMs(7)).toBeGreaterThanOrEqual(1180);
      expect(lab.peer.sequenceGaps()).toBe(0);
      await lab.close();
    },
  );
});

describe("the caller's voice", () => {
  test.each([10, 20, 60])(
    "in packets of %i ms is noticed and missed after the same time",
    async (ptimeMs) => {
      const lab = new MediaLab(QUIET);
      await lab.openCall();
      const stream = new RtpStream();
      await say(lab, stream, 3, [ptimeMs], 600);
      const talking = () => /"callerVoice":\{"talking":(true|false)/.exec(dumpText(lab))?.[1];
      expect(talking()).toBe("true");
      for (let i = 0; i < 480 / ptimeMs; i += 1) {
        lab.peer.sendRaw(stream.packet(0, new Uint8Array(ptimeMs * 8).fill(0xff)));
        stream.rest(ptimeMs);
      }
      expect(talking()).toBe("true");
      for (let i = 0; i < 120 / ptimeMs; i += 1) {
        lab.peer.sendRaw(stream.packet(0, new Uint8Array(ptimeMs * 8).fill(0xff)));
        stream.rest(ptimeMs);
      }
      await lab.clock.advanceMs(20);
      expect(talking()).toBe("false");
      await lab.close();
    },
  );
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
    await lab.clock.advanceMs(400);
    await lab.update({ direction: "inactive", held: true });
    const heard = lab.model.session.heardBytes().length;
    expect(heard).toBeGreaterThan(2500);
    await lab.clock.advanceMs(2000);
    expect(lab.model.session.heardBytes().length - heard).toBeLessThanOrEqual(320);
    await lab.close();
  });
});
