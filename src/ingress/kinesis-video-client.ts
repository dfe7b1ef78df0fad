/** Kinesis Video Streams as we read it: an endpoint for each stream, and its media as bytes. */
import {
  GetDataEndpointCommand,
  KinesisVideoClient,
  KinesisVideoServiceException,
} from "@aws-sdk/client-kinesis-video";
import {
  GetMediaCommand,
  KinesisVideoMediaClient,
  KinesisVideoMediaServiceException,
  type StartSelector,
} from "@aws-sdk/client-kinesis-video-media";
import { type AwsAccess, awsClientOptions } from "../core/aws-access.ts";
import { GatewayError } from "../core/errors.ts";
import type { MediaSource, StreamPosition } from "./media-source.ts";

const THROTTLED: ReadonlySet<string> = new Set([
  "ClientLimitExceededException",
  "ConnectionLimitExceededException",
  "ThrottlingException",
  "TooManyRequestsException",
]);
const REFUSED: ReadonlySet<string> = new Set([
  "AccessDeniedException",
  "CredentialsProviderError",
  "ExpiredTokenException",
  "InvalidArgumentException",
  "InvalidEndpointException",
  "InvalidSignatureException",
  "NotAuthorizedException",
  "ResourceNotFoundException",
  "UnrecognizedClientException",
]);

/** Opens streams of one region; no connection is kept. */
export class KinesisVideo implements MediaSource {
  readonly #access: AwsAccess;

  constructor(access: AwsAccess) {
    this.#access = access;
  }

  async *read(
    streamArn: string,
    position: StreamPosition,
    signal: AbortSignal,
  ): AsyncIterable<Uint8Array> {
    const options = { ...awsClientOptions(this.#access), maxAttempts: 1 };
    const control = new KinesisVideoClient(options);
    let media: KinesisVideoMediaClient | undefined;
    try {
      const endpoint = new GetDataEndpointCommand({ APIName: "GET_MEDIA", StreamARN: streamArn });
      const { DataEndpoint } = await control.send(endpoint, { abortSignal: signal });
      if (DataEndpoint === undefined) {
        throw new GatewayError("STREAM_UNREACHABLE", { reason: "noEndpoint" });
      }
      media = new KinesisVideoMediaClient({ ...options, endpoint: DataEndpoint });
      const command = new GetMediaCommand({
        StreamARN: streamArn,
        StartSelector: selectorOf(position),
      });
      const { Payload } = await media.send(command, { abortSignal: signal });
      if (Payload !== undefined) {
        yield* Payload as AsyncIterable<Uint8Array>;
      }
    } catch (error) {
      throw ours(error);
    } finally {
      control.destroy();
      media?.destroy();
    }
  }
}

function selectorOf(position: StreamPosition): StartSelector {
  switch (position.kind) {
    case "now":
      return { StartSelectorType: "NOW" };
    case "earliest":
      return { StartSelectorType: "EARLIEST" };
    case "afterFragment":
      return { StartSelectorType: "FRAGMENT_NUMBER", AfterFragmentNumber: position.fragmentNumber };
    case "continue":
      return { StartSelectorType: "CONTINUATION_TOKEN", ContinuationToken: position.token };
  }
}

/** Names of errors alone: messages hold account numbers and keys' ids. */
function ours(error: unknown): unknown {
  if (error instanceof GatewayError) {
    return error;
  }
  const name = error instanceof Error ? error.name : "unknown";
  const isService =
    error instanceof KinesisVideoServiceException ||
    error instanceof KinesisVideoMediaServiceException;
  if (REFUSED.has(name)) {
    return new GatewayError("STREAM_REFUSED", { reason: name }, { cause: error });
  }
  const reason = THROTTLED.has(name) ? "throttled" : isService ? name : "cut";
  return new GatewayError("STREAM_UNREACHABLE", { reason }, { cause: error });
}
