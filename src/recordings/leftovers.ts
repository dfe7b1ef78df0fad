/** What an earlier process left in the folder of recordings: files to be finished, uploads that are due, files that are too old. */
import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { Metrics } from "../core/metrics.ts";
import { finishPlainFile } from "./plain-file.ts";
import type { DiskFile, RecordingDisk } from "./recording-disk.ts";
import { RECORDING_RATE_HZ } from "./recording-format.ts";
import type { RecordingKeys } from "./recording-keys.ts";
import {
  PART_ENDING,
  type RecordingSidecar,
  readSidecar,
  SIDECAR_ENDING,
  sidecarOf,
  writeSidecar,
} from "./recording-sidecar.ts";
import { finishSealedFile } from "./sealed-file.ts";

/** What is needed to finish them. */
export interface LeftoversOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly disk: RecordingDisk;
  readonly keys: RecordingKeys;
  /** Where a finished file is to be uploaded; `undefined`: nowhere. */
  readonly uriOf: ((file: string) => string) | undefined;
  /** Whether a file is one of this process. */
  readonly isOurs: (file: string) => boolean;
}

const DAY_MS = 86_400_000;
/** A file that was written later than this may be another process's that still runs. */
const QUIET_MS = 10_000;

/** Finishes `*.part`; returns how many it left because they may still grow. */
export async function finishLeftovers(options: LeftoversOptions): Promise<number> {
  const { clock, disk, isOurs, logger, metrics } = options;
  let growing = 0;
  for (const path of await disk.list()) {
    const file = path.slice(0, -PART_ENDING.length);
    if (!path.endsWith(PART_ENDING) || isOurs(file)) {
      continue;
    }
    const entry = await disk.find(path);
    if (entry === undefined) {
      continue;
    }
    if (clock.wallMs() - entry.modifiedAtMs < QUIET_MS) {
      growing += 1;
      continue;
    }
    try {
      await finishLeftover(file, entry.bytes, options);
      metrics.increment("trunkline_recordings_total", { outcome: "recovered" });
    } catch (error) {
      logger.warn("a recording that was cut off could not be finished", { file, error });
    }
  }
  return growing;
}

async function finishLeftover(
  file: string,
  bytes: number,
  { disk, keys, uriOf, logger }: LeftoversOptions,
): Promise<void> {
  const part = `${file}${PART_ENDING}`;
  const sidecar = await readSidecar(disk, sidecarOf(file));
  if (sidecar === undefined) {
    throw new Error("nothing beside it says what it is");
  }
  if (bytes === 0) {
    await disk.remove(part);
    await disk.remove(sidecarOf(file));
    return;
  }
  const handle = await disk.open(part, "write");
  const finished = await finishAs(handle, bytes, sidecar, keys).finally(() => handle.close());
  await disk.rename(part, file);
  const uri = uriOf?.(file);
  await writeSidecar(disk, {
    ...sidecar,
    state: "finished",
    durationMs: Math.round((finished.frames * 1000) / RECORDING_RATE_HZ),
    bytes: finished.bytes,
    sha256: finished.sha256,
    recovered: true,
    ...(uri === undefined ? {} : { upload: { state: "pending", uri } as const }),
  });
  logger.info("a recording that was cut off is finished", { callId: sidecar.callId, file });
}

function finishAs(file: DiskFile, bytes: number, sidecar: RecordingSidecar, keys: RecordingKeys) {
  return sidecar.file.endsWith(".enc")
    ? finishSealedFile(file, bytes, keys)
    : finishPlainFile(file, bytes, sidecar.format);
}

/** Paths of sidecars whose upload is due. */
export async function pendingUploads(disk: RecordingDisk): Promise<readonly string[]> {
  const due: string[] = [];
  for (const path of await disk.list()) {
    if (path.endsWith(SIDECAR_ENDING)) {
      const sidecar = await readSidecar(disk, path);
      if (sidecar?.state === "finished" && sidecar.upload?.state === "pending") {
        due.push(path);
      }
    }
  }
  return due;
}

/** Removes what is older than so many days, unless it is to be uploaded yet; returns how many recordings. */
export async function removeOld(
  disk: RecordingDisk,
  nowMs: number,
  keepDays: number,
): Promise<number> {
  let removed = 0;
  for (const path of await disk.list()) {
    if (!path.endsWith(SIDECAR_ENDING)) {
      continue;
    }
    const sidecar = await readSidecar(disk, path);
    const isOld = sidecar !== undefined && nowMs - sidecar.startedAtMs >= keepDays * DAY_MS;
    if (isOld && sidecar.state === "finished" && sidecar.upload?.state !== "pending") {
      await disk.remove(sidecar.file);
      await disk.remove(path);
      removed += 1;
    }
  }
  return removed;
}
