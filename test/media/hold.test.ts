/** RFC 3264 §8.4 Putting a Unicast Media Stream on Hold: what reaches the model, and what does not. */
import { describe, expect, test } from "vitest";
import { MediaLab } from "../support/media-lab.ts";
import { RtpStream } from "../support/rtp-packets.ts";

const HOLDS = [
  ["sendonly", { direction: "recvonly", held: true }],
  ["inactive", { direction: "inactive", held: true }],
  ["an address of nobody", { direction: "recvonly", held: true, remoteAddress: "0.0.0.0" }],
] as const;

function dumpText(lab: MediaLab): string {
  return JSON.stringify(lab.host.dump(MediaLab.CALL));
}

describe.each(HOLDS)("a hold by %s", (_how, hold) => {
  test("keeps the music from the model, and the caller is heard again afterwards", async () => {
    const lab = new MediaLab({ mediaTimeoutMs: 1000 });
    await lab.openCall();
    lab.peer.sendTone(3, 400);
    await lab.clock.advanceMs(400);
    await lab.update(hold);
    lab.peer.sendTone(9, 5000);
    await lab.clock.advanceMs(5000);
    await lab.update({});
    lab.peer.sendTone(4, 400);
    await lab.clock.advanceMs(600);
    expect(lab.model.session.tonesHeard()).toEqual([3, 4]);
    expect(dumpText(lab)).toContain('"concealedMs":0');
    expect(dumpText(lab)).toContain('"silenceFilledMs":0');
    expect(lab.factsOf("mediaTimedOut")).toEqual([]);
    await lab.close();
  });

  test("misses no audio of a peer that falls silent, and hears it again wherever its numbers are", async () => {
    const lab = new MediaLab({ mediaTimeoutMs: 1000 });
    await lab.openCall();
    lab.peer.sendTone(3, 400);
    await lab.clock.advanceMs(400);
    await lab.update(hold);
    lab.peer.lose(700);
    lab.peer.idle = "nothing";
    await lab.clock.advanceMs(60_000);
    lab.peer.ssrc = 0x4242;
    await lab.update({});
    lab.peer.sendTone(4, 400);
    await lab.clock.advanceMs(600);
    expect(lab.model.session.tonesHeard()).toEqual([3, 4]);
    expect(lab.model.session.spansHeard().reduce((sum, { ms }) => sum + ms, 0)).toBeLessThan(900);
    expect(lab.factsOf("mediaTimedOut")).toEqual([]);
    await lab.close();
    expect(lab.factsOf("legClosed")[0]?.stats).toMatchObject({ packetsLost: 0 });
  });

  test("is over with the first packet, be it a key of another sender", async () => {
    const lab = new MediaLab({ peer: { idle: "nothing" } });
    await lab.openCall();
    lab.peer.sendTone(3, 200);
    await lab.clock.advanceMs(400);
    await lab.update(hold);
    await lab.clock.advanceMs(400);
    await lab.update({});
    const stream = new RtpStream({ ssrc: 0x777 });
    lab.peer.sendRaw(stream.packet(101, Uint8Array.of(5, 0x0a, 0, 160), 1));
    await lab.clock.advanceMs(400);
    expect(lab.factsOf("digitReceived").map(({ digit }) => digit)).toEqual(["5"]);
    await lab.close();
  });

  test("keeps what the model says until the caller is back", async () => {
    const lab = new MediaLab();
    await lab.openCall();
    lab.model.session.speakTone(7, 1000, "greeting");
    await lab.clock.advanceMs(300);
    await lab.update(hold);
    await lab.clock.advanceMs(10_000);
    const before = lab.peer.toneMs(7);
    expect(before).toBeLessThan(400);
    await lab.update({});
    await lab.clock.advanceMs(1000);
    expect(lab.peer.toneMs(7)).toBe(1000);
    expect(lab.peer.sequenceGaps()).toBe(0);
    expect(lab.peer.ssrcsHeard()).toHaveLength(1);
    await lab.close();
  });
});

describe("a hold by an address of nobody", () => {
  test("sends neither RTP nor RTCP anywhere, and stays with the peer behind its NAT", async () => {
    const lab = new MediaLab();
    const inside = { remoteAddress: "10.0.0.5", remotePort: 9000, remoteRtcpPort: 9001 };
    const behindNat = { ...inside, signallingAddress: lab.peer.address };
    await lab.openLeg(behindNat);
    await lab.clock.advanceMs(6000);
    await lab.update({ ...behindNat, remoteAddress: "0.0.0.0", direction: "recvonly", held: true });
    await lab.clock.advanceMs(100);
    lab.peer.hush();
    await lab.clock.advanceMs(100);
    const { sent } = lab.network.counters;
    await lab.clock.advanceMs(20_000);
    expect(lab.network.counters.sent).toBe(sent);
    await lab.update(behindNat);
    const heard = lab.peer.heard.length;
    await lab.clock.advanceMs(500);
    expect(lab.peer.heard.length - heard).toBeGreaterThan(20);
    await lab.close();
  });

  test("of a call that begins so is no door for strangers", async () => {
    const lab = new MediaLab();
    await lab.openLeg({ remoteAddress: "0.0.0.0", direction: "recvonly" });
    await lab.attachModel();
    lab.peer.sendTone(9, 2000);
    await lab.clock.advanceMs(2500);
    expect(lab.model.session.pushes).toEqual([]);
    expect(dumpText(lab)).toContain('"latched":false');
    await lab.update({});
    lab.peer.sendTone(3, 400);
    await lab.clock.advanceMs(600);
    expect(lab.model.session.tonesHeard()).toEqual([3]);
    await lab.close();
  });
});
