/** Recordings on disks that are slow, full or left behind by a process that was killed. */
import { expect, it } from "vitest";
import { fillSine } from "../../src/audio/signal.ts";
import { decryptRecording } from "../../src/recordings/decrypt-recording.ts";
import { RecordingKeys } from "../../src/recordings/recording-keys.ts";
import type { MemoryDisk } from "../support/memory-disk.ts";
import { channelsOf, KEY, PLAN, recordingLab } from "../support/recording-lab.ts";
import { spansOf, toneHz } from "../support/tones.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const FRAME = 160;
const FILE = "2026-01-01/rec-1.wav";
const SEALED = `${FILE}.enc`;

type Lab = ReturnType<typeof recordingLab>;

function opened(lab: Lab) {
  const recording = lab.open();
  const source = lab.store.openSource(PLAN.recordingId, "left");
  const say = async (tone: number, ms: number): Promise<void> => {
    const frame = new Int16Array(FRAME);
    fillSine(frame, 8000, toneHz(tone), 8000, 0);
    for (let sent = 0; sent < ms; sent += 20) {
      await lab.clock.advanceMs(20);
      source?.onFrame(frame, FRAME);
    }
  };
  return { recording, say };
}

function heard(bytes: Uint8Array): readonly string[] {
  return spansOf(channelsOf(bytes).left, 8000).map(({ sound, ms }) => `${sound} ${ms}`);
}

async function decrypted(disk: MemoryDisk, path: string, key = KEY): Promise<Buffer> {
  const output = await disk.create("out.wav");
  const input = await disk.open(path);
  await decryptRecording(input, output, new RecordingKeys([key], undefined));
  const bytes = Buffer.from(disk.bytesOf("out.wav"));
  await disk.remove("out.wav");
  return bytes;
}

it("loses nothing to a disk that is full for a while, and says so once each way", async () => {
  const lab = recordingLab();
  const { recording, say } = opened(lab);
  await say(1, 2000);
  lab.disk.full = true;
  await say(2, 3000);
  lab.disk.full = false;
  await say(3, 2000);
  expect(await recording.finish()).toMatchObject({ state: "finished", droppedMs: 0 });
  expect(heard(lab.disk.bytesOf(FILE))).toEqual(["1 2000", "2 3000", "3 2000"]);
  expect(lab.troubles).toEqual([false, true]);
  await lab.store.close();
});

it("puts counted silence in place of what a disk that is full for long does not take, and stays in time", async () => {
  const lab = recordingLab();
  const { recording, say } = opened(lab);
  await say(1, 2000);
  lab.disk.full = true;
  await say(2, 10_000);
  lab.disk.full = false;
  await say(3, 4000);
  const { droppedMs, durationMs } = await recording.finish();
  expect(durationMs).toBe(16_000);
  expect(droppedMs).toBeGreaterThan(3000);
  const spans = spansOf(channelsOf(lab.disk.bytesOf(FILE)).left, 8000);
  const sounds = spans.flatMap(({ sound, ms }) => (ms > 40 ? [sound] : []));
  expect(sounds).toEqual([1, 2, "silence", 2, 3]);
  expect(spans.at(-1)).toEqual({ sound: 3, ms: 4000 });
  expect(lab.metrics.total("trunkline_recording_dropped_ms_total")).toBe(droppedMs);
  await lab.store.close();
});

it("waits for no slow disk: what it has no time for is silence, and the end is in time", async () => {
  const lab = recordingLab({ queueMs: 1000 });
  const { recording, say } = opened(lab);
  lab.disk.delayMs = 3000;
  await say(5, 8000);
  expect(lab.clock.nowUs()).toBe(8_000_000);
  lab.disk.delayMs = 0;
  const finishing = recording.finish();
  await lab.clock.advanceMs(10_000);
  expect(await finishing).toMatchObject({ state: "finished", durationMs: 8000 });
  expect(channelsOf(lab.disk.bytesOf(FILE)).left).toHaveLength(64_000);
  await lab.store.close();
});

it("gives up in the end on a disk that stays full, and the next start finishes the file", async () => {
  const lab = recordingLab();
  const { recording, say } = opened(lab);
  await say(1, 3000);
  lab.disk.full = true;
  await say(2, 1000);
  const finishing = recording.finish();
  await lab.clock.advanceMs(30_000);
  expect((await finishing).state).toBe("unfinished");
  lab.disk.full = false;
  await lab.store.close();
  const next = recordingLab({ disk: lab.disk.copy(lab.clock), clock: lab.clock });
  await next.store.start();
  expect(heard(next.disk.bytesOf(FILE))[0]).toMatch(/^1 /);
  expect(next.metrics.total("trunkline_recordings_total", { outcome: "recovered" })).toBe(1);
  await next.store.close();
  expect(lab.clock.pending).toBe(0);
});

it("can be read after the process was killed, at once, and whole after the next start", async () => {
  const lab = recordingLab();
  const { say } = opened(lab);
  await say(4, 9000);
  const left = lab.disk.copy(lab.clock);
  expect(channelsOf(left.bytesOf(`${FILE}.part`)).left.length).toBeGreaterThan(4 * 8000);
  const clock = lab.clock;
  await clock.advanceMs(11_000);
  const next = recordingLab({ disk: left, clock });
  await next.store.start();
  expect([...left.files.keys()]).toEqual(["2026-01-01/rec-1.json", FILE]);
  expect(channelsOf(left.bytesOf(FILE)).left.length).toBeGreaterThan(8 * 8000);
  expect(JSON.parse(await left.readText("2026-01-01/rec-1.json"))).toMatchObject({
    state: "finished",
    recovered: true,
  });
  await Promise.all([lab.store.close(), next.store.close()]);
});

it("leaves a file alone that may still grow, and looks again", async () => {
  const lab = recordingLab();
  const { say } = opened(lab);
  await say(4, 2000);
  const left = lab.disk.copy(lab.clock);
  const next = recordingLab({ disk: left, clock: lab.clock });
  await next.store.start();
  expect(left.files.has(`${FILE}.part`)).toBe(true);
  await lab.clock.advanceMs(16_000);
  expect(left.files.has(FILE)).toBe(true);
  await Promise.all([lab.store.close(), next.store.close()]);
});

it("is encrypted before it touches the disk, and decrypts to what was said", async () => {
  const keys = new RecordingKeys([KEY], undefined);
  const lab = recordingLab({ keys, format: "mulaw" });
  const { recording, say } = opened(lab);
  await say(7, 5000);
  expect(await recording.finish()).toMatchObject({ state: "finished", keyId: "k1" });
  expect([...lab.disk.files.keys()]).toEqual(["2026-01-01/rec-1.json", SEALED]);
  const audio = await decrypted(lab.disk, SEALED);
  expect(heard(audio)).toEqual(["7 5000"]);
  const plain = audio.subarray(58 + 8000, 58 + 8064);
  expect(lab.disk.bytesOf(SEALED).includes(plain)).toBe(false);
  expect(lab.disk.bytesOf("2026-01-01/rec-1.json").includes(KEY.key)).toBe(false);
  await lab.store.close();
});

it("tells a wrong key, a flipped bit, a cut and another order of an encrypted file apart from a good one", async () => {
  const lab = recordingLab({ keys: new RecordingKeys([KEY], undefined) });
  const { recording, say } = opened(lab);
  await say(7, 4000);
  await recording.finish();
  const good = Buffer.from(lab.disk.bytesOf(SEALED));
  const head = 12 + good.readUInt32BE(8);
  const chunk = 16_384 + 16;
  const other = { id: "k1", key: Buffer.alloc(32, 8).toString("base64") };
  await expect(decrypted(lab.disk, SEALED, other)).rejects.toThrow(/k1 is not the one/);
  await lab.disk.remove("out.wav");
  await expect(decrypted(lab.disk, SEALED, { ...KEY, id: "k2" })).rejects.toThrow(/has no key k1/);
  await lab.disk.remove("out.wav");
  const flipped = Buffer.from(good);
  flipped.writeUInt8(flipped.readUInt8(head + chunk + 5) ^ 1, head + chunk + 5);
  const swapped = Buffer.concat([
    good.subarray(0, head),
    good.subarray(head + chunk, head + 2 * chunk),
    good.subarray(head, head + chunk),
    good.subarray(head + 2 * chunk),
  ]);
  const cases: readonly (readonly [Buffer, RegExp])[] = [
    [flipped, /changed or put in another order after 0\.5 s/],
    [swapped, /changed or put in another order after 0\.0 s/],
    [good.subarray(0, head + 2 * chunk), /cut off, or its end was changed, after 1\.0 s/],
    [good.subarray(0, good.length - 1), /cut off, or its end was changed/],
    [good.subarray(0, 30), /head is cut off or changed/],
    [Buffer.from("RIFF"), /does not begin as an encrypted recording/],
  ];
  for (const [bytes, words] of cases) {
    lab.disk.put("bad.enc", bytes);
    await expect(decrypted(lab.disk, "bad.enc")).rejects.toThrow(words);
    await lab.disk.remove("out.wav");
  }
  await lab.store.close();
});

it("keeps all whole chunks of an encrypted file whose process was killed, and says that it was", async () => {
  const keys = new RecordingKeys([KEY], undefined);
  const lab = recordingLab({ keys });
  const { say } = opened(lab);
  await say(6, 6000);
  const left = lab.disk.copy(lab.clock);
  left.put(`${SEALED}.part`, Buffer.concat([left.bytesOf(`${SEALED}.part`), Buffer.alloc(900, 1)]));
  await lab.clock.advanceMs(11_000);
  const next = recordingLab({ disk: left, clock: lab.clock, keys });
  await lab.clock.advanceMs(11_000);
  await next.store.start();
  const output = await left.create("out.wav");
  const result = await decryptRecording(await left.open(SEALED), output, keys);
  expect(result).toMatchObject({ recovered: true, keyId: "k1" });
  expect(heard(left.bytesOf("out.wav"))).toEqual([`6 ${result.durationMs}`]);
  expect(result.durationMs).toBeGreaterThan(4500);
  await Promise.all([lab.store.close(), next.store.close()]);
});

it("marks pauses, and has silence of the same length in their place", async () => {
  const lab = recordingLab();
  const { recording, say } = opened(lab);
  await say(1, 2000);
  recording.pause("operator");
  await say(2, 2000);
  recording.pause("client");
  recording.resume("operator");
  await say(2, 1000);
  expect(recording.summary.state).toBe("paused");
  recording.resume("client");
  await say(3, 2000);
  const { paused } = await recording.finish();
  expect(heard(lab.disk.bytesOf(FILE))).toEqual(["1 2000", "silence 3000", "3 2000"]);
  expect(paused).toEqual([
    { fromMs: 2000, toMs: 4000, by: "operator" },
    { fromMs: 4000, toMs: 5000, by: "client" },
  ]);
  expect(JSON.parse(await lab.disk.readText("2026-01-01/rec-1.json"))).toMatchObject({ paused });
  await lab.store.close();
});

it("goes after keepDays, unless it is to be uploaded yet", async () => {
  const clock = new VirtualClock();
  const lab = recordingLab({ clock, keepDays: 2 });
  const { recording, say } = opened(lab);
  await say(1, 500);
  await recording.finish();
  await lab.store.start();
  expect(lab.disk.files.size).toBe(2);
  clock.stallMs(2 * 86_400_000);
  lab.open({ recordingId: "rec-2" });
  await clock.advanceMs(1000);
  const files = [...lab.disk.files.keys()];
  expect(files.some((path) => path.includes("rec-1"))).toBe(false);
  expect(files.some((path) => path.includes("rec-2"))).toBe(true);
  await lab.store.close();
  expect(clock.pending).toBe(0);
});
