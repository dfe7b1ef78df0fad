/** Amazon Connect as the publisher of flows sees it: read as a whole, changed one thing at a time, at the service's rate. */
import {
  AssociateApprovedOriginCommand,
  AssociateInstanceStorageConfigCommand,
  AssociateLambdaFunctionCommand,
  AssociatePhoneNumberContactFlowCommand,
  ConnectClient,
  type ContactFlowType,
  CreateContactFlowCommand,
  CreateIntegrationAssociationCommand,
  type InstanceStorageConfig,
  UpdateContactFlowContentCommand,
  UpdateInstanceStorageConfigCommand,
  UpdateQueueOutboundCallerConfigCommand,
} from "@aws-sdk/client-connect";
import { type AwsAccess, awsClientOptions } from "../core/aws-access.ts";
import { GatewayError } from "../core/errors.ts";
import { FLOW_TAG } from "./connect-instance.ts";
import type { ConnectWish, WishedFlow } from "./connect-wish.ts";
import type { PacedCalls } from "./paced-calls.ts";

/** Which instance, and how it is asked. */
export interface ConnectAccountOptions {
  readonly client: ConnectClient;
  readonly calls: PacedCalls;
  readonly instanceId: string;
}

const CONNECTION_LIMIT_MS = 5000;
const REQUEST_LIMIT_MS = 20_000;

/** A client that repeats nothing by itself: that is decided where it is known what a repetition means. */
export function connectClient(access: AwsAccess): ConnectClient {
  return new ConnectClient({
    ...awsClientOptions(access),
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: CONNECTION_LIMIT_MS,
      requestTimeout: REQUEST_LIMIT_MS,
      throwOnRequestTimeout: true,
    },
  });
}

/** Saved, and not checked by the service, until its real content is published. */
const EMPTY_FLOW = JSON.stringify({
  Version: "2019-10-30",
  StartAction: "end",
  Metadata: {},
  Actions: [{ Identifier: "end", Type: "EndFlowExecution", Parameters: {}, Transitions: {} }],
});

/** Every method may be repeated without harm. @throws GatewayError PROVISION_REFUSED, PROVISION_UNREACHABLE, FLOW_REFUSED. */
export class ConnectAccount {
  readonly #options: ConnectAccountOptions;

  constructor(options: ConnectAccountOptions) {
    this.#options = options;
  }

  /** There, under its name and ours by its tag, but without content; whoever refers to it can. */
  async createFlow(flow: WishedFlow, alreadyThere: () => Promise<boolean>): Promise<void> {
    const { client, calls, instanceId: InstanceId } = this.#options;
    const input = {
      InstanceId,
      Name: flow.name,
      Type: flow.type as ContactFlowType,
      Content: EMPTY_FLOW,
      Status: "SAVED" as const,
      Tags: { [FLOW_TAG]: flow.key },
      ...(flow.description === undefined ? {} : { Description: flow.description }),
    };
    await calls.call<unknown>(
      "CreateContactFlow",
      () => client.send(new CreateContactFlowCommand(input)),
      { alreadyDone: async () => ((await alreadyThere()) ? true : undefined) },
    );
  }

  /** @throws GatewayError FLOW_REFUSED with what the service says of the content. */
  async publishFlow(flowId: string, content: string): Promise<void> {
    const { client, calls, instanceId: InstanceId } = this.#options;
    const input = { InstanceId, ContactFlowId: flowId, Content: content };
    await calls.call("UpdateContactFlowContent", async () => {
      try {
        return await client.send(new UpdateContactFlowContentCommand(input));
      } catch (error) {
        throw refusedContent(error) ?? error;
      }
    });
  }

  async associateConnector(arn: string, alreadyThere: () => Promise<boolean>): Promise<void> {
    const { client, calls, instanceId: InstanceId } = this.#options;
    const input = {
      InstanceId,
      IntegrationType: "CALL_TRANSFER_CONNECTOR" as const,
      IntegrationArn: arn,
    };
    await calls.call<unknown>(
      "CreateIntegrationAssociation",
      () => client.send(new CreateIntegrationAssociationCommand(input)),
      { alreadyDone: async () => ((await alreadyThere()) ? true : undefined) },
    );
  }

  async allowLambda(arn: string): Promise<void> {
    const { client, calls, instanceId: InstanceId } = this.#options;
    await calls.call("AssociateLambdaFunction", () =>
      client.send(new AssociateLambdaFunctionCommand({ InstanceId, FunctionArn: arn })),
    );
  }

  async approveOrigin(origin: string): Promise<void> {
    const { client, calls, instanceId: InstanceId } = this.#options;
    await calls.call("AssociateApprovedOrigin", () =>
      client.send(new AssociateApprovedOriginCommand({ InstanceId, Origin: origin })),
    );
  }

  async storeStreams(
    wish: NonNullable<ConnectWish["mediaStreams"]>,
    associationId: string | undefined,
    alreadyThere: () => Promise<boolean>,
  ): Promise<void> {
    const { client, calls, instanceId: InstanceId } = this.#options;
    const storage = {
      InstanceId,
      ResourceType: "MEDIA_STREAMS" as const,
      StorageConfig: {
        StorageType: "KINESIS_VIDEO_STREAM",
        KinesisVideoStreamConfig: {
          Prefix: wish.prefix,
          RetentionPeriodHours: wish.retentionHours,
          EncryptionConfig: { EncryptionType: "KMS", KeyId: wish.keyArn },
        },
      } satisfies InstanceStorageConfig,
    };
    await (associationId === undefined
      ? calls.call<unknown>(
          "AssociateInstanceStorageConfig",
          () => client.send(new AssociateInstanceStorageConfigCommand(storage)),
          { alreadyDone: async () => ((await alreadyThere()) ? true : undefined) },
        )
      : calls.call("UpdateInstanceStorageConfig", () =>
          client.send(
            new UpdateInstanceStorageConfigCommand({ ...storage, AssociationId: associationId }),
          ),
        ));
  }

  async setCallerId(
    queueId: string,
    caller: {
      readonly numberId: string;
      readonly name?: string | undefined;
      readonly flowId?: string | undefined;
    },
  ): Promise<void> {
    const { client, calls, instanceId: InstanceId } = this.#options;
    const OutboundCallerConfig = {
      OutboundCallerIdNumberId: caller.numberId,
      ...(caller.name === undefined ? {} : { OutboundCallerIdName: caller.name }),
      ...(caller.flowId === undefined ? {} : { OutboundFlowId: caller.flowId }),
    };
    const input = { InstanceId, QueueId: queueId, OutboundCallerConfig };
    await calls.call("UpdateQueueOutboundCallerConfig", () =>
      client.send(new UpdateQueueOutboundCallerConfigCommand(input)),
    );
  }

  async attachNumber(numberId: string, flowId: string): Promise<void> {
    const { client, calls, instanceId: InstanceId } = this.#options;
    const input = { InstanceId, PhoneNumberId: numberId, ContactFlowId: flowId };
    await calls.call("AssociatePhoneNumberContactFlow", () =>
      client.send(new AssociatePhoneNumberContactFlowCommand(input)),
    );
  }
}

/** The service's own list of what is wrong with a flow. */
function refusedContent(error: unknown): GatewayError | undefined {
  const { name, problems = [] } = error as {
    readonly name?: unknown;
    readonly problems?: readonly { readonly message?: string }[];
  };
  if (name !== "InvalidContactFlowException") {
    return undefined;
  }
  const messages = problems.map(({ message }) => message ?? "no reason given");
  return new GatewayError("FLOW_REFUSED", { problems: messages }, { cause: error });
}
