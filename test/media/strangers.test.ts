/** Where a leg sends, and who cannot make it hear them. */
import { describe, expect, test } from "vitest";
import { writeReport } from "../../src/rtp/rtcp.ts";
import { MediaLab } from "../support/media-lab.ts";
import { RtpStream } from "../support/rtp-packets.ts";

function dumpText(lab: MediaLab): string {
  return JSON.stringify(lab.host.dump(MediaLab.CALL));
}

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
