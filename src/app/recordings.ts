/** The folder of recordings, for commands: what lies there, and what is in a file that is encrypted. */
import { basename, dirname } from "node:path";
import { GatewayError } from "../core/errors.ts";
import { type DecryptedRecording, decryptRecording } from "../recordings/decrypt-recording.ts";
import { type DiskFile, FolderDisk } from "../recordings/recording-disk.ts";
import {
  type RecordingSidecar,
  readSidecar,
  SIDECAR_ENDING,
} from "../recordings/recording-sidecar.ts";
import { composeRecordingKeys } from "./compose-recordings.ts";
import type { Config } from "./config.ts";
import { readFailureText } from "./files.ts";

/** A recording, as its sidecar tells of it. */
export type KnownRecording = RecordingSidecar;

/** Oldest first. */
export async function listRecordings(folder: string): Promise<readonly KnownRecording[]> {
  const disk = new FolderDisk(folder);
  const found: KnownRecording[] = [];
  for (const path of await disk.list()) {
    const sidecar = path.endsWith(SIDECAR_ENDING) ? await readSidecar(disk, path) : undefined;
    if (sidecar !== undefined) {
      found.push(sidecar);
    }
  }
  return found.sort((one, other) => one.startedAtMs - other.startedAtMs);
}

/** Writes a WAV file that was not there; it is there when all of it was checked. Rejects with RECORDING_*. */
export async function decryptToWav(
  config: Pick<Config, "recordings" | "aws">,
  file: string,
  out: string,
): Promise<DecryptedRecording> {
  const input = await opened(file);
  const disk = new FolderDisk(dirname(out));
  const name = basename(out);
  const keys = await composeRecordingKeys(config);
  try {
    if ((await disk.find(name)) !== undefined) {
      throw new Error(`${out} is there already`);
    }
    const part = `${name}.part`;
    await disk.remove(part);
    const output = await disk.create(part);
    try {
      const decrypted = await decryptRecording(input, output, keys);
      await output.sync();
      await disk.rename(part, name);
      return decrypted;
    } finally {
      await output.close();
      await disk.remove(part);
    }
  } finally {
    keys.close();
    await input.close();
  }
}

async function opened(file: string): Promise<DiskFile> {
  try {
    return await new FolderDisk(dirname(file)).open(basename(file), "read");
  } catch (error) {
    const reason = `${file} ${readFailureText(error)}`;
    throw new GatewayError("RECORDING_DAMAGED", { reason }, { cause: error });
  }
}
