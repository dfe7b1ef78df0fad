/** Two streams on one timeline: whole, at the same time, whatever their clocks and packets do. */
import { describe, expect, it } from "vitest";
import { ChannelMixer, withoutChannel } from "../../src/models/channel-mixer.ts";
import { wordsIn } from "../support/numbered-words.ts";
import { silenceBytes, wordBytes } from "../support/transcribe/bench.ts";

const BATCH_BYTES = 640;

interface Stream {
  readonly audio: Buffer;
  /** Delay of a batch on its way, by its number. */
  readonly delayMs?: (batch: number) => number;
  /** How much faster than ours its clock is; parts per million. */
  readonly fastPpm?: number;
}

/** What the mixer makes of two streams, by channel. */
function mix(streams: readonly Stream[], durationMs: number): Int16Array[] {
  const mixer = new ChannelMixer([true, true], 0);
  const arrivals = streams
    .flatMap(({ audio, delayMs, fastPpm = 0 }, channel) =>
      Array.from({ length: Math.floor(audio.length / BATCH_BYTES) }, (_, batch) => ({
        channel,
        bytes: audio.subarray(batch * BATCH_BYTES, (batch + 1) * BATCH_BYTES),
        atMs: ((batch + 1) * 40) / (1 + fastPpm / 1e6) + (delayMs?.(batch) ?? 0),
      })),
    )
    .sort((a, b) => a.atMs - b.atMs);
  const heard: number[][] = [[], []];
  for (let nowMs = 0; nowMs < durationMs; nowMs += 10) {
    for (; arrivals[0] !== undefined && arrivals[0].atMs <= nowMs; arrivals.shift()) {
      mixer.write(arrivals[0].channel, arrivals[0].bytes, arrivals[0].atMs * 1000);
    }
    for (let frame = mixer.pull(nowMs * 1000); frame; frame = mixer.pull(nowMs * 1000)) {
      for (let at = 0; at < frame.bytes.length; at += 2) {
        heard[(at / 2) % 2]?.push(frame.bytes.readInt16LE(at));
      }
    }
  }
  return heard.map((samples) => Int16Array.from(samples));
}

/** As a device samples it whose clock is faster than ours. */
function aWordEveryTwoSeconds(count: number, fastPpm: number): Buffer {
  const sampleAt = (atMs: number): number => Math.round(atMs * 8 * (1 + fastPpm / 1e6));
  const audio = silenceBytes(sampleAt(count * 2000) / 8 + 1);
  for (let word = 0; word < count; word += 1) {
    wordBytes(7, 1).copy(audio, sampleAt(word * 2000) * 2);
  }
  return audio;
}

function skewsMs([one, other]: readonly Int16Array[]): number[] {
  const [first, second] = [one, other].map((samples) => wordsIn(samples ?? new Int16Array()));
  expect(first?.map(({ number }) => number)).toEqual(second?.map(({ number }) => number));
  return (first ?? []).map(({ startMs }, i) => Math.abs(startMs - (second?.[i]?.startMs ?? 0)));
}

describe("the mixer", () => {
  it.each([
    ["come as they should", undefined, undefined],
    ["jitter by 60 ms", (batch: number) => (batch * 37) % 61, (batch: number) => (batch * 53) % 61],
    ["begin with a late packet", (batch: number) => (batch === 0 ? 120 : 0), undefined],
  ])("keeps two streams within 40 ms that %s", (_how, one, other) => {
    const audio = Buffer.concat([silenceBytes(400), wordBytes(0, 20)]);
    const heard = mix(
      [
        { audio, ...(one === undefined ? {} : { delayMs: one }) },
        { audio, ...(other === undefined ? {} : { delayMs: other }) },
      ],
      9500,
    );
    const skews = skewsMs(heard);
    expect(skews).toHaveLength(20);
    expect(Math.max(...skews)).toBeLessThanOrEqual(40);
  });

  it("keeps streams together for minutes whose clocks differ by 600 parts per million", () => {
    const heard = mix(
      [300, -300].map((fastPpm) => ({ audio: aWordEveryTwoSeconds(90, fastPpm), fastPpm })),
      185_000,
    );
    const skews = skewsMs(heard);
    expect(skews.length).toBeGreaterThan(85);
    expect(Math.max(...skews)).toBeLessThanOrEqual(40);
  });

  it("waits for a late stream as long as 400 ms, and no longer", () => {
    const mixer = new ChannelMixer([true, true], 0);
    for (let ms = 40; ms <= 1000; ms += 40) {
      mixer.write(0, Buffer.alloc(BATCH_BYTES), ms * 1000);
      mixer.write(1, Buffer.alloc(BATCH_BYTES), ms * 1000);
    }
    let endMs = 0;
    const drain = (nowMs: number): void => {
      for (let frame = mixer.pull(nowMs * 1000); frame; frame = mixer.pull(nowMs * 1000)) {
        endMs = frame.startMs + frame.durationMs;
      }
    };
    drain(1000);
    expect(endMs).toBeGreaterThan(930);
    for (let ms = 1040; ms <= 3000; ms += 40) {
      mixer.write(0, Buffer.alloc(BATCH_BYTES), ms * 1000);
    }
    drain(1300);
    expect(endMs).toBeLessThanOrEqual(1000);
    drain(3000);
    expect(endMs).toBeGreaterThan(2520);
    expect(endMs).toBeLessThanOrEqual(2600);
  });

  it.each([
    ["when both streams were late as they began", [120, 120], 1000],
    ["some seconds after one stream was late as it began", [120, 0], 8000],
  ])("passes on within 100 ms what all streams have: %s", (_how, lateMs, clickMs) => {
    const mixer = new ChannelMixer([true, true], 0);
    const writtenMs = [0, 0];
    let heardMs: number | undefined;
    for (let nowMs = 10; nowMs <= 10_000; nowMs += 10) {
      for (const [channel, late] of lateMs.entries()) {
        const dueMs = nowMs - (nowMs < 480 ? late : 0);
        for (let at = writtenMs[channel] ?? 0; at + 40 <= dueMs; at += 40) {
          const isClick = channel === 0 && at + 40 === clickMs;
          mixer.write(channel, Buffer.alloc(BATCH_BYTES, isClick ? 0x40 : 0), nowMs * 1000);
          writtenMs[channel] = at + 40;
        }
      }
      for (let frame = mixer.pull(nowMs * 1000); frame; frame = mixer.pull(nowMs * 1000)) {
        heardMs ??= frame.bytes.some((byte) => byte !== 0) ? nowMs : undefined;
      }
    }
    expect((heardMs ?? Number.POSITIVE_INFINITY) - clickMs).toBeLessThanOrEqual(100);
  });

  it("does not wait for a stream that ended", () => {
    const mixer = new ChannelMixer([true, true], 0);
    mixer.close(1);
    for (let ms = 40; ms <= 1000; ms += 40) {
      mixer.write(0, Buffer.alloc(BATCH_BYTES), ms * 1000);
    }
    let count = 0;
    while (mixer.pull(1_000_000) !== undefined) {
      count += 1;
    }
    expect(count).toBe(16);
  });

  it("leaves one channel out where it was understood already", () => {
    const bytes = Buffer.from(Int16Array.from([1, 2, 3, 4]).buffer);
    const left = withoutChannel(bytes, 0, 2);
    expect([...new Int16Array(left.buffer, left.byteOffset, 4)]).toEqual([0, 2, 0, 4]);
  });
});
