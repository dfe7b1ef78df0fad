/** What the API says of the recording of a call. */
import { z } from "zod";
import type { CallRecord } from "../ports/call-store.ts";
import { iso, isoOrNull, TIME } from "./view-times.ts";

const CONSENT = z.object({
  state: z
    .enum(["assumed", "announced", "missing", "given", "refused"])
    .describe("assumed and announced: the flow says so. missing: nothing is kept."),
  by: z.enum(["flow", "client", "caller", "operator"]),
  at: TIME.nullable(),
});

const RECORDING = z.object({
  state: z
    .enum(["recording", "paused", "finished", "unfinished"])
    .describe("unfinished: the disk did not take the end; the next start finishes the file."),
  file: z.string().describe("Within the folder of recordings."),
  uri: z.string().nullable().describe("Where it is uploaded to."),
  start: TIME,
  durationMs: z.number(),
  format: z.enum(["pcm16", "mulaw"]),
  paused: z
    .array(z.object({ fromMs: z.number(), toMs: z.number(), by: z.enum(["operator", "client"]) }))
    .describe("Silence of the same length is in the file."),
  droppedMs: z.number().describe("Silence in place of audio that could not be written in time."),
  keyId: z.string().nullable().describe("Name of the key that encrypts it."),
  sha256: z.string().nullable().describe("Of the file."),
});

/** Members of every call that has more than a summary. */
export const RECORDED = {
  consent: CONSENT.optional().describe("To the recording; absent: the flow does not record."),
  recording: RECORDING.optional().describe("Absent: nothing was recorded."),
};

/** In the shape of {@link RECORDED}. */
export function viewRecorded({ consent, recording }: Pick<CallRecord, "consent" | "recording">) {
  return {
    ...(consent === undefined
      ? {}
      : { consent: { state: consent.state, by: consent.by, at: isoOrNull(consent.atMs) } }),
    ...(recording === undefined ? {} : { recording: viewRecording(recording) }),
  };
}

function viewRecording(recording: NonNullable<CallRecord["recording"]>) {
  const { startedAtMs, uri, keyId, sha256, paused, ...rest } = recording;
  return {
    ...rest,
    start: iso(startedAtMs),
    uri: uri ?? null,
    paused: paused.map((span) => ({ ...span })),
    keyId: keyId ?? null,
    sha256: sha256 ?? null,
  };
}
