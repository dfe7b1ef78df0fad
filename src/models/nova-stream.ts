/** One bidirectional stream with Bedrock, as a session sees it, so that sessions can be tried without a network. */
import type { AwsStreamError } from "./aws-duplex.ts";

/** How a stream failed. */
export interface NovaStreamError extends AwsStreamError {
  /** What a message of the service is known to mean, where its name says too little. */
  readonly cause: NovaErrorCause | undefined;
}

/** Meanings of exceptions that share the name `ValidationException`. */
export type NovaErrorCause = "noAudio" | "historyTooLong" | "historyLate" | "toolResult" | "broken";

/** Our side of the stream. */
export interface NovaStream {
  /** What was sent and not yet taken by the connection. */
  readonly bufferedBytes: number;
  /** Sends one event; never waits. */
  send(event: Buffer): void;
  /** Nothing more is sent; what was, goes out. */
  end(): void;
  /** Cuts the connection. */
  abort(): void;
}

/** Hears of the stream, never synchronously from within a call to it; nothing after `onEnded` or `onError`. */
export interface NovaStreamListener {
  /** The service accepted the request. */
  onOpen(): void;
  /** One event: JSON in UTF-8. */
  onEvent(bytes: Uint8Array): void;
  /** The far side ended; a connection that breaks looks the same. */
  onEnded(): void;
  onError(error: NovaStreamError): void;
}

/** Opens a stream; events can be sent at once. */
export type NovaStreamFactory = (listener: NovaStreamListener) => NovaStream;
