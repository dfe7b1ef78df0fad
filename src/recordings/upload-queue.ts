/** Recordings that are to be uploaded: one at a time, again after a failure, found again after a restart. */
import { type Clock, sleep } from "../core/clock.ts";
import { codeOf } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { Metrics } from "../core/metrics.ts";
import type { RecordingDisk } from "./recording-disk.ts";
import {
  type RecordingSidecar,
  readSidecar,
  sidecarOf,
  writeSidecar,
} from "./recording-sidecar.ts";

/** Where recordings go. */
export interface RecordingUploader {
  /** Address of a file of the folder. */
  uriOf(file: string): string;
  /** Rejects with RECORDING_UPLOAD_FAILED. */
  upload(sidecar: RecordingSidecar, signal: AbortSignal): Promise<void>;
  close(): void;
}

/** What the queue works with. */
export interface UploadQueueOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly disk: RecordingDisk;
  readonly uploader: RecordingUploader;
  /** Whether what was uploaded goes from the folder. */
  readonly deleteUploaded: boolean;
}

const FIRST_RETRY_MS = 1000;
const MAX_RETRY_MS = 300_000;
const CLOSE_MS = 2000;

/** The folder is the queue: sidecars say what is pending, so nothing is lost with the process. */
export class UploadQueue {
  readonly #options: UploadQueueOptions;
  readonly #waiting = new Set<string>();
  readonly #abort = new AbortController();
  #running: Promise<void> | undefined;

  constructor(options: UploadQueueOptions) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Takes the path of a sidecar whose upload is pending. */
  add(path: string): void {
    if (!this.#abort.signal.aborted) {
      this.#waiting.add(path);
      this.#running ??= this.#run().finally(() => {
        this.#running = undefined;
      });
    }
  }

  /** What is not uploaded stays in the folder for the next start. */
  async close(): Promise<void> {
    const { clock, uploader } = this.#options;
    const running = this.#running;
    if (running !== undefined) {
      const limit = new AbortController();
      const patience = sleep(clock, CLOSE_MS, limit.signal).catch(() => undefined);
      await Promise.race([running.finally(() => limit.abort()), patience]);
    }
    this.#abort.abort();
    await this.#running;
    uploader.close();
  }

  async #run(): Promise<void> {
    let delayMs = FIRST_RETRY_MS;
    for (let [path] = this.#waiting; path !== undefined; [path] = this.#waiting) {
      this.#waiting.delete(path);
      if (await this.#upload(path)) {
        delayMs = FIRST_RETRY_MS;
        continue;
      }
      if (this.#abort.signal.aborted) {
        return;
      }
      this.#waiting.add(path);
      try {
        await sleep(this.#options.clock, delayMs, this.#abort.signal);
      } catch {
        return;
      }
      delayMs = Math.min(MAX_RETRY_MS, delayMs * 2);
    }
  }

  /** Whether nothing is left to do for it. */
  async #upload(path: string): Promise<boolean> {
    const { clock, disk, uploader, logger, metrics } = this.#options;
    const sidecar = await readSidecar(disk, path);
    if (sidecar?.upload?.state !== "pending") {
      return true;
    }
    try {
      await uploader.upload(sidecar, this.#abort.signal);
      await this.#settle({
        ...sidecar,
        upload: { state: "done", uri: sidecar.upload.uri, atMs: clock.wallMs() },
      });
    } catch (error) {
      if (!this.#abort.signal.aborted) {
        metrics.increment("trunkline_recording_uploads_total", { outcome: "failed" });
        const { callId } = sidecar;
        logger.warn("a recording was not uploaded, and will be again", {
          callId,
          code: codeOf(error),
          error,
        });
      }
      return false;
    }
    metrics.increment("trunkline_recording_uploads_total", { outcome: "done" });
    return true;
  }

  async #settle(sidecar: RecordingSidecar): Promise<void> {
    const { disk, deleteUploaded } = this.#options;
    await writeSidecar(disk, sidecar);
    if (deleteUploaded) {
      await disk.remove(sidecar.file);
      await disk.remove(sidecarOf(sidecar.file));
    }
  }
}
