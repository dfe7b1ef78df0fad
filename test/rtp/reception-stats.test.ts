import { describe, expect, it } from "vitest";
import { ReceptionStats } from "../../src/rtp/reception-stats.ts";

/** Packets 20 ms apart, each `lateMs(i)` late. */
function receive(
  stats: ReceptionStats,
  sequences: readonly number[],
  lateMs: (index: number) => number = () => 0,
): void {
  sequences.forEach((sequence, i) => {
    stats.onPacket(sequence & 0xffff, (sequence * 160) >>> 0, (sequence * 20 + lateMs(i)) * 1000);
  });
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, i) => from + i);

describe("ReceptionStats", () => {
  it("counts nothing lost and no jitter on a perfect line, through the wrap", () => {
    const stats = new ReceptionStats();
    receive(stats, range(65_500, 65_600));
    expect(stats.toJSON()).toEqual({ received: 100, expected: 100, lost: 0, jitterMs: 0 });
    expect(stats.highestSequence).toBe(65_599);
  });

  it("counts lost packets, and forgives the ones that come late", () => {
    const stats = new ReceptionStats();
    receive(stats, [1, 2, 3, 6, 7, 5, 10]);
    expect([stats.expected, stats.received, stats.lost]).toEqual([10, 7, 3]);
  });

  it("reports the fraction lost since the last report", () => {
    const stats = new ReceptionStats();
    receive(stats, [...range(0, 50), ...range(75, 100)]);
    expect(stats.takeReport(7)).toMatchObject({
      ssrc: 7,
      fractionLost: 64,
      cumulativeLost: 25,
      highestSequence: 99,
    });
    receive(stats, range(100, 200));
    expect(stats.takeReport(7)).toMatchObject({ fractionLost: 0, cumulativeLost: 25 });
    expect(stats.takeReport(7).fractionLost).toBe(0);
  });

  it("goes negative on duplicates, and reports no fraction for them", () => {
    const stats = new ReceptionStats();
    receive(stats, [1, 2, 2, 2, 3]);
    expect(stats.takeReport(1)).toMatchObject({ cumulativeLost: -2, fractionLost: 0 });
  });

  it("converges to the mean difference of transit times", () => {
    const stats = new ReceptionStats();
    receive(stats, range(0, 400), (i) => (i % 2) * 5);
    expect(stats.jitterMs).toBeCloseTo(5, 1);
    expect(stats.takeReport(1).jitter).toBe(39);
  });

  it("takes the packets of one telephone-event for one moment", () => {
    const stats = new ReceptionStats();
    receive(stats, range(0, 10));
    for (let i = 10; i < 20; i += 1) {
      stats.onPacket(i, 1600, i * 20_000);
    }
    receive(stats, range(20, 30));
    expect(stats.toJSON()).toMatchObject({ received: 30, jitterMs: 0 });
  });

  it("leaves a stray out and starts over when the sender does", () => {
    const stats = new ReceptionStats();
    receive(stats, [1, 2, 40_000, 3]);
    expect([stats.received, stats.lost]).toEqual([3, 0]);
    receive(stats, [50_000, 50_001, 50_002]);
    expect([stats.received, stats.expected, stats.lost]).toEqual([2, 2, 0]);
    stats.restart();
    expect(stats.toJSON()).toEqual({ received: 0, expected: 0, lost: 0, jitterMs: 0 });
  });

  it("clips a cumulative loss to 24 bits", () => {
    const stats = new ReceptionStats();
    for (let i = 0; i < 9_000_000; i += 2990) {
      stats.onPacket(i & 0xffff, 0, 0);
    }
    expect(stats.lost).toBe(0x7f_ffff);
  });
});
