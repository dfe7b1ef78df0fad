/** Where audio lies in a recording: at its time, on both channels, whatever happened on the way. */
import { expect, it } from "vitest";
import { fillSine } from "../../src/audio/signal.ts";
import type { RecordingSource } from "../../src/ports/recording-store.ts";
import { channelsOf, recordingLab } from "../support/recording-lab.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import { spansOf, toneHz } from "../support/tones.ts";
import type { VirtualClock } from "../support/virtual-clock.ts";

const FRAME = 160;

function toneFrame(tone: number): Int16Array {
  const frame = new Int16Array(FRAME);
  fillSine(frame, 8000, toneHz(tone), 8000, 0);
  return frame;
}

/** Where in a channel of a µ-law recording loud samples begin after silence, in ms. */
function onsetsMs(file: Uint8Array, channel: 0 | 1): number[] {
  const onsets: number[] = [];
  let quiet = 4000;
  const count = (file.length - 58) / 2;
  for (let index = 0; index < count; index += 1) {
    const code = (file[58 + 2 * index + channel] ?? 0) & 0x7f;
    if (code < 0x40) {
      if (quiet >= 4000) {
        onsets.push(index / 8);
      }
      quiet = 0;
    } else {
      quiet += 1;
    }
  }
  return onsets;
}

interface Sender {
  readonly source: RecordingSource;
  /** Its clock is faster by this. */
  readonly skewPpm: number;
  readonly jitterMs: number;
  readonly random: SeededRandom;
  sent: number;
  dueMs: number;
}

function sender(
  source: RecordingSource | undefined,
  skewPpm: number,
  jitterMs: number,
  seed: number,
): Sender {
  if (source === undefined) {
    throw new Error("the channel should open");
  }
  return { source, skewPpm, jitterMs, random: new SeededRandom(seed), sent: 0, dueMs: 20 };
}

/** One frame: a beep of 100 ms in the middle of every 10 s of real time. */
function sendFrame(one: Sender): void {
  const scale = 1 - one.skewPpm / 1_000_000;
  const frame = new Int16Array(FRAME);
  for (let i = 0; i < FRAME; i += 1) {
    const atMs = (one.sent * 20 + i / 8) * scale;
    const isLoud = atMs % 10_000 >= 5000 && atMs % 10_000 < 5100;
    frame[i] = isLoud ? (i % 8 < 4 ? 8000 : -8000) : 0;
  }
  one.source.onFrame(frame, FRAME);
  one.sent += 1;
  const lateMs = ((one.random.uint32() % 1000) / 1000) * one.jitterMs;
  one.dueMs = Math.max(one.dueMs, (one.sent + 1) * 20 * scale + lateMs);
}

/** Time goes on from frame to frame; timers have their turn every 100 ms. */
async function converse(clock: VirtualClock, senders: readonly Sender[], endMs: number) {
  let turnMs = 0;
  for (;;) {
    const [next] = [...senders].sort((one, other) => one.dueMs - other.dueMs);
    if (next === undefined || next.dueMs > endMs) {
      break;
    }
    clock.stallMs(Math.max(0, next.dueMs - clock.nowUs() / 1000));
    if (next.dueMs - turnMs >= 100) {
      turnMs = next.dueMs;
      await clock.advanceMs(0);
    }
    sendFrame(next);
  }
  await clock.advanceMs(endMs - clock.nowUs() / 1000);
}

it("keeps two streams within 20 ms of each other and of the clock over 30 minutes, with skewed clocks and jitter", async () => {
  const lab = recordingLab({ format: "mulaw" });
  const recording = lab.open();
  const left = sender(lab.store.openSource("rec-1", "left"), 150, 30, 5);
  const right = sender(lab.store.openSource("rec-1", "right"), -150, 5, 9);
  await converse(lab.clock, [left, right], 30 * 60_000);
  const { durationMs, droppedMs } = await recording.finish();
  expect([durationMs, droppedMs]).toEqual([30 * 60_000, 0]);
  const file = lab.disk.bytesOf("2026-01-01/rec-1.wav");
  const [heardLeft, heardRight] = [onsetsMs(file, 0), onsetsMs(file, 1)];
  expect([heardLeft.length, heardRight.length]).toEqual([180, 180]);
  const offByMs = [...heardLeft, ...heardRight].map((ms) => Math.abs((ms % 10_000) - 5000));
  const apartMs = heardLeft.map((ms, index) => Math.abs(ms - (heardRight[index] ?? 0)));
  expect(Math.max(...offByMs)).toBeLessThanOrEqual(10);
  expect(Math.max(...apartMs)).toBeLessThanOrEqual(10);
  await lab.store.close();
}, 60_000);

it("writes down what it hears bit by bit while the clocks agree, however the packets jitter", async () => {
  const lab = recordingLab();
  const recording = lab.open();
  const source = lab.store.openSource("rec-1", "left");
  const random = new SeededRandom(11);
  const said = Int16Array.from({ length: 50 * 60 * FRAME }, () => (random.uint32() % 8000) - 4000);
  for (let sent = 0; sent < said.length / FRAME; sent += 1) {
    // A sender that has just begun is a little late.
    const lateMs = (sent < 12 ? 2.5 : 0) + (random.uint32() % 12_000) / 1000;
    const dueMs = (sent + 1) * 20 + lateMs;
    await lab.clock.advanceMs(Math.max(0, dueMs - lab.clock.nowUs() / 1000));
    source?.onFrame(said.subarray(sent * FRAME, (sent + 1) * FRAME), FRAME);
  }
  await recording.finish();
  const { left } = channelsOf(lab.disk.bytesOf("2026-01-01/rec-1.wav"));
  const first = left.findIndex(
    (sample, index) => sample === said[0] && left[index + 1] === said[1],
  );
  expect(first / 8).toBeLessThan(10);
  const written = left.subarray(first, first + said.length);
  expect(written.findIndex((sample, index) => sample !== said[index])).toBe(-1);
  await lab.store.close();
});

it("mends a clock that runs away where nobody speaks, and as much as it ran away", async () => {
  const lab = recordingLab();
  const recording = lab.open();
  const source = lab.store.openSource("rec-1", "left");
  const frames = 50 * 120;
  const loud = toneFrame(4);
  const quiet = new Int16Array(FRAME);
  // 500 ppm slow: 60 ms in two minutes. Speech for 3 s, silence for 1 s.
  for (let sent = 0; sent < frames; sent += 1) {
    const dueMs = (sent + 1) * 20 * 1.0005;
    await lab.clock.advanceMs(dueMs - lab.clock.nowUs() / 1000);
    source?.onFrame(sent % 200 < 150 ? loud : quiet, FRAME);
  }
  await recording.finish();
  const { left } = channelsOf(lab.disk.bytesOf("2026-01-01/rec-1.wav"));
  const spurts: { from: number; to: number }[] = [];
  for (let at = 0; at < left.length; at += 1) {
    const last = spurts.at(-1);
    if (Math.abs(left[at] as number) < 400) {
      continue;
    }
    if (last === undefined || at - last.to > 400) {
      spurts.push({ from: at, to: at });
    } else {
      last.to = at;
    }
  }
  const lengths = spurts.map(({ from, to }) => to - from);
  expect([spurts.length, new Set(lengths).size]).toEqual([30, 1]);
  const offByMs = spurts.map(({ from }, index) => from / 8 - index * 4000 * 1.0005);
  expect(Math.max(...offByMs) - Math.min(...offByMs)).toBeLessThan(8);
  await lab.store.close();
});

it("puts silence where nothing came, and places what comes after it by the clock", async () => {
  const lab = recordingLab();
  const recording = lab.open();
  const source = lab.store.openSource("rec-1", "left");
  const tone = toneFrame(4);
  await lab.clock.advanceMs(1000);
  for (const pauseMs of [2000, 460, 0]) {
    for (let sent = 0; sent < 50; sent += 1) {
      await lab.clock.advanceMs(20);
      source?.onFrame(tone, FRAME);
    }
    await lab.clock.advanceMs(pauseMs);
  }
  await recording.finish();
  const { left, right } = channelsOf(lab.disk.bytesOf("2026-01-01/rec-1.wav"));
  expect(spansOf(left, 8000)).toEqual([
    { sound: "silence", ms: 1000 },
    { sound: 4, ms: 1000 },
    { sound: "silence", ms: 2000 },
    { sound: 4, ms: 1000 },
    { sound: "silence", ms: 460 },
    { sound: 4, ms: 1000 },
  ]);
  expect(right.length).toBe(left.length);
  expect(spansOf(right, 8000)).toEqual([{ sound: "silence", ms: 6460 }]);
  await lab.store.close();
});

it("does not tear audio apart that was only late: a stall of the network and then a burst", async () => {
  const lab = recordingLab();
  const recording = lab.open();
  const source = lab.store.openSource("rec-1", "left");
  const tone = toneFrame(2);
  const send = async (frames: number): Promise<void> => {
    for (let sent = 0; sent < frames; sent += 1) {
      await lab.clock.advanceMs(20);
      source?.onFrame(tone, FRAME);
    }
  };
  await send(50);
  await lab.clock.advanceMs(300);
  for (let late = 0; late < 15; late += 1) {
    source?.onFrame(tone, FRAME);
  }
  await send(50);
  await lab.clock.advanceMs(700);
  await recording.finish();
  const { left } = channelsOf(lab.disk.bytesOf("2026-01-01/rec-1.wav"));
  expect(spansOf(left, 8000)).toEqual([
    { sound: 2, ms: 2300 },
    { sound: "silence", ms: 700 },
  ]);
  await lab.store.close();
});

it("mixes streams of one channel, and takes those that come late or leave", async () => {
  const lab = recordingLab();
  const recording = lab.open();
  const first = lab.store.openSource("rec-1", "right");
  const second = lab.store.openSource("rec-1", "right");
  for (let sent = 0; sent < 150; sent += 1) {
    await lab.clock.advanceMs(20);
    if (sent < 100) {
      first?.onFrame(toneFrame(1), FRAME);
    }
    if (sent >= 50) {
      second?.onFrame(toneFrame(8), FRAME);
    }
    if (sent === 99) {
      first?.close();
    }
  }
  await recording.finish();
  const { right } = channelsOf(lab.disk.bytesOf("2026-01-01/rec-1.wav"));
  expect(spansOf(right, 8000).map(({ sound, ms }) => `${sound} ${ms}`)).toEqual([
    "1 1000",
    "noise 1000",
    "8 1000",
  ]);
  await lab.store.close();
});
