/** Builds the store of recordings, where flows record or earlier recordings lie; clients of AWS only where configured. */
import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { Metrics } from "../core/metrics.ts";
import type { Random } from "../core/random.ts";
import { FileRecordingStore } from "../recordings/file-recording-store.ts";
import { FolderDisk } from "../recordings/recording-disk.ts";
import { type KeyService, RecordingKeys } from "../recordings/recording-keys.ts";
import type { RecordingUploader } from "../recordings/upload-queue.ts";
import type { Config } from "./config.ts";
import { awsAccess } from "./config-aws.ts";
import { systemFiles } from "./files.ts";
import type { CallScripts } from "./load-flows.ts";

/** What recordings run on. */
export interface RecordingParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly scripts: Pick<CallScripts, "flows">;
}

/** `undefined`: nothing is recorded, and nothing was. */
export async function composeRecordings(
  config: Config,
  parts: RecordingParts,
): Promise<FileRecordingStore | undefined> {
  const { folder, format, queueSeconds, keepDays, s3 } = config.recordings;
  const records = [...parts.scripts.flows.values()].some((flow) => flow.recording.mode === "on");
  if (!records && !systemFiles.exists(folder)) {
    return undefined;
  }
  const disk = new FolderDisk(folder);
  return new FileRecordingStore({
    ...parts,
    disk,
    keys: await composeRecordingKeys(config),
    uploader: await composeUploader(config, disk),
    deleteUploaded: s3?.deleteLocal ?? false,
    format,
    queueMs: queueSeconds * 1000,
    keepDays,
  });
}

/** The keys alone, for whoever opens recordings. */
export async function composeRecordingKeys({
  recordings: { encryption },
  aws,
}: Pick<Config, "recordings" | "aws">): Promise<RecordingKeys> {
  const { keys, kmsKeyId } = encryption;
  let service: KeyService | undefined;
  if (kmsKeyId !== undefined) {
    const { KmsKeys } = await import("../recordings/kms-keys.ts");
    service = new KmsKeys(awsAccess(aws), kmsKeyId);
  }
  return new RecordingKeys(keys, service);
}

async function composeUploader(
  { recordings: { s3 }, aws }: Config,
  disk: FolderDisk,
): Promise<RecordingUploader | undefined> {
  if (s3 === undefined) {
    return undefined;
  }
  const { S3Uploader } = await import("../recordings/s3-uploader.ts");
  return new S3Uploader({ access: awsAccess(aws), disk, ...s3 });
}
