/** Where the media of a stream comes from: Kinesis Video Streams, or what stands for it in a test. */

/** Where to begin. */
export type StreamPosition =
  | { readonly kind: "now" }
  | { readonly kind: "earliest" }
  | { readonly kind: "afterFragment"; readonly fragmentNumber: string }
  | { readonly kind: "continue"; readonly token: string };

/** Reads streams. */
export interface MediaSource {
  /** Rejects with STREAM_UNREACHABLE (details.reason `throttled` or `cut`) or STREAM_REFUSED; ends where the service ends it. */
  read(streamArn: string, position: StreamPosition, signal: AbortSignal): AsyncIterable<Uint8Array>;
}
