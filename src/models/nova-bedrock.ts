/** Streams with Amazon Bedrock over HTTP/2, by its own client. */
import {
  BedrockRuntimeClient,
  InvokeModelWithBidirectionalStreamCommand,
  type InvokeModelWithBidirectionalStreamInput,
  type InvokeModelWithBidirectionalStreamOutput,
} from "@aws-sdk/client-bedrock-runtime";
import { type AwsAccess, awsClientOptions } from "../core/aws-access.ts";
import { AwsDuplex, readAwsError } from "./aws-duplex.ts";
import type {
  NovaErrorCause,
  NovaStream,
  NovaStreamError,
  NovaStreamFactory,
  NovaStreamListener,
} from "./nova-stream.ts";

/** A client that is sent no request twice and writes no log of its own. */
export function createBedrockClient(access: AwsAccess): BedrockRuntimeClient {
  return new BedrockRuntimeClient({
    ...awsClientOptions(access),
    // A failed stream cannot be sent again: who takes over is the engine's decision.
    maxAttempts: 1,
    // The service takes no API keys for bidirectional streams, even where the environment has one.
    authSchemePreference: ["aws.auth#sigv4"],
  });
}

/** A factory for one model. The client looks for the machine's credentials when the first stream is opened. */
export function createBedrockStreams(address: AwsAccess, modelId: string): NovaStreamFactory {
  const client = createBedrockClient(address);
  return (listener) => openStream(client, modelId, listener);
}

function openStream(
  client: BedrockRuntimeClient,
  modelId: string,
  listener: NovaStreamListener,
): NovaStream {
  return new AwsDuplex<
    InvokeModelWithBidirectionalStreamInput,
    InvokeModelWithBidirectionalStreamOutput
  >({
    listener: {
      onOpen: () => listener.onOpen(),
      onEvent: ({ chunk }) => {
        if (chunk?.bytes !== undefined) {
          listener.onEvent(chunk.bytes);
        }
      },
      onEnded: () => listener.onEnded(),
      onError: (error) => listener.onError(toStreamError(error)),
    },
    wrap: (bytes) => ({ chunk: { bytes } }),
    exchange: async (requestBody, abortSignal, onStatus) => {
      const command = new InvokeModelWithBidirectionalStreamCommand({ modelId, body: requestBody });
      command.middlewareStack.add(
        (next) => async (request) => {
          const result = await next(request);
          onStatus(result.response);
          return result;
        },
        { step: "deserialize", priority: "low", name: "trunklineResponseHeaders" },
      );
      const { body } = await client.send(command, { abortSignal });
      return body;
    },
  });
}

/** The service names these only in its messages. */
const CAUSES: readonly (readonly [RegExp, NovaErrorCause])[] = [
  [/timed out waiting for (?:audio|input|interactive)/i, "noAudio"],
  [/chat history is over/i, "historyTooLong"],
  [/chat history should be/i, "historyLate"],
  [/tool response parsing/i, "toolResult"],
  [/RST_STREAM|system instability/i, "broken"],
];

function toStreamError(error: unknown): NovaStreamError {
  const { message, ...known } = readAwsError(error);
  return { ...known, cause: CAUSES.find(([pattern]) => pattern.test(message))?.[1] };
}
