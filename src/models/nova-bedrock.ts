/** Streams with Amazon Bedrock over HTTP/2, by its own client. */
import {
  BedrockRuntimeClient,
  InvokeModelWithBidirectionalStreamCommand,
  type InvokeModelWithBidirectionalStreamInput,
} from "@aws-sdk/client-bedrock-runtime";
import { type AwsAccess, awsClientOptions } from "../core/aws-access.ts";
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
  return (listener) => new BedrockStream(client, modelId, listener);
}

class BedrockStream implements NovaStream {
  bufferedBytes = 0;
  readonly #listener: NovaStreamListener;
  readonly #abort = new AbortController();
  readonly #queue: Buffer[] = [];
  #wake: (() => void) | undefined;
  #ended = false;
  #over = false;

  constructor(client: BedrockRuntimeClient, modelId: string, listener: NovaStreamListener) {
    this.#listener = listener;
    void this.#run(client, modelId);
  }

  send(event: Buffer): void {
    if (!this.#ended) {
      this.#queue.push(event);
      this.bufferedBytes += event.length;
      this.#wake?.();
    }
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  abort(): void {
    this.#over = true;
    this.#queue.length = 0;
    this.bufferedBytes = 0;
    this.end();
    this.#abort.abort();
  }

  /** Never rejects. `send` of the client answers with the first event only, so that the request goes on beside it. */
  async #run(client: BedrockRuntimeClient, modelId: string): Promise<void> {
    const command = new InvokeModelWithBidirectionalStreamCommand({ modelId, body: this.#body() });
    command.middlewareStack.add(
      (next) => async (request) => {
        const result = await next(request);
        this.#onHeaders(result.response);
        return result;
      },
      { step: "deserialize", priority: "low", name: "trunklineResponseHeaders" },
    );
    try {
      const { body } = await client.send(command, { abortSignal: this.#abort.signal });
      for await (const { chunk } of body ?? []) {
        if (this.#over) {
          return;
        }
        if (chunk?.bytes !== undefined) {
          this.#listener.onEvent(chunk.bytes);
        }
      }
      this.#finish(() => this.#listener.onEnded());
    } catch (error) {
      this.#finish(() => this.#listener.onError(toStreamError(error)));
    }
  }

  /** What is sent, as the client asks for it. */
  async *#body(): AsyncGenerator<InvokeModelWithBidirectionalStreamInput> {
    for (;;) {
      const bytes = this.#queue.shift();
      if (bytes !== undefined) {
        this.bufferedBytes -= bytes.length;
        yield { chunk: { bytes } };
      } else if (this.#ended) {
        return;
      } else {
        await new Promise<void>((wake) => {
          this.#wake = wake;
        });
      }
    }
  }

  #onHeaders(response: unknown): void {
    const { statusCode } = response as { readonly statusCode?: number };
    if (statusCode === 200 && !this.#over) {
      this.#listener.onOpen();
    }
  }

  #finish(tell: () => void): void {
    if (!this.#over) {
      this.#over = true;
      this.end();
      tell();
    }
  }
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
  const fields = (typeof error === "object" && error !== null ? error : {}) as {
    readonly name?: unknown;
    readonly message?: unknown;
    readonly code?: unknown;
    readonly $metadata?: { readonly httpStatusCode?: number };
  };
  const message = String(fields.message);
  return {
    name: String(fields.name),
    statusCode: fields.$metadata?.httpStatusCode,
    systemCode: typeof fields.code === "string" ? fields.code : undefined,
    cause: CAUSES.find(([pattern]) => pattern.test(message))?.[1],
  };
}
