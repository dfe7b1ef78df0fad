/** What lies beside a recording: a JSON file that says what it is, without a word or a number of who is in it. */
import { z } from "zod";
import type { RecordingDisk } from "./recording-disk.ts";

const MS = z.number().nonnegative();

const SIDECAR = z.object({
  version: z.literal(1),
  recordingId: z.string().regex(/^[A-Za-z0-9-]{1,128}$/),
  callId: z.string(),
  flow: z.string(),
  /** `recording`: it is being written, or was when the process ended. */
  state: z.enum(["recording", "finished"]),
  /** Path within the folder, when it is finished. */
  file: z.string(),
  startedAtMs: z.number(),
  durationMs: MS,
  format: z.enum(["pcm16", "mulaw"]),
  channels: z.object({ left: z.string(), right: z.string() }),
  paused: z.array(z.object({ fromMs: MS, toMs: MS, by: z.enum(["operator", "client"]) })),
  droppedMs: MS,
  keyId: z.string().optional(),
  bytes: z.number().optional(),
  sha256: z.string().optional(),
  /** The process that recorded was killed; the end is missing, and pauses and drops may be. */
  recovered: z.boolean().optional(),
  upload: z
    .object({ state: z.enum(["pending", "done"]), uri: z.string(), atMs: z.number().optional() })
    .optional(),
});

/** All that is known of a recording without the call store. */
export type RecordingSidecar = Readonly<z.output<typeof SIDECAR>>;

/** Behind the name of a recording. */
export const SIDECAR_ENDING = ".json";
/** Behind the file of a recording that is not finished. */
export const PART_ENDING = ".part";

/** Names of a recording's files, within a folder for each day in UTC. */
export function recordingPaths(recordingId: string, startedAtMs: number, isSealed: boolean) {
  const day = new Date(startedAtMs).toISOString().slice(0, 10);
  const stem = `${day}/${recordingId}`;
  const file = `${stem}.wav${isSealed ? ".enc" : ""}`;
  return { file, part: `${file}${PART_ENDING}`, sidecar: `${stem}${SIDECAR_ENDING}` };
}

/** Path of the sidecar of a recording's file. */
export function sidecarOf(file: string): string {
  return file.replace(/\.wav(?:\.enc)?$/, SIDECAR_ENDING);
}

/** Writes it whole or not at all. */
export async function writeSidecar(disk: RecordingDisk, sidecar: RecordingSidecar): Promise<void> {
  await disk.writeText(sidecarOf(sidecar.file), `${JSON.stringify(sidecar, undefined, 2)}\n`);
}

/** `undefined`: it is no sidecar of ours. */
export async function readSidecar(
  disk: RecordingDisk,
  path: string,
): Promise<RecordingSidecar | undefined> {
  try {
    const result = SIDECAR.safeParse(JSON.parse(await disk.readText(path)));
    return result.success && sidecarOf(result.data.file) === path ? result.data : undefined;
  } catch {
    return undefined;
  }
}
