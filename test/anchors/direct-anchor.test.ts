import { describe, expect, test } from "vitest";
import { DirectAnchor } from "../../src/anchors/direct-anchor.ts";
import { asCallId, createLegId } from "../../src/core/ids.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { FakeNetwork } from "../support/fake-network.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const HOST = "198.51.100.1";
const LEG = createLegId(asCallId("c"), "a");

function arrange(min = 20_000, max = 20_019, seed = 1) {
  const clock = new VirtualClock();
  const network = new FakeNetwork(clock);
  const anchors = new DirectAnchor({
    clock,
    network,
    random: new SeededRandom(seed),
    logger: silentLogger,
    bindAddress: HOST,
    addressTowards: (peer) => (peer === "10.0.0.9" ? "10.0.0.5" : "203.0.113.5"),
    ports: { min, max },
  });
  return { clock, network, anchors };
}

describe("direct anchors", () => {
  test("name to each peer the address it can reach", async () => {
    const { anchors } = arrange(20_001, 20_010);
    const near = await anchors.allocate(LEG, "10.0.0.9");
    const far = await anchors.allocate(LEG, "192.0.2.9");
    expect([near.localAddress, far.localAddress]).toEqual(["10.0.0.5", "203.0.113.5"]);
  });

  test("have an even RTP port, RTCP on the next, and the advertised address", async () => {
    const { anchors, network } = arrange(20_001, 20_010);
    const anchor = await anchors.allocate(LEG);
    expect(anchor.localPort % 2).toBe(0);
    expect(anchor.localRtcpPort).toBe(anchor.localPort + 1);
    expect(anchor.localAddress).toBe("203.0.113.5");
    expect(network.openSockets).toEqual([
      `${HOST}:${anchor.localPort}`,
      `${HOST}:${anchor.localPort + 1}`,
    ]);
  });

  test("start at a random port", async () => {
    const ports = new Set<number>();
    for (let seed = 1; seed <= 8; seed += 1) {
      ports.add((await arrange(20_000, 29_999, seed).anchors.allocate(LEG)).localPort);
    }
    expect(ports.size).toBeGreaterThan(4);
  });

  test("use the whole range, then refuse with MEDIA_PORTS_EXHAUSTED", async () => {
    const { anchors } = arrange();
    const ports = new Set<number>();
    for (let i = 0; i < 10; i += 1) {
      ports.add((await anchors.allocate(LEG)).localPort);
    }
    expect(ports.size).toBe(10);
    await expect(anchors.allocate(LEG)).rejects.toMatchObject({ code: "MEDIA_PORTS_EXHAUSTED" });
    expect(anchors.toJSON()).toMatchObject({ inUse: 10, free: 0, exhausted: 1 });
  });

  test("rest for the quarantine before they are used again, without a timer", async () => {
    const { anchors, clock, network } = arrange(20_000, 20_001);
    const anchor = await anchors.allocate(LEG);
    await Promise.all([anchor.release(), anchor.release()]);
    expect(network.openSockets).toEqual([]);
    expect(clock.pending).toBe(0);
    await clock.advanceMs(9_999);
    await expect(anchors.allocate(LEG)).rejects.toMatchObject({ code: "MEDIA_PORTS_EXHAUSTED" });
    expect(anchors.toJSON()).toMatchObject({ inUse: 0, inQuarantine: 1 });
    await clock.advanceMs(1);
    expect((await anchors.allocate(LEG)).localPort).toBe(20_000);
  });

  test("know who was heard on them in the calls before, the newest four", async () => {
    const { anchors, clock } = arrange(20_000, 20_001);
    for (let ssrc = 1; ssrc <= 5; ssrc += 1) {
      const anchor = await anchors.allocate(LEG);
      await anchor.release({ address: "192.0.2.1", port: 4000, ssrc });
      await clock.advanceMs(10_000);
    }
    const silent = await anchors.allocate(LEG);
    await silent.release();
    await clock.advanceMs(10_000);
    const anchor = await anchors.allocate(LEG);
    expect(anchor.formerSources?.map(({ ssrc }) => ssrc)).toEqual([5, 4, 3, 2]);
  });

  test("skip a pair of which another process holds one port, and leave no socket of it open", async () => {
    const { anchors, network } = arrange(20_000, 20_003);
    network.occupy(HOST, 20_001);
    const first = await anchors.allocate(LEG);
    expect(first.localPort).toBe(20_002);
    await expect(anchors.allocate(LEG)).rejects.toMatchObject({ code: "MEDIA_PORTS_EXHAUSTED" });
    expect(network.openSockets).toHaveLength(2);
  });

  test("drop and count what comes before anybody listens, and send nothing before a peer is known", async () => {
    const { anchors, network, clock } = arrange();
    const anchor = await anchors.allocate(LEG);
    network.carry(new Uint8Array(20), "192.0.2.1", 4000, HOST, anchor.localPort);
    await clock.advanceMs(1);
    anchor.sendRtp(new Uint8Array(20), 20);
    expect(anchor.toJSON()).toMatchObject({ beforeSink: 1, beforeRemote: 1 });
    expect(network.counters.sent).toBe(1);
  });

  test("deliver RTP and RTCP apart, and nothing after release", async () => {
    const { anchors, network, clock } = arrange();
    const anchor = await anchors.allocate(LEG);
    const heard: string[] = [];
    anchor.setSink({
      onRtp: (bytes, address, port) => heard.push(`rtp ${bytes.length} ${address}:${port}`),
      onRtcp: (bytes, address, port) => heard.push(`rtcp ${bytes.length} ${address}:${port}`),
    });
    network.carry(new Uint8Array(20), "192.0.2.1", 4000, HOST, anchor.localPort);
    network.carry(new Uint8Array(30), "192.0.2.1", 4001, HOST, anchor.localRtcpPort);
    await clock.advanceMs(1);
    await anchor.release();
    network.carry(new Uint8Array(20), "192.0.2.1", 4000, HOST, anchor.localPort);
    await clock.advanceMs(1);
    expect(heard).toEqual(["rtp 20 192.0.2.1:4000", "rtcp 30 192.0.2.1:4001"]);
    expect(network.counters.unreachable).toBe(1);
  });

  test("close with all that is open", async () => {
    const { anchors, network } = arrange();
    await anchors.allocate(LEG);
    await anchors.allocate(LEG);
    await anchors.close();
    expect(network.openSockets).toEqual([]);
    expect(anchors.toJSON()).toMatchObject({ inUse: 0, inQuarantine: 0, free: 10 });
  });
});
