/** Recordings in a folder of this machine: opened, finished, found again after a crash, uploaded, and thrown away in time. */
import { after, type Clock, type Timer } from "../core/clock.ts";
import { codeOf } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { Metrics } from "../core/metrics.ts";
import type { Random } from "../core/random.ts";
import type {
  Recording,
  RecordingChannel,
  RecordingListener,
  RecordingPlan,
  RecordingSource,
  RecordingStore,
  RecordingSummary,
} from "../ports/recording-store.ts";
import { FileRecording } from "./file-recording.ts";
import { finishLeftovers, type LeftoversOptions, pendingUploads, removeOld } from "./leftovers.ts";
import { PlainFile } from "./plain-file.ts";
import type { RecordingDisk } from "./recording-disk.ts";
import type { FinishedFile, RecordingFile } from "./recording-file.ts";
import type { RecordingFormat } from "./recording-format.ts";
import type { RecordingKeys } from "./recording-keys.ts";
import {
  type RecordingSidecar,
  recordingPaths,
  sidecarOf,
  writeSidecar,
} from "./recording-sidecar.ts";
import { newSealHeader } from "./seal.ts";
import { SealedFile } from "./sealed-file.ts";
import { type RecordingUploader, UploadQueue } from "./upload-queue.ts";

/** What the store works with. */
export interface FileRecordingStoreOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly disk: RecordingDisk;
  readonly keys: RecordingKeys;
  /** `undefined`: recordings stay here. */
  readonly uploader: RecordingUploader | undefined;
  readonly deleteUploaded: boolean;
  readonly format: RecordingFormat;
  /** Audio of one recording that may wait for the disk. */
  readonly queueMs: number;
  /** `undefined`: they are kept. */
  readonly keepDays: number | undefined;
}

const SWEEP_MS = 3_600_000;
/** Parts that may still grow are looked at again after this. */
const SECOND_LOOK_MS = 15_000;

/** Open from `start` to `close`. */
export class FileRecordingStore implements RecordingStore {
  readonly #options: FileRecordingStoreOptions;
  readonly #uploads: UploadQueue | undefined;
  readonly #open = new Map<string, FileRecording>();
  readonly #files = new Set<string>();
  #timers: Timer[] = [];
  #closed = false;

  constructor(options: FileRecordingStoreOptions) {
    const { uploader } = options;
    this.#options = options;
    this.#uploads = uploader && new UploadQueue({ ...options, uploader });
  }

  async start(): Promise<void> {
    await this.#lookAfter();
    this.#armSweep();
  }

  open(plan: RecordingPlan, listener: RecordingListener): Recording {
    const { clock, metrics, logger, keys, uploader } = this.#options;
    const startedAtMs = clock.wallMs();
    const paths = recordingPaths(plan.recordingId, startedAtMs, keys.encrypts);
    this.#files.add(paths.file);
    const recording: FileRecording = new FileRecording({
      ...this.#options,
      plan,
      file: paths.file,
      uri: uploader?.uriOf(paths.file),
      listener,
      openFile: (keyIs) => this.#create(plan, paths.part, recording.summary, keyIs),
      onFinished: (summary, finished) => this.#settle(plan, paths.part, summary, finished),
      onClosed: () => {
        const { state, droppedMs } = recording.summary;
        metrics.increment("trunkline_recordings_total", { outcome: state });
        metrics.increment("trunkline_recording_dropped_ms_total", {}, droppedMs);
        this.#open.delete(plan.recordingId);
        this.#files.delete(paths.file);
      },
      onTrouble: (ok, error) => {
        if (ok) {
          logger.info("a recording is written again", { callId: plan.callId });
          return;
        }
        metrics.increment("trunkline_recording_failures_total");
        const { callId } = plan;
        logger.error("a recording cannot be written", { callId, code: codeOf(error), error });
      },
    });
    this.#open.set(plan.recordingId, recording);
    return recording;
  }

  openSource(recordingId: string, channel: RecordingChannel): RecordingSource | undefined {
    return this.#open.get(recordingId)?.openSource(channel);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) {
      timer.cancel();
    }
    await Promise.all([...this.#open.values()].map((recording) => recording.finish()));
    await this.#uploads?.close();
    this.#options.keys.close();
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return {
      open: this.#open.size,
      uploadsWaiting: this.#uploads?.waiting ?? 0,
      recordings: [...this.#open.values()].map((recording) => recording.toJSON()),
    };
  }

  async #create(
    plan: RecordingPlan,
    part: string,
    summary: RecordingSummary,
    keyIs: (keyId: string) => void,
  ): Promise<RecordingFile> {
    const { disk, format, keys, random } = this.#options;
    if (!keys.encrypts) {
      await writeSidecar(disk, sidecarFor(plan, summary));
      return new PlainFile(await disk.create(part), format);
    }
    const dataKey = await keys.create();
    keyIs(dataKey.keyId);
    await writeSidecar(disk, sidecarFor(plan, { ...summary, keyId: dataKey.keyId }));
    const head = newSealHeader(dataKey, format, random);
    return new SealedFile(await disk.create(part), head, dataKey.key);
  }

  async #settle(
    plan: RecordingPlan,
    part: string,
    summary: RecordingSummary,
    { bytes, sha256 }: FinishedFile,
  ): Promise<void> {
    const { disk } = this.#options;
    const { file, uri } = summary;
    await disk.rename(part, file);
    await writeSidecar(disk, {
      ...sidecarFor(plan, summary),
      state: "finished",
      bytes,
      sha256,
      ...(uri === undefined ? {} : { upload: { state: "pending", uri } as const }),
    });
    this.#uploads?.add(sidecarOf(file));
  }

  /** What is wrong with the folder is told, and stops nothing. */
  async #lookAfter(): Promise<void> {
    const { clock, disk, logger, keepDays, uploader } = this.#options;
    const leftovers: LeftoversOptions = {
      ...this.#options,
      uriOf: uploader && ((file) => uploader.uriOf(file)),
      isOurs: (file) => this.#files.has(file),
    };
    try {
      const growing = await finishLeftovers(leftovers);
      if (growing > 0) {
        this.#later(SECOND_LOOK_MS, () => void this.#lookAfter());
      }
      for (const path of this.#uploads === undefined ? [] : await pendingUploads(disk)) {
        this.#uploads?.add(path);
      }
      const removed = keepDays === undefined ? 0 : await removeOld(disk, clock.wallMs(), keepDays);
      if (removed > 0) {
        logger.info("old recordings are removed", { removed });
      }
    } catch (error) {
      logger.error("the folder of recordings cannot be read", { error });
    }
  }

  #armSweep(): void {
    this.#later(SWEEP_MS, () => {
      this.#armSweep();
      void this.#lookAfter();
    });
  }

  #later(delayMs: number, act: () => void): void {
    if (!this.#closed) {
      const timer = after(this.#options.clock, delayMs, () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
        act();
      });
      this.#timers.push(timer);
    }
  }
}

function sidecarFor(plan: RecordingPlan, summary: RecordingSummary): RecordingSidecar {
  const { recordingId, callId, flow, channels } = plan;
  const { file, startedAtMs, durationMs, format, paused, droppedMs, keyId } = summary;
  return {
    version: 1,
    recordingId,
    callId,
    flow,
    state: "recording",
    file,
    startedAtMs,
    durationMs,
    format,
    channels: { ...channels },
    paused: paused.map((span) => ({ ...span })),
    droppedMs,
    ...(keyId === undefined ? {} : { keyId }),
  };
}
