import { describe, expect, test } from "vitest";
import { PCM_FORMATS } from "../support/fake-model.ts";
import { MediaLab } from "../support/media-lab.ts";

function rtp(
  type: number,
  sequence: number,
  rtpTimestamp: number,
  bytes = 160,
  ssrc = 9,
): Uint8Array {
  const packet = Buffer.alloc(12 + bytes, 0x55);
  packet[0] = 0x80;
  packet[1] = type;
  packet.writeUInt16BE(sequence, 2);
  packet.writeUInt32BE(rtpTimestamp, 4);
  packet.writeUInt32BE(ssrc, 8);
  return packet;
}

function dumpText(lab: MediaLab): string {
  return JSON.stringify(lab.host.dump(MediaLab.CALL));
}

describe("ingress", () => {
  test("gives the model the caller's own bytes, in batches", async () => {
    const lab = new MediaLab({ uplinkBatchMs: 60 });
    await lab.openCall();
    lab.peer.sendTone(3, 1200);
    await lab.clock.advanceMs(1300);
    expect(new Set(lab.model.session.pushes.map((push) => push.bytes.length))).toEqual(
      new Set([480]),
    );
    expect(lab.model.session.spansHeard()[1]).toEqual({ sound: 3, ms: 1200 });
    await lab.close();
  });

  test.each([
    ["loss", { lossFraction: 0.05 }],
    ["reordering", { reorderFraction: 0.1 }],
    ["duplicates", { duplicateFraction: 0.2 }],
    ["jitter", { delayMs: 20, jitterMs: 15 }],
  ])("makes one continuous tone of it in spite of %s", async (_name, conditions) => {
    const lab = new MediaLab({ formats: PCM_FORMATS });
    lab.network.conditions = conditions;
    await lab.openCall();
    lab.peer.sendTone(3, 4000);
    await lab.clock.advanceMs(4100);
    const heardMs = lab.model.session
      .spansHeard()
      .reduce((sum, span) => sum + (span.sound === 3 ? span.ms : 0), 0);
    expect(heardMs).toBeGreaterThanOrEqual(3900);
    expect(heardMs).toBeLessThanOrEqual(4020);
    await lab.close();
  });

  test("conceals what is lost and reports it", async () => {
    const lab = new MediaLab();
    await lab.openCall();
    lab.peer.sendTone(3, 400);
    lab.peer.lose(40);
    lab.peer.sendTone(3, 400);
    await lab.clock.advanceMs(1000);
    expect(dumpText(lab)).toContain('"concealedMs":40');
    const closed = lab.close();
    await closed;
    expect(lab.factsOf("legClosed")[0]?.stats).toMatchObject({ packetsLost: 2 });
  });

  test("fills the silence of a peer that sends none, when it speaks again", async () => {
    const lab = new MediaLab({ peer: { idle: "nothing" } });
    await lab.openCall();
    lab.peer.sendTone(3, 400);
    lab.peer.pause(600);
    lab.peer.sendTone(4, 400);
    await lab.clock.advanceMs(1600);
    expect(lab.model.session.spansHeard()).toEqual([
      { sound: 3, ms: 400 },
      { sound: "silence", ms: 600 },
      { sound: 4, ms: 400 },
    ]);
    await lab.close();
  });

  test("refuses strangers and counts them", async () => {
    const lab = new MediaLab();
    await lab.openCall();
    await lab.clock.advanceMs(400);
    const before = lab.model.session.heardBytes().length;
    for (let i = 0; i < 25; i += 1) {
      lab.network.carry(
        rtp(0, i, i * 160),
        "203.0.113.66",
        5004,
        lab.address.address,
        lab.address.port,
      );
    }
    await lab.clock.advanceMs(40);
    expect(lab.model.session.heardBytes().length - before).toBeLessThanOrEqual(640);
    expect(dumpText(lab)).toContain('"stranger":25');
    await lab.close();
    expect(lab.factsOf("legClosed")[0]?.stats.packetsRefused).toBe(25);
  });

  test("answers a peer behind a NAT where it sends from", async () => {
    const lab = new MediaLab();
    const inside = { remoteAddress: "10.0.0.5", remotePort: 9000, remoteRtcpPort: 9001 };
    await lab.openLeg({ ...inside, signallingAddress: lab.peer.address });
    await lab.clock.advanceMs(500);
    expect(lab.peer.heard.length).toBeGreaterThan(20);
    await lab.close();
  });

  test("follows the peer to a new address", async () => {
    const lab = new MediaLab();
    await lab.openCall();
    await lab.clock.advanceMs(400);
    const stranger = [rtp(0, 1, 160), "203.0.113.66", 5004] as const;
    await lab.update({ remoteAddress: "203.0.113.66", remotePort: 5004, remoteRtcpPort: 5005 });
    lab.peer.hush();
    lab.network.carry(...stranger, lab.address.address, lab.address.port);
    await lab.clock.advanceMs(40);
    expect(dumpText(lab)).toContain('"asSignalled":true');
    expect(dumpText(lab)).toContain('"stranger":0');
    await lab.close();
  });

  test("refuses what is malformed or of no agreed type, and counts each by its reason", async () => {
    const lab = new MediaLab();
    await lab.openCall();
    await lab.clock.advanceMs(200);
    lab.peer.sendRaw(new Uint8Array(5));
    lab.peer.sendRaw(Uint8Array.of(0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    await lab.clock.advanceMs(1);
    expect(dumpText(lab)).toContain('"malformed":2');
    await lab.close();
  });

  test("counts unknown types of the peer, and does not hear them", async () => {
    const lab = new MediaLab({ peer: { idle: "nothing" } });
    await lab.openCall();
    lab.peer.sendTone(3, 200);
    await lab.clock.advanceMs(300);
    const heard = lab.model.session.heardBytes().length;
    lab.peer.sendRaw(rtp(96, 65_510, 162_400, 160, 0x1234_5678));
    await lab.clock.advanceMs(100);
    expect(dumpText(lab)).toContain('"unknownPayload":1');
    expect(lab.model.session.tonesHeard()).toEqual([3]);
    expect(lab.model.session.heardBytes().length - heard).toBeLessThanOrEqual(960);
    await lab.close();
  });

  test("does not follow a source that sends no agreed type", async () => {
    const lab = new MediaLab({ peer: { idle: "nothing" } });
    await lab.openCall();
    lab.network.carry(rtp(96, 1, 160), "203.0.113.66", 5004, lab.address.address, lab.address.port);
    await lab.clock.advanceMs(20);
    expect(dumpText(lab)).toContain('"latched":false');
    expect(lab.factsOf("mediaStarted")).toEqual([]);
    await lab.close();
  });

  test("does not hear a peer that should be silent", async () => {
    const lab = new MediaLab();
    await lab.openCall();
    await lab.update({ direction: "sendonly" });
    lab.peer.sendTone(3, 200);
    await lab.clock.advanceMs(200);
    expect(lab.model.session.tonesHeard()).toEqual([]);
    expect(dumpText(lab)).toMatch(/"notReceiving":1\d/);
    await lab.close();
  });

  test("hands on the end of an utterance though no packet fills the batch", async () => {
    const lab = new MediaLab({ uplinkBatchMs: 100, peer: { idle: "nothing" } });
    await lab.openCall();
    lab.peer.sendTone(3, 340);
    await lab.clock.advanceMs(1000);
    expect(lab.model.session.heardBytes()).toHaveLength(340 * 8);
    await lab.close();
  });

  test("takes packets of 10 to 60 ms", async () => {
    const lab = new MediaLab({ formats: PCM_FORMATS, peer: { idle: "nothing" } });
    await lab.openCall();
    let time = 0;
    for (const [index, bytes] of [80, 160, 240, 320, 480].entries()) {
      lab.peer.sendRaw(rtp(0, index, time, bytes));
      time += bytes;
    }
    await lab.clock.advanceMs(400);
    expect(lab.model.session.heardPcm().length).toBe(time * 3);
    await lab.close();
  });

  test("never throws for any bytes", async () => {
    const lab = new MediaLab();
    await lab.openCall();
    let state = 1;
    for (let i = 0; i < 3000; i += 1) {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      const bytes = new Uint8Array(state % 90);
      for (let j = 0; j < bytes.length; j += 1) {
        state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
        bytes[j] = j === 0 ? 0x80 | ((state >>> 16) & 0x3f) : state >>> 16;
      }
      lab.peer.sendRaw(bytes);
      lab.peer.sendRtcp(bytes);
    }
    await lab.clock.advanceMs(500);
    expect(lab.host.toJSON()).toMatchObject({ clock: { failures: 0 } });
    await lab.close();
  });

  test("goes on with the caller's audio after its SSRC changed", async () => {
    const lab = new MediaLab();
    await lab.openCall();
    lab.peer.sendTone(3, 400);
    await lab.clock.advanceMs(400);
    lab.peer.ssrc = 0x7777;
    lab.peer.sendTone(4, 400);
    await lab.clock.advanceMs(600);
    expect(lab.model.session.tonesHeard()).toEqual([3, 4]);
    await lab.close();
  });

  test("speaks A-law with a peer that does", async () => {
    const lab = new MediaLab({ peer: { law: "pcma" } });
    await lab.openCall();
    expect(lab.model.session.options.format.encoding).toBe("pcma");
    lab.peer.sendTone(3, 400);
    lab.model.session.speakTone(7, 400, "item-1");
    await lab.clock.advanceMs(600);
    expect(lab.model.session.tonesHeard()).toEqual([3]);
    expect(lab.peer.tonesHeard()).toEqual([7]);
    await lab.close();
  });

  test("transcodes for a model that was opened before the codec was known", async () => {
    const lab = new MediaLab({ peer: { law: "pcma" } });
    await lab.peer.open();
    lab.address = await lab.host.execute({ kind: "openLeg", ...lab.ids });
    await lab.attachModel();
    await lab.update({});
    lab.peer.connect(lab.address.address, lab.address.port);
    await lab.clock.advanceMs(0);
    lab.peer.sendTone(3, 400);
    lab.model.session.speakTone(7, 400, "item-1");
    await lab.clock.advanceMs(600);
    expect(lab.model.session.options.format.encoding).toBe("pcmu");
    expect(lab.model.session.tonesHeard()).toEqual([3]);
    expect(lab.peer.tonesHeard()).toEqual([7]);
    await lab.close();
  });

  test("keeps the last 2 s for a model that is not ready yet, and counts what it dropped", async () => {
    const lab = new MediaLab({ readyAfterMs: undefined });
    await lab.openCall();
    lab.peer.sendTone(3, 1000);
    lab.peer.sendTone(4, 2000);
    await lab.clock.advanceMs(2990);
    expect(lab.model.session.pushes).toEqual([]);
    expect(dumpText(lab)).toContain('"uplinkDroppedMs":1000');
    lab.model.session.ready();
    expect(lab.model.session.tonesHeard()).toEqual([4]);
    expect(lab.model.session.heardBytes()).toHaveLength(16_000);
    expect(lab.factsOf("modelReady")).toMatchObject([{ model: "fake", afterMs: 2990 }]);
    await lab.close();
  });
});
