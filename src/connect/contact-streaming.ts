/** Has Amazon Connect send the messages of a chat to a topic of SNS, and stops that. */
import {
  ConnectClient,
  DescribeContactCommand,
  StartContactStreamingCommand,
  StopContactStreamingCommand,
} from "@aws-sdk/client-connect";
import { type AwsAccess, awsClientOptions } from "../core/aws-access.ts";
import { awsErrorName, awsFailure } from "../core/aws-failure.ts";
import { after, type Clock } from "../core/clock.ts";
import { GatewayError } from "../core/errors.ts";
import type { ChatStreaming } from "../ports/chat-streaming.ts";

/** Which instance, and where its messages go. */
export interface ContactStreamingOptions {
  readonly clock: Clock;
  readonly access: AwsAccess;
  readonly instanceId: string;
  /** ARN of the topic. */
  readonly topic: string;
}

const TIMEOUT_MS = 10_000;

/** What the errors of the service mean here. */
const REASONS: Readonly<Record<string, string>> = {
  ResourceNotFoundException: "the instance has no such contact, or no such streaming of it",
  InvalidRequestException:
    "Amazon Connect does not take the request: the chat is over, or the topic does not let Connect publish",
  InvalidParameterException: "Amazon Connect does not take the id of the contact or the topic",
  LimitExceededException: "the instance streams as many chats as its quota allows",
};

/** See the port. */
export class ContactStreaming implements ChatStreaming {
  readonly #options: ContactStreamingOptions;
  readonly #client: ConnectClient;
  /** Rises with each stop, so that a new start is not taken for the old one repeated. */
  #stops = 0;

  constructor(options: ContactStreamingOptions) {
    this.#options = options;
    // With its token a request may be sent again.
    this.#client = new ConnectClient({ ...awsClientOptions(options.access), maxAttempts: 3 });
  }

  async start(contactId: string): Promise<string> {
    const { instanceId, topic } = this.#options;
    return await this.#inTime(async (abortSignal) => {
      await this.#refuseOtherChannels(contactId, abortSignal);
      const command = new StartContactStreamingCommand({
        InstanceId: instanceId,
        ContactId: contactId,
        ChatStreamingConfiguration: { StreamingEndpointArn: topic },
        ClientToken: `trunkline-${contactId}-${this.#stops}`,
      });
      const { StreamingId } = await this.#client.send(command, { abortSignal });
      return StreamingId ?? "";
    });
  }

  async stop(contactId: string, streamingId: string): Promise<void> {
    const { instanceId } = this.#options;
    await this.#inTime(async (abortSignal) => {
      const command = new StopContactStreamingCommand({
        InstanceId: instanceId,
        ContactId: contactId,
        StreamingId: streamingId,
      });
      await this.#client.send(command, { abortSignal });
      this.#stops += 1;
    });
  }

  /** Connections are released; what is being asked fails. */
  close(): void {
    this.#client.destroy();
  }

  /** The service would refuse them, too, but not say why; who may not look has it refuse. */
  async #refuseOtherChannels(contactId: string, abortSignal: AbortSignal): Promise<void> {
    const command = new DescribeContactCommand({
      InstanceId: this.#options.instanceId,
      ContactId: contactId,
    });
    let channel: string | undefined;
    try {
      channel = (await this.#client.send(command, { abortSignal })).Contact?.Channel;
    } catch (error) {
      if (awsErrorName(error) !== "AccessDeniedException") {
        throw error;
      }
    }
    if (channel !== undefined && channel !== "CHAT") {
      const reason =
        channel === "VOICE"
          ? "the contact is a call: follow it with contactLens"
          : "the contact is no chat";
      throw new GatewayError("CONTACT_NOT_CHAT", { reason });
    }
  }

  async #inTime<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const ending = new AbortController();
    const timer = after(this.#options.clock, TIMEOUT_MS, () => ending.abort());
    try {
      return await run(ending.signal);
    } catch (error) {
      if (error instanceof GatewayError) {
        throw error;
      }
      const reason = ending.signal.aborted ? "no answer in time" : reasonOf(error);
      throw new GatewayError("CONTACT_STREAMING_FAILED", { reason }, { cause: error });
    } finally {
      timer.cancel();
    }
  }
}

function reasonOf(error: unknown): string {
  const known = REASONS[awsErrorName(error)];
  if (known !== undefined) {
    return known;
  }
  switch (awsFailure(error)) {
    case "refused":
      return "the keys of aws are not let in, or lack connect:StartContactStreaming and connect:DescribeContact";
    case "rateLimited":
      return "Amazon Connect was asked too often";
    case "unreachable":
      return "Amazon Connect cannot be reached";
    case "status":
      return "Amazon Connect failed";
  }
}
