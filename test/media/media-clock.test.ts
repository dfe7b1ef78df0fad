import { describe, expect, test } from "vitest";
import { MediaClock, type Ticking } from "../../src/media/media-clock.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

class Counter implements Ticking {
  readonly atUs: number[] = [];
  skipped = 0;
  onTick(nowUs: number): void {
    this.atUs.push(nowUs);
  }
  onTicksSkipped(ticks: number): void {
    this.skipped += ticks;
  }
}

function arrange(): { clock: VirtualClock; media: MediaClock; errors: unknown[] } {
  const clock = new VirtualClock();
  const errors: unknown[] = [];
  return { clock, errors, media: new MediaClock({ clock, onTickError: (e) => errors.push(e) }) };
}

describe("the media clock", () => {
  test("holds no timer without members", async () => {
    const { clock, media } = arrange();
    expect(clock.pending).toBe(0);
    const leave = media.add(new Counter(), 20);
    expect(clock.pending).toBe(1);
    await clock.advanceMs(100);
    leave();
    leave();
    expect(clock.pending).toBe(0);
  });

  test.each([10, 20, 30, 40, 60])(
    "ticks a leg of %i ms ptime on an exact grid",
    async (ptimeMs) => {
      const { clock, media } = arrange();
      const counter = new Counter();
      media.add(counter, ptimeMs);
      await clock.advanceMs(1200);
      expect(counter.atUs).toHaveLength(1200 / ptimeMs);
      for (let i = 1; i < counter.atUs.length; i += 1) {
        expect((counter.atUs[i] ?? 0) - (counter.atUs[i - 1] ?? 0)).toBe(ptimeMs * 1000);
      }
    },
  );

  test("spreads legs evenly over the steps of 5 ms", async () => {
    const { clock, media } = arrange();
    const counters = Array.from({ length: 8 }, () => new Counter());
    for (const counter of counters) {
      media.add(counter, 20);
    }
    await clock.advanceMs(20);
    const perStep = new Map<number, number>();
    for (const counter of counters) {
      const at = counter.atUs[0] ?? -1;
      perStep.set(at, (perStep.get(at) ?? 0) + 1);
    }
    expect([...perStep.values()]).toEqual([2, 2, 2, 2]);
  });

  test("makes up for at most five ticks after a stall, says what is skipped, and keeps the grid", async () => {
    const { clock, media } = arrange();
    const counter = new Counter();
    media.add(counter, 20);
    await clock.advanceMs(1000);
    const before = counter.atUs.length;
    clock.stallMs(500);
    await clock.advanceMs(0);
    expect(counter.atUs.length - before).toBe(5);
    expect(counter.skipped).toBe(20);
    await clock.advanceMs(1000);
    expect(counter.atUs.length - before + counter.skipped).toBe(75);
    expect(media.toJSON()).toMatchObject({ reanchored: 1, skippedMs: 400 });
  });

  test("catches up fully after a short stall", async () => {
    const { clock, media } = arrange();
    const counter = new Counter();
    media.add(counter, 20);
    await clock.advanceMs(200);
    clock.stallMs(80);
    await clock.advanceMs(0);
    expect(counter.atUs).toHaveLength(14);
    expect(counter.skipped).toBe(0);
  });

  test("counts lateness in buckets", async () => {
    const { clock, media } = arrange();
    media.add(new Counter(), 20);
    await clock.advanceMs(2000);
    expect(media.lateness.quantileMs(0.99)).toBe(0);
    clock.stallMs(45);
    await clock.advanceMs(2000);
    expect(media.lateness.quantileMs(0.5)).toBeLessThanOrEqual(0.25);
    expect(media.lateness.quantileMs(1)).toBeGreaterThan(20);
  });

  test("removes a member that throws and goes on with the others", async () => {
    const { clock, media, errors } = arrange();
    const counter = new Counter();
    media.add(
      {
        onTick: () => {
          throw new Error("broken leg");
        },
        onTicksSkipped: () => undefined,
      },
      20,
    );
    media.add(counter, 20);
    await clock.advanceMs(200);
    expect(errors).toHaveLength(1);
    expect(counter.atUs).toHaveLength(10);
    expect(media.toJSON()).toMatchObject({ members: 1, failures: 1 });
  });

  test("lets a member leave within its own tick", async () => {
    const { clock, media } = arrange();
    const other = new Counter();
    let ticks = 0;
    const leave = media.add(
      {
        onTick: () => {
          ticks += 1;
          leave();
        },
        onTicksSkipped: () => undefined,
      },
      20,
    );
    for (let i = 0; i < 4; i += 1) {
      media.add(other, 20);
    }
    await clock.advanceMs(100);
    expect(ticks).toBe(1);
    expect(other.atUs).toHaveLength(20);
  });
});
