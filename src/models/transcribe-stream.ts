/** One stream with Amazon Transcribe, as a connection sees it, so that transcriptions can be tried without a network. */
import type { AwsDuplexListener, AwsStreamError } from "./aws-duplex.ts";

/** Who is on the channels, in their order; the service knows these two. */
export type ChannelRoles = readonly ["customer", "agent"];

/** What differs from stream to stream; all else is the model's. */
export interface TranscribeRequest {
  readonly channels: 1 | 2;
  /** Asks Call Analytics, which has to be told who is who. */
  readonly roles: ChannelRoles | undefined;
  /** Of the transcription, also when it is gone on with over another stream: a UUID. */
  readonly sessionId: string;
}

/** Our side of the stream: PCM16 at 8 kHz, channels interleaved. */
export interface TranscribeStream {
  readonly bufferedBytes: number;
  send(bytes: Buffer): void;
  end(): void;
  abort(): void;
}

/** Hears events as the client of AWS read them, unchecked. */
export interface TranscribeStreamListener extends Omit<AwsDuplexListener<unknown>, "onError"> {
  onError(error: AwsStreamError): void;
}

/** Opens a stream; audio can be sent at once. */
export type TranscribeStreamFactory = (
  request: TranscribeRequest,
  listener: TranscribeStreamListener,
) => TranscribeStream;
