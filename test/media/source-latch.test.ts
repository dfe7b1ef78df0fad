import { describe, expect, test } from "vitest";
import {
  HOST_PATIENCE_MS,
  LOCK_PACKETS,
  SourceLatch,
  STRANGER_PATIENCE_MS,
} from "../../src/media/source-latch.ts";
import type { LegStream } from "../../src/ports/media-host.ts";

type Source = readonly [address: string, port: number];

const SIGNALLED: Source = ["192.0.2.1", 4000];
const OTHER_PORT: Source = ["192.0.2.1", 4900];
const NATTED: Source = ["203.0.113.9", 61_000];
const FORGER: Source = ["203.0.113.66", 5004];

function streamOf(
  [remoteAddress, remotePort]: Source,
  changes: Partial<LegStream> = {},
): LegStream {
  return {
    remoteAddress,
    remotePort,
    remoteRtcpPort: remotePort + 1,
    law: "pcmu",
    payloadType: 0,
    telephoneEventPayloadType: undefined,
    ptimeMs: 20,
    direction: "sendrecv",
    ...changes,
  };
}

/** Behind a NAT: SDP names one host, SIP comes from another. */
const BEHIND_NAT = { signallingAddress: NATTED[0] };

class Arrangement {
  nowMs = 0;
  readonly latched: string[] = [];
  readonly latch = new SourceLatch((address, port) => this.latched.push(`${address}:${port}`));

  expect(source: Source = SIGNALLED, changes: Partial<LegStream> = {}): this {
    this.latch.expect(streamOf(source, changes), this.nowMs * 1000);
    return this;
  }

  /** How many of so many packets, one every 20 ms, are taken. */
  send(source: Source, packets = 1, ssrc = 1): number {
    let taken = 0;
    for (let i = 0; i < packets; i += 1) {
      taken += this.latch.admit(...source, ssrc, this.nowMs * 1000) ? 1 : 0;
      this.nowMs += 20;
    }
    return taken;
  }
}

describe("the source latch", () => {
  test("admits nobody before an address was signalled", () => {
    expect(new Arrangement().send(SIGNALLED)).toBe(0);
  });

  test("follows a peer behind a NAT from its first packet on, when its SIP comes from there", () => {
    const { latch, latched } = new Arrangement().expect(SIGNALLED, BEHIND_NAT);
    expect(latch.admit(...NATTED, 1, 0)).toBe(true);
    expect(latched).toEqual(["203.0.113.9:61000"]);
    expect(latch.isPeerAddress("203.0.113.9")).toBe(true);
  });

  test.each([
    ["another port of the signalled host", OTHER_PORT, HOST_PATIENCE_MS],
    ["a host that nobody named", NATTED, STRANGER_PATIENCE_MS],
  ])(
    "believes %s when the signalled source has not spoken for a while",
    (_who, source, patience) => {
      const arrangement = new Arrangement().expect();
      expect(arrangement.send(source, patience / 20)).toBe(0);
      expect(arrangement.send(source, 20)).toBe(20);
      expect(arrangement.latched).toEqual([source.join(":")]);
    },
  );

  test("never hears a stranger when the peer speaks within that time", () => {
    const arrangement = new Arrangement().expect();
    expect(arrangement.send(FORGER, 40)).toBe(0);
    expect(arrangement.send(SIGNALLED)).toBe(1);
    expect(arrangement.send(FORGER, 1000)).toBe(0);
    expect(arrangement.latched).toEqual(["192.0.2.1:4000"]);
  });

  test("counts the time from when the peer could know our port", () => {
    const arrangement = new Arrangement().expect();
    arrangement.nowMs = 60_000;
    arrangement.latch.listen(60_000_000);
    expect(arrangement.send(FORGER, 40)).toBe(0);
  });

  test("prefers the signalled source from its first packet on, however long a stranger was believed", () => {
    const arrangement = new Arrangement().expect();
    arrangement.send(FORGER, 100);
    expect(arrangement.latch.locked).toBe(true);
    expect(arrangement.send(SIGNALLED)).toBe(1);
    expect(arrangement.send(FORGER, 20)).toBe(0);
  });

  test("never believes a stream that was there before the peer could know our port, unless SDP names its source", () => {
    const arrangement = new Arrangement().expect(SIGNALLED, BEHIND_NAT);
    for (const [address, port] of [FORGER, NATTED, SIGNALLED]) {
      arrangement.latch.distrust({ address, port, ssrc: 1 });
      arrangement.latch.distrust({ address, port, ssrc: 1 });
    }
    expect(arrangement.latch.toJSON()).toMatchObject({ distrusted: 3 });
    expect(arrangement.send(FORGER, 500)).toBe(0);
    expect(arrangement.send(NATTED, 500)).toBe(0);
    expect(arrangement.send(NATTED, 5, 2)).toBe(5);
    expect(arrangement.send(SIGNALLED)).toBe(1);
  });

  test("remembers no more of them than it has room for", () => {
    const arrangement = new Arrangement().expect();
    for (let port = 1; port < 1000; port += 1) {
      arrangement.latch.distrust({ address: "203.0.113.66", port, ssrc: 1 });
    }
    expect(arrangement.latch.toJSON()).toMatchObject({ distrusted: 32 });
  });

  test("does not stay with a first packet that nothing followed", () => {
    const arrangement = new Arrangement().expect(SIGNALLED, BEHIND_NAT);
    arrangement.send([NATTED[0], 1]);
    expect(arrangement.send(NATTED, 3)).toBe(1);
    expect(arrangement.send(NATTED)).toBe(1);
  });

  test("is locked after ten packets of one source, but for the signalled one", () => {
    const arrangement = new Arrangement().expect(SIGNALLED, BEHIND_NAT);
    arrangement.send(NATTED, LOCK_PACKETS);
    expect(arrangement.latch.locked).toBe(true);
    for (let i = 0; i < 20; i += 1) {
      expect(arrangement.send(FORGER)).toBe(0);
      expect(arrangement.send(NATTED)).toBe(1);
    }
    expect(arrangement.send(SIGNALLED)).toBe(1);
    expect(arrangement.send(NATTED)).toBe(0);
  });

  test("opens again for a changed address only", () => {
    const arrangement = new Arrangement().expect();
    arrangement.send(SIGNALLED, LOCK_PACKETS);
    arrangement.expect();
    expect(arrangement.send(NATTED)).toBe(0);
    arrangement.expect(NATTED);
    expect(arrangement.send(NATTED)).toBe(1);
    expect(arrangement.send(SIGNALLED)).toBe(0);
  });

  test("takes control packets from where the peer says it sends them, too", () => {
    const { latch } = new Arrangement().expect(SIGNALLED, { remoteRtcpAddress: "192.0.2.7" });
    const heard = ["192.0.2.1", "192.0.2.7", "203.0.113.66"].map((address) =>
      latch.isPeerAddress(address),
    );
    expect(heard).toEqual([true, true, false]);
  });
});
