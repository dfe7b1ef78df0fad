import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BlockPool } from "../../src/media/byte-fifo.ts";
import type { PlayoutItem } from "../../src/media/playout-item.ts";
import { PlayoutQueue } from "../../src/media/playout-queue.ts";
import type { AudioFormat } from "../../src/ports/realtime-model.ts";

const PCMU: AudioFormat = { encoding: "pcmu", rateHz: 8000 };
const PCM24: AudioFormat = { encoding: "pcm16", rateHz: 24000 };

function arrange(format: AudioFormat, maxMs = 30_000) {
  const pool = new BlockPool();
  const started: string[] = [];
  const played: PlayoutItem[] = [];
  const queue = new PlayoutQueue({
    format,
    maxMs,
    pool,
    listener: {
      onItemStarted: (itemId) => started.push(itemId),
      onItemPlayed: (item) => played.push(item),
    },
  });
  const frame = new Uint8Array(2000);
  const tick = (byteCount: number): number => {
    const pulled = queue.pull(frame, 0, byteCount);
    queue.settle();
    return pulled;
  };
  return { pool, queue, started, played, tick, frame };
}

describe("the playout queue", () => {
  test("gives back every byte in order, for chunks of any length", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9000 }), { maxLength: 12 }), (lengths) => {
        const { queue, pool } = arrange(PCM24);
        let written = 0;
        for (const length of lengths) {
          queue.push(
            Uint8Array.from({ length }, (_, i) => (written + i) % 251),
            "a",
          );
          written += length;
        }
        queue.finish("a");
        const out = new Uint8Array(960);
        let read = 0;
        let wrong = 0;
        for (let pulled = queue.pull(out, 0, 960); pulled > 0; pulled = queue.pull(out, 0, 960)) {
          for (let i = 0; i < pulled; i += 1) {
            wrong += out[i] === (read + i) % 251 ? 0 : 1;
          }
          read += pulled;
        }
        expect(wrong).toBe(0);
        expect(read).toBe(written - (written % 2));
        queue.clear();
        expect(pool.toJSON()["inUseBytes"]).toBe(0);
      }),
    );
  });

  test("tells the heard and the unheard part of each answer", () => {
    const { queue, tick } = arrange(PCMU);
    queue.push(new Uint8Array(480), "a");
    queue.push(new Uint8Array(800), "b");
    queue.finish("a");
    for (let i = 0; i < 4; i += 1) {
      tick(160);
    }
    expect(queue.queuedMs).toBe(80);
    expect(queue.clear()).toEqual([{ itemId: "b", playedMs: 20, unheardMs: 80 }]);
    expect(queue.busy).toBe(false);
    expect(queue.clear()).toEqual([]);
  });

  test("reports an answer when its first and its last packet were sent", () => {
    const { queue, tick, started, played } = arrange(PCMU);
    queue.push(new Uint8Array(400), "a");
    queue.finish("a");
    queue.pull(new Uint8Array(160), 0, 160);
    expect(started).toEqual([]);
    queue.settle();
    expect(started).toEqual(["a"]);
    tick(160);
    expect(played).toEqual([]);
    expect(tick(160)).toBe(80);
    expect(played).toEqual([{ itemId: "a", playedMs: 50, unheardMs: 0 }]);
  });

  test("reports an answer that is declared done after it was played", () => {
    const { queue, tick, played } = arrange(PCMU);
    queue.push(new Uint8Array(160), "a");
    tick(160);
    expect(queue.busy).toBe(true);
    queue.finish("a");
    expect(played).toHaveLength(1);
    expect(queue.busy).toBe(false);
  });

  test("takes an answer that is never declared done for over when the next one plays", () => {
    const { queue, tick, played } = arrange(PCMU);
    queue.push(new Uint8Array(160), "a");
    queue.push(new Uint8Array(320), "b");
    tick(160);
    tick(160);
    expect(played.map((item) => item.itemId)).toEqual(["a"]);
  });

  test("keeps an incomplete frame for the rest of it, but not for ever", () => {
    const { queue, tick } = arrange(PCMU);
    queue.push(new Uint8Array(100), "a");
    expect(tick(160)).toBe(0);
    queue.push(new Uint8Array(60), "a");
    expect(tick(160)).toBe(160);
    queue.push(new Uint8Array(100), "a");
    expect([tick(160), tick(160), tick(160), tick(160)]).toEqual([0, 0, 0, 100]);
  });

  test("drops the newest when it is full, and counts it", () => {
    const { queue, tick } = arrange(PCMU, 100);
    expect(queue.push(new Uint8Array(700).fill(1), "a")).toBe(0);
    expect(queue.push(new Uint8Array(300).fill(2), "a")).toBe(200);
    expect(queue.toJSON()).toMatchObject({ queuedMs: 100, playoutDroppedMs: 25 });
    tick(160);
    expect(queue.push(new Uint8Array(160), "a")).toBe(0);
  });

  test("keeps samples whole where an odd number of bytes was dropped or an answer ended odd", () => {
    const { queue, frame } = arrange({ encoding: "pcm16", rateHz: 8000 }, 20);
    const sample = Uint8Array.of(0x34, 0x12);
    const odd = Uint8Array.from({ length: 333 }, (_, i) => sample[i % 2] ?? 0);
    queue.push(odd, "a");
    queue.pull(frame, 0, 320);
    const next = Uint8Array.from({ length: 101 }, (_, i) => sample[(i + 1) % 2] ?? 0);
    queue.push(next, "a");
    queue.finish("a");
    const pulled = queue.pull(frame, 0, 320);
    expect(pulled).toBe(100);
    for (let i = 0; i < pulled; i += 2) {
      expect([frame[i], frame[i + 1]]).toEqual([0x34, 0x12]);
    }
  });

  test("takes memory for a burst only while it lasts", () => {
    const { queue, pool, tick } = arrange(PCM24);
    expect(pool.toJSON()).toEqual({ inUseBytes: 0, spareBytes: 0 });
    queue.push(new Uint8Array(480_000), "a");
    expect(pool.toJSON()["inUseBytes"]).toBeGreaterThanOrEqual(480_000);
    while (tick(960) > 0);
    expect(pool.toJSON()["inUseBytes"]).toBe(0);
    queue.push(new Uint8Array(2_000_000), "b");
    expect(queue.queuedMs).toBe(30_000);
    queue.clear();
    expect(pool.toJSON()["inUseBytes"]).toBe(0);
    expect(pool.toJSON()["spareBytes"]).toBeLessThanOrEqual(1024 * 1024);
  });
});
