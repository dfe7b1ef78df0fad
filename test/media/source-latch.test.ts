import { describe, expect, test } from "vitest";
import { LOCK_PACKETS, SourceLatch } from "../../src/media/source-latch.ts";

const SIGNALLED = ["192.0.2.1", 4000] as const;
const NATTED = ["203.0.113.9", 61_000] as const;
const FORGER = ["203.0.113.66", 5004] as const;

function arrange(): { latch: SourceLatch; latched: string[] } {
  const latched: string[] = [];
  const latch = new SourceLatch((address, port) => latched.push(`${address}:${port}`));
  return { latch, latched };
}

describe("the source latch", () => {
  test("admits nobody before an address was signalled", () => {
    expect(arrange().latch.admit(...SIGNALLED)).toBe(false);
  });

  test("follows the first source, also from behind a NAT", () => {
    const { latch, latched } = arrange();
    latch.expect(...SIGNALLED);
    expect(latch.admit(...NATTED)).toBe(true);
    expect(latched).toEqual(["203.0.113.9:61000"]);
    expect(latch.isPeerAddress("203.0.113.9")).toBe(true);
    expect(latch.isPeerAddress("192.0.2.1")).toBe(false);
  });

  test("prefers the signalled source from its first packet on, however many a stranger sends", () => {
    const { latch, latched } = arrange();
    latch.expect(...SIGNALLED);
    latch.admit(...FORGER);
    expect(latch.admit(...SIGNALLED)).toBe(true);
    for (let i = 0; i < 20; i += 1) {
      expect(latch.admit(...FORGER)).toBe(false);
    }
    expect(latch.locked).toBe(true);
    expect(latched).toEqual(["203.0.113.66:5004", "192.0.2.1:4000"]);
  });

  test("does not stay with a first packet that nothing followed", () => {
    const { latch } = arrange();
    latch.expect(...SIGNALLED);
    latch.admit(...FORGER);
    expect([latch.admit(...NATTED), latch.admit(...NATTED), latch.admit(...NATTED)]).toEqual([
      false,
      false,
      true,
    ]);
    expect(latch.admit(...NATTED)).toBe(true);
  });

  test("is locked after ten packets of one source, but for the signalled one", () => {
    const { latch } = arrange();
    latch.expect(...SIGNALLED);
    for (let i = 0; i < LOCK_PACKETS; i += 1) {
      latch.admit(...NATTED);
    }
    expect(latch.locked).toBe(true);
    for (let i = 0; i < 20; i += 1) {
      expect(latch.admit(...FORGER)).toBe(false);
      expect(latch.admit(...NATTED)).toBe(true);
    }
    expect(latch.admit(...SIGNALLED)).toBe(true);
    expect(latch.admit(...NATTED)).toBe(false);
  });

  test("opens again for a changed address only", () => {
    const { latch } = arrange();
    latch.expect(...SIGNALLED);
    for (let i = 0; i < LOCK_PACKETS; i += 1) {
      latch.admit(...SIGNALLED);
    }
    latch.expect(...SIGNALLED);
    expect(latch.admit(...NATTED)).toBe(false);
    latch.expect(...NATTED);
    expect(latch.admit(...NATTED)).toBe(true);
    expect(latch.admit(...SIGNALLED)).toBe(false);
  });
});
