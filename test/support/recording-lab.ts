/** A store of recordings on a disk in memory, and what is heard in its files. */
import { readWav, type WavAudio } from "../../src/audio/wav.ts";
import type { Clock } from "../../src/core/clock.ts";
import { asCallId } from "../../src/core/ids.ts";
import { silentLogger } from "../../src/core/logger.ts";
import type { RecordingPlan } from "../../src/ports/recording-store.ts";
import {
  FileRecordingStore,
  type FileRecordingStoreOptions,
} from "../../src/recordings/file-recording-store.ts";
import { type NamedKey, RecordingKeys } from "../../src/recordings/recording-keys.ts";
import { MemoryDisk } from "./memory-disk.ts";
import { RecordingMetrics } from "./recording-metrics.ts";
import { SeededRandom } from "./seeded-random.ts";
import { VirtualClock } from "./virtual-clock.ts";

/** What a recording is of. */
export const PLAN: RecordingPlan = {
  recordingId: "rec-1",
  callId: asCallId("call-1"),
  flow: "assist",
  channels: { left: "customer", right: "agent" },
};

/** A key, named `k1`. */
export const KEY: NamedKey = { id: "k1", key: Buffer.alloc(32, 7).toString("base64") };

/** A store; `disk` may be one that another store left. */
export function recordingLab(
  changes: Partial<FileRecordingStoreOptions> & { readonly clock?: VirtualClock } = {},
) {
  const clock = changes.clock ?? new VirtualClock();
  const disk = (changes.disk as MemoryDisk | undefined) ?? new MemoryDisk(clock);
  const metrics = new RecordingMetrics();
  const troubles: boolean[] = [];
  const store = new FileRecordingStore({
    random: new SeededRandom(3),
    logger: silentLogger,
    metrics,
    keys: new RecordingKeys([], undefined),
    uploader: undefined,
    deleteUploaded: false,
    format: "pcm16",
    queueMs: 5000,
    keepDays: undefined,
    ...changes,
    clock: clock as Clock,
    disk,
  });
  const open = (plan: Partial<RecordingPlan> = {}) =>
    store.open({ ...PLAN, ...plan }, { onTrouble: (ok) => troubles.push(ok) });
  return { clock, disk, metrics, store, open, troubles };
}

/** The two channels of a WAV file. */
export function channelsOf(bytes: Uint8Array): { left: Int16Array; right: Int16Array } & WavAudio {
  const audio = readWav(bytes);
  const [left, right] = audio.samples;
  if (left === undefined || right === undefined) {
    throw new Error("a recording should have two channels");
  }
  return { ...audio, left, right };
}
