/** A leg with SRTP, and a telephone with SRTP at the other end. */
import { afterEach, describe, expect, it } from "vitest";
import type { SrtpKeys } from "../../src/core/srtp-suites.ts";
import { MediaLab, type MediaLabOptions } from "../support/media-lab.ts";
import { audioPacket, testKey, toHex } from "../support/srtp-keys.ts";

const KEYS: SrtpKeys = { local: testKey(1), remote: testKey(2) };
const NEW_KEYS: SrtpKeys = { local: testKey(3), remote: testKey(4) };
const mirrored = ({ local, remote }: SrtpKeys): SrtpKeys => ({ local: remote, remote: local });

let lab: MediaLab;

/** An answered, encrypted call to a model. */
async function openCall(options: MediaLabOptions = {}): Promise<void> {
  lab = new MediaLab(options);
  lab.srtp.secure(mirrored(KEYS));
  await lab.openLeg({ srtp: KEYS });
  await lab.attachModel();
  await lab.clock.advanceMs(0);
}

function refused(): unknown {
  return lab.host.toJSON()["srtpRefused"];
}

function packetsReceived(): unknown {
  return lab.host.toJSON()["packetsReceived"];
}

const NOTHING = { plain: 0, auth: 0, replay: 0, malformed: 0 };

afterEach(async () => {
  await lab.close();
  expect(lab.network.openSockets).toEqual([]);
});

describe("an encrypted leg", () => {
  it("is heard and hears, over the wrap of the sequence number, and exchanges RTCP", async () => {
    await openCall();
    lab.peer.sendTone(3, 2000);
    lab.model.session.speakTone(7, 1000, "item-1");
    await lab.clock.advanceMs(8000);
    expect(lab.model.session.tonesHeard()).toEqual([3]);
    expect(lab.peer.tonesHeard()).toEqual([7]);
    expect(lab.peer.rtcpHeard.length).toBeGreaterThan(0);
    expect(refused()).toEqual(NOTHING);
    expect(lab.srtp.heard).toEqual({ opened: expect.any(Number) });
    expect(lab.peer.ssrcsHeard()).toHaveLength(1);
  });

  it("drops and counts what is plain, repeated, forged, or no packet", async () => {
    await openCall();
    await lab.clock.advanceMs(400);
    lab.peer.hush();
    await lab.clock.advanceMs(100);
    const before = packetsReceived();
    const inject = (bytes: Uint8Array): void => {
      lab.network.carry(
        bytes,
        lab.peer.address,
        lab.peer.port,
        lab.address.address,
        lab.address.port,
      );
    };
    inject(audioPacket(20, lab.peer.ssrc));
    for (const sealed of lab.srtp.sent.slice(-3)) {
      inject(sealed);
      inject(sealed.map((byte, i) => (i === 30 ? byte ^ 1 : byte)));
    }
    inject(Uint8Array.of(0x80, 0, 1));
    await lab.clock.advanceMs(100);
    expect(refused()).toEqual({ plain: 1, auth: 3, replay: 3, malformed: 1 });
    expect(packetsReceived()).toBe(before);
  });

  it("is not moved away from its peer by a stranger without the key", async () => {
    await openCall();
    for (let sequence = 0; sequence < 50; sequence += 1) {
      const { address, port } = lab.address;
      lab.network.carry(audioPacket(sequence), "203.0.113.66", 6666, address, port);
    }
    await lab.clock.advanceMs(200);
    lab.model.session.speakTone(7, 500, "item-1");
    await lab.clock.advanceMs(1000);
    expect(lab.peer.toneMs(7)).toBe(500);
    expect(refused()).toMatchObject({ plain: 50 });
    expect(lab.network.counters.unreachable).toBe(0);
  });

  it("keeps its rollover counters over a hold", async () => {
    await openCall({ bargeIn: "off" });
    await lab.clock.advanceMs(1000);
    await lab.update({ srtp: KEYS, direction: "inactive" });
    lab.peer.pause(60_000);
    await lab.clock.advanceMs(60_000);
    await lab.update({ srtp: KEYS });
    lab.peer.sendTone(3, 1000);
    lab.model.session.speakTone(7, 500, "item-1");
    await lab.clock.advanceMs(1500);
    expect(lab.model.session.tonesHeard()).toEqual([3]);
    expect(lab.peer.toneMs(7)).toBe(500);
    expect(refused()).toEqual(NOTHING);
  });

  it("changes its keys without a gap, with packets of the old one under way", async () => {
    await openCall();
    lab.network.conditions = { delayMs: 60 };
    lab.peer.sendTone(3, 2000);
    await lab.clock.advanceMs(1000);
    await lab.update({ srtp: NEW_KEYS });
    await lab.clock.advanceMs(60);
    lab.srtp.secure(mirrored(NEW_KEYS));
    await lab.clock.advanceMs(1500);
    expect(lab.model.session.tonesHeard()).toEqual([3]);
    expect(lab.host.toJSON()["packetsLost"]).toBe(0);
    expect(refused()).toEqual(NOTHING);
    expect(lab.srtp.heard).toEqual({ opened: expect.any(Number) });
  });

  it("goes back to plain RTP, and to encryption, when that is agreed on", async () => {
    await openCall();
    lab.srtp.secure(undefined);
    await lab.update({});
    lab.peer.sendTone(3, 500);
    await lab.clock.advanceMs(1000);
    lab.srtp.secure(mirrored(NEW_KEYS));
    await lab.update({ srtp: NEW_KEYS });
    lab.peer.sendTone(5, 500);
    await lab.clock.advanceMs(1000);
    expect(lab.model.session.tonesHeard()).toEqual([3, 5]);
    expect(refused()).toEqual(NOTHING);
  });

  it("tells its suite and never its keys", async () => {
    await openCall();
    const dump = JSON.stringify([lab.host.dump(MediaLab.CALL), lab.host.toJSON()]);
    expect(dump).toContain("AES_CM_128_HMAC_SHA1_80");
    for (const { masterKeySalt } of [KEYS.local, KEYS.remote]) {
      const written = [
        toHex(masterKeySalt),
        Buffer.from(masterKeySalt).toString("base64"),
        [...masterKeySalt].join(","),
      ];
      expect(written.some((text) => dump.includes(text))).toBe(false);
    }
  });
});
