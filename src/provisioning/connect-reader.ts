/** Reads an instance of Amazon Connect: what the plan compares, and no more. */
import {
  type ConnectClient,
  DescribeContactFlowCommand,
  DescribeQueueCommand,
  ListApprovedOriginsCommand,
  ListContactFlowsCommand,
  ListFlowAssociationsCommand,
  ListInstanceStorageConfigsCommand,
  ListIntegrationAssociationsCommand,
  ListLambdaFunctionsCommand,
  ListPhoneNumbersV2Command,
  ListQueuesCommand,
} from "@aws-sdk/client-connect";
import type {
  ConnectInstance,
  InstanceFlow,
  InstanceNumber,
  InstanceQueue,
  StreamStorage,
} from "./connect-instance.ts";
import type { ConnectWish, WishedFlow } from "./connect-wish.ts";
import type { PacedCalls } from "./paced-calls.ts";
import { allPages } from "./paced-lists.ts";

/** What is asked for. */
export interface ConnectReaderOptions {
  readonly client: ConnectClient;
  readonly calls: PacedCalls;
  readonly wish: ConnectWish;
  readonly flows: readonly WishedFlow[];
}

/** @throws GatewayError PROVISION_REFUSED, PROVISION_UNREACHABLE. */
export class ConnectReader {
  readonly #options: ConnectReaderOptions;

  constructor(options: ConnectReaderOptions) {
    this.#options = options;
  }

  async read(): Promise<ConnectInstance> {
    const { wish } = this.#options;
    const isWished = wish.mediaStreams !== undefined;
    return {
      id: wish.instanceId,
      flows: await this.#flows(),
      queues: await this.#queues(),
      numbers: await this.numbers(),
      origins: wish.origins.length === 0 ? [] : await this.#origins(),
      connectors: Object.keys(wish.connectors).length === 0 ? [] : await this.connectors(),
      lambdas: Object.keys(wish.lambdas).length === 0 ? [] : await this.#lambdas(),
      mediaStreams: isWished ? await this.mediaStreams() : undefined,
    };
  }

  /** Whether a flow of this name and type is there. */
  async hasFlow({ name, type }: WishedFlow): Promise<boolean> {
    const summaries = await this.#flowSummaries();
    return summaries.some((flow) => flow.Name === name && flow.ContactFlowType === type);
  }

  /** Claimed numbers, and the flows that answer them. */
  async numbers(): Promise<readonly InstanceNumber[]> {
    const { client, calls, wish } = this.#options;
    const InstanceId = wish.instanceId;
    const numbers = await allPages(async (token) => {
      const input = { InstanceId, MaxResults: 100, ...token };
      const page = await calls.call("ListPhoneNumbersV2", () =>
        client.send(new ListPhoneNumbersV2Command(input)),
      );
      return { items: page.ListPhoneNumbersSummaryList, next: page.NextToken };
    });
    const attached = await allPages(async (token) => {
      const input = { InstanceId, ResourceType: "VOICE_PHONE_NUMBER" as const, ...token };
      const page = await calls.call("ListFlowAssociations", () =>
        client.send(new ListFlowAssociationsCommand(input)),
      );
      return { items: page.FlowAssociationSummaryList, next: page.NextToken };
    });
    const flows = new Map(attached.map(({ ResourceId, FlowId }) => [lastPart(ResourceId), FlowId]));
    return numbers.map(({ PhoneNumberId, PhoneNumber }) => {
      const flowId = flows.get(lastPart(PhoneNumberId));
      return {
        id: PhoneNumberId ?? "",
        number: PhoneNumber ?? "",
        flowId: flowId === undefined ? undefined : lastPart(flowId),
      };
    });
  }

  async connectors(): Promise<readonly string[]> {
    const { client, calls, wish } = this.#options;
    const found = await allPages(async (token) => {
      const input = {
        InstanceId: wish.instanceId,
        IntegrationType: "CALL_TRANSFER_CONNECTOR" as const,
        ...token,
      };
      const page = await calls.call("ListIntegrationAssociations", () =>
        client.send(new ListIntegrationAssociationsCommand(input)),
      );
      return { items: page.IntegrationAssociationSummaryList, next: page.NextToken };
    });
    return found.flatMap(({ IntegrationArn }) => IntegrationArn ?? []);
  }

  async mediaStreams(): Promise<StreamStorage | undefined> {
    const { client, calls, wish } = this.#options;
    const input = { InstanceId: wish.instanceId, ResourceType: "MEDIA_STREAMS" as const };
    const { StorageConfigs = [] } = await calls.call("ListInstanceStorageConfigs", () =>
      client.send(new ListInstanceStorageConfigsCommand(input)),
    );
    const [first] = StorageConfigs;
    const stream = first?.KinesisVideoStreamConfig;
    return first === undefined
      ? undefined
      : {
          associationId: first.AssociationId ?? "",
          prefix: stream?.Prefix ?? "",
          retentionHours: stream?.RetentionPeriodHours ?? 0,
          keyArn: stream?.EncryptionConfig?.KeyId ?? "",
        };
  }

  #flowSummaries() {
    const { client, calls, wish } = this.#options;
    return allPages(async (token) => {
      const input = { InstanceId: wish.instanceId, MaxResults: 100, ...token };
      const page = await calls.call("ListContactFlows", () =>
        client.send(new ListContactFlowsCommand(input)),
      );
      return { items: page.ContactFlowSummaryList, next: page.NextToken };
    });
  }

  /** Only flows that have the name of one of ours are looked into. */
  async #flows(): Promise<readonly InstanceFlow[]> {
    const { flows } = this.#options;
    const found: InstanceFlow[] = [];
    for (const {
      Id = "",
      Arn = "",
      Name = "",
      ContactFlowType = "",
      ContactFlowStatus,
    } of await this.#flowSummaries()) {
      const isOurs = flows.some(({ name, type }) => name === Name && type === ContactFlowType);
      if (isOurs) {
        const isPublished = ContactFlowStatus !== "SAVED";
        const detail = await this.#flow(isPublished ? Id : `${Id}:$SAVED`);
        found.push({
          id: Id,
          arn: Arn,
          name: Name,
          type: ContactFlowType,
          tags: detail?.Tags ?? {},
          content: isPublished ? detail?.Content : undefined,
        });
      }
    }
    return found;
  }

  async #flow(id: string) {
    const { client, calls, wish } = this.#options;
    const input = { InstanceId: wish.instanceId, ContactFlowId: id };
    const answer = await calls.call("DescribeContactFlow", () =>
      client.send(new DescribeContactFlowCommand(input)),
    );
    return answer.ContactFlow;
  }

  async #queues(): Promise<readonly InstanceQueue[]> {
    const { client, calls, wish } = this.#options;
    const InstanceId = wish.instanceId;
    const summaries = await allPages(async (token) => {
      const input = { InstanceId, QueueTypes: ["STANDARD" as const], MaxResults: 100, ...token };
      const page = await calls.call("ListQueues", () => client.send(new ListQueuesCommand(input)));
      return { items: page.QueueSummaryList, next: page.NextToken };
    });
    const withCallerId = Object.values(wish.queues)
      .filter(({ outbound }) => outbound !== undefined)
      .map(({ name }) => name);
    const queues: InstanceQueue[] = [];
    for (const { Id = "", Arn = "", Name = "" } of summaries) {
      const config = withCallerId.includes(Name)
        ? await calls.call("DescribeQueue", () =>
            client.send(new DescribeQueueCommand({ InstanceId, QueueId: Id })),
          )
        : undefined;
      const outbound = config?.Queue?.OutboundCallerConfig;
      queues.push({
        id: Id,
        arn: Arn,
        name: Name,
        outbound: {
          name: outbound?.OutboundCallerIdName,
          numberId: outbound?.OutboundCallerIdNumberId,
          flowId: outbound?.OutboundFlowId,
        },
      });
    }
    return queues;
  }

  #origins(): Promise<readonly string[]> {
    const { client, calls, wish } = this.#options;
    return allPages(async (token) => {
      const input = { InstanceId: wish.instanceId, ...token };
      const page = await calls.call("ListApprovedOrigins", () =>
        client.send(new ListApprovedOriginsCommand(input)),
      );
      return { items: page.Origins, next: page.NextToken };
    });
  }

  #lambdas(): Promise<readonly string[]> {
    const { client, calls, wish } = this.#options;
    return allPages(async (token) => {
      const input = { InstanceId: wish.instanceId, ...token };
      const page = await calls.call("ListLambdaFunctions", () =>
        client.send(new ListLambdaFunctionsCommand(input)),
      );
      return { items: page.LambdaFunctions, next: page.NextToken };
    });
  }
}

/** Some answers have an ARN where others have an id. */
function lastPart(text: string | undefined): string {
  return (text ?? "").split("/").at(-1) ?? "";
}
