/** The port to audio that comes as PCM over a socket of somebody's own, in place of RTP. */
import type { SampleRateHz } from "../audio/frame.ts";

/** Hears what the call says: 20 ms at a time, in real time, silence included. */
export interface PcmOutput {
  readonly rateHz: SampleRateHz;
  /**
   * The first `sampleCount` samples, mono; borrowed for the duration of the call.
   * @param isSpeech false: nothing is being said.
   */
  onAudio(samples: Int16Array, sampleCount: number, isSpeech: boolean): void;
}

/** One stream of a line, as its owner wants it. */
export interface PcmStreamPlan {
  /** Names the stream within its line: letters, digits, `_` and `-`, 64 at most. */
  readonly label: string;
  readonly inputRateHz: SampleRateHz;
  /** Audio that may wait to be heard; milliseconds. */
  readonly bufferMs: number;
  /**
   * `live`: comes in real time; what is more than fits is dropped, the oldest first.
   * `stored`: may come at any speed; whoever pushes waits for room, and what is behind is heard at twice the speed.
   */
  readonly pace: "live" | "stored";
  /** `undefined`: nobody hears what the call says. */
  readonly output: PcmOutput | undefined;
  /** Hears of audio that was left out, as it happens. */
  readonly onDropped?: (ms: number) => void;
}

/** One stream of a line. After `close` of the line it takes nothing. */
export interface PcmStream {
  readonly label: string;
  /** Stands for the stream where a port is wanted. */
  readonly port: number;
  /** Takes s16le, mono, at the stream's rate; a sample may be cut in two. Never throws or blocks. */
  push(bytes: Uint8Array): void;
  /** Resolves when no more than `ms` of audio waits, or the line is closed. */
  whenBelow(ms: number): Promise<void>;
}

/** The audio of one call that has no RTP. Its owner closes it when the call has ended. */
export interface PcmLine {
  /** Stands for the line where an address is wanted; reaches nothing. */
  readonly address: string;
  readonly streams: readonly PcmStream[];
  close(): void;
  toJSON(): Readonly<Record<string, unknown>>;
}

/** Makes lines whose audio the engine takes as that of any call. */
export interface PcmExchange {
  openLine(plans: readonly PcmStreamPlan[]): PcmLine;
}
