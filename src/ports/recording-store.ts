/** The port to recordings: two channels of a conversation in a file, kept by the wall clock and never waited for. */
import type { CallId } from "../core/ids.ts";

/** Left: the customer, or the caller. Right: whoever helps them. */
export type RecordingChannel = "left" | "right";

/** Who may stop and go on: each on their own, and audio is kept while nobody has it paused. */
export type RecordingPauser = "operator" | "client";

/** Where one stream's audio goes; called synchronously by the engine, in microseconds. */
export interface RecordingSource {
  /** 8 kHz PCM16, borrowed; placed by the time of the call. */
  onFrame(frame: Int16Array, sampleCount: number): void;
  /** Nothing follows. */
  close(): void;
}

/** What the engine knows of recordings. */
export interface RecordingInputs {
  /** `undefined`: there is no such recording, or it is over. Streams of one channel are mixed. */
  openSource(recordingId: string, channel: RecordingChannel): RecordingSource | undefined;
}

/** What is to be recorded. */
export interface RecordingPlan {
  /** Names the file: letters, digits and hyphens. */
  readonly recordingId: string;
  readonly callId: CallId;
  readonly flow: string;
  /** Who is on which side, for whoever finds the file. */
  readonly channels: Readonly<Record<RecordingChannel, string>>;
}

/** Hears of trouble; called synchronously. */
export interface RecordingListener {
  /** Audio cannot be written (`ok` is false) or can again. Each is told once. */
  onTrouble(ok: boolean): void;
}

/** A time in which nothing was kept: silence of the same length is in the file. Milliseconds from its start. */
export interface PausedSpan {
  readonly fromMs: number;
  readonly toMs: number;
  readonly by: RecordingPauser;
}

/** What is known of a recording. */
export interface RecordingSummary {
  /** `unfinished`: its audio could not be written to the end; it is finished at the next start. */
  readonly state: "recording" | "paused" | "finished" | "unfinished";
  /** Within the folder of recordings. */
  readonly file: string;
  /** Where it is uploaded to; `undefined`: nowhere. */
  readonly uri: string | undefined;
  /** Wall milliseconds. */
  readonly startedAtMs: number;
  readonly durationMs: number;
  readonly format: "pcm16" | "mulaw";
  readonly paused: readonly PausedSpan[];
  /** Silence in place of audio that could not be written in time, over both channels. */
  readonly droppedMs: number;
  /** Name of the key that encrypts it; `undefined`: it is not encrypted. */
  readonly keyId: string | undefined;
  /** Of the file as it lies there, hexadecimal; `undefined` until it is finished. */
  readonly sha256: string | undefined;
}

/** A recording in progress. */
export interface Recording {
  readonly summary: RecordingSummary;
  pause(by: RecordingPauser): void;
  resume(by: RecordingPauser): void;
  /** Idempotent; never rejects; resolves when the file is whole, or given up for now. */
  finish(): Promise<RecordingSummary>;
}

/**
 * The store of recordings.
 *
 * - Nothing it does MUST ever make its callers wait, but `finish`, `start` and `close`.
 * - Audio MUST lie at its time since the start, whatever was lost, held or late before.
 */
export interface RecordingStore extends RecordingInputs {
  /** Finishes what an earlier process left unfinished, and looks for uploads that are due. Never rejects. */
  start(): Promise<void>;
  open(plan: RecordingPlan, listener: RecordingListener): Recording;
  /** Finishes all that is open. */
  close(): Promise<void>;
  toJSON(): Readonly<Record<string, unknown>>;
}
