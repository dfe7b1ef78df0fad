/** One connection with a service that writes down what it hears, and what it is fed, whichever service it is. */
import type { Sentiment } from "../ports/assist-events.ts";
import type { ModelFailure, ModelUsage } from "../ports/realtime-model.ts";

/** A piece of audio on the timeline of a call, which begins with the transcription. */
export interface AudioFrame {
  /** Milliseconds. */
  readonly startMs: number;
  readonly durationMs: number;
  /** As the service takes it; channels interleaved. */
  readonly bytes: Buffer;
  /** Nobody speaks in it. */
  readonly quiet: boolean;
}

/** Makes frames of what was heard, without a gap. */
export interface FrameSource {
  /** The next frame, or `undefined`: it is not complete yet. */
  pull(nowUs: number): AudioFrame | undefined;
  toJSON(): Readonly<Record<string, unknown>>;
}

/** Something that was said. Times are milliseconds of the audio that this connection was sent. */
export interface HeardUtterance {
  /** From 0, in the order of the audio. */
  readonly channel: number;
  /** The same for all versions, of this connection. */
  readonly id: string;
  readonly text: string;
  readonly final: boolean;
  readonly startMs: number;
  readonly endMs: number;
  readonly sentiment?: Sentiment | undefined;
  /** Words of it that name a problem. */
  readonly issues?: readonly string[] | undefined;
}

/** Our side of a connection; no method throws or waits. */
export interface Transcriber {
  /** What was sent and not yet taken by the connection. */
  readonly bufferedBytes: number;
  /** One frame; kept by the connection. */
  send(bytes: Buffer): void;
  /** No more audio comes: the service may finish what it is at. */
  end(): void;
  /** Cuts the connection. */
  abort(): void;
}

/** Hears of a connection, never synchronously from within a call to it or its factory. */
export interface TranscriberListener {
  /** The service takes audio. */
  onOpen(): void;
  onUtterance(utterance: HeardUtterance): void;
  /** The conversation fits a category of this name. */
  onCategory(name: string): void;
  onUsage(usage: ModelUsage): void;
  /** The service will end the connection in `remainingMs`. */
  onExpiring(remainingMs: number): void;
  /** The connection is over, also after `end`; nothing follows. */
  onFailed(failure: ModelFailure): void;
}

/** Opens a connection. */
export type TranscriberFactory = (listener: TranscriberListener) => Transcriber;
