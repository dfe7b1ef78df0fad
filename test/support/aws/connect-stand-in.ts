/** A stand-in for Amazon Connect: one instance with queues, numbers, flows, origins, integrations and contacts that are kept. */
import * as sdk from "@aws-sdk/client-connect";
import {
  type AwsAnswer,
  type AwsRequest,
  type AwsServiceStandIn,
  awsError,
} from "./aws-stand-in.ts";
import { operationFor, operationsOf, type SdkInput } from "./sdk-operations.ts";

const OPERATIONS = operationsOf(sdk as unknown as Readonly<Record<string, unknown>>);

/** The one instance that there is. */
export const STAND_IN_INSTANCE = "11111111-2222-4333-8444-555555555555";
/** Its account. */
export const STAND_IN_ACCOUNT = "111122223333";
/** Its ARN. */
export const STAND_IN_INSTANCE_ARN = `arn:aws:connect:us-east-1:${STAND_IN_ACCOUNT}:instance/${STAND_IN_INSTANCE}`;

/** A contact flow as the service keeps it. */
export interface StoredFlow {
  readonly id: string;
  readonly arn: string;
  readonly name: string;
  readonly type: string;
  readonly tags: Readonly<Record<string, string>>;
  /** What was published last; `undefined`: never. */
  content: string | undefined;
  /** What was saved last. */
  saved: string;
}

/** A contact as the service keeps it. */
export interface StoredContact {
  readonly id: string;
  readonly initiation: string;
  /** Absent: VOICE. */
  readonly channel?: string;
  attributes: Record<string, string>;
  disconnected: boolean;
}

/** A queue. */
export interface StoredQueue {
  readonly id: string;
  readonly name: string;
  outbound: Readonly<Record<string, unknown>>;
}

/** What of an instance can be made up. */
export interface ConnectStandInOptions {
  readonly queues?: readonly string[];
  readonly numbers?: readonly string[];
  /** The most that a list has in one page. */
  readonly pageSize?: number;
  /** Told of each contact that is written to. */
  readonly onAttributes?: (contactId: string, attributes: Record<string, string>) => void;
}

/** The service, with its state to look at and to change behind the back of whoever publishes. */
export interface ConnectStandIn extends AwsServiceStandIn {
  readonly flows: Map<string, StoredFlow>;
  readonly queues: Map<string, StoredQueue>;
  readonly contacts: Map<string, StoredContact>;
  readonly numbers: Map<string, { readonly number: string; flowId: string | undefined }>;
  readonly origins: Set<string>;
  readonly integrations: { readonly type: string; readonly arn: string }[];
  readonly storage: Map<string, Readonly<Record<string, unknown>>>;
  readonly lambdas: Set<string>;
  /** How many requests changed something. */
  changes: number;
}

class Refusal extends Error {
  readonly answer: AwsAnswer;

  constructor(status: number, type: string, message: string, more: object = {}) {
    super(message);
    this.answer = awsError(status, type, message, more);
  }
}

type Handler = (input: SdkInput) => object;

/** Starts with one instance, its queues and its numbers, and nothing else. */
export function connectStandIn(options: ConnectStandInOptions = {}): ConnectStandIn {
  const { queues = ["agents", "fallback"], numbers = ["+12065550100"], pageSize = 100 } = options;
  let serial = 0;
  const uuid = (): string => {
    serial += 1;
    return `00000000-0000-4000-8000-${String(serial).padStart(12, "0")}`;
  };
  const standIn: ConnectStandIn = {
    service: "connect",
    flows: new Map(),
    queues: new Map(),
    contacts: new Map(),
    numbers: new Map(),
    origins: new Set(),
    integrations: [],
    storage: new Map(),
    lambdas: new Set(),
    changes: 0,
    operationOf: (request) => {
      const name = operationFor(OPERATIONS, request)?.name ?? "";
      return Object.hasOwn(handlers, name) ? name : "";
    },
    handle,
  };
  for (const name of queues) {
    const id = uuid();
    standIn.queues.set(id, { id, name, outbound: {} });
  }
  for (const number of numbers) {
    standIn.numbers.set(uuid(), { number, flowId: undefined });
  }

  const flowOf = (id: unknown): StoredFlow => {
    const flow = standIn.flows.get(String(id).split("/").at(-1)?.replace(":$SAVED", "") ?? "");
    if (flow === undefined) {
      throw new Refusal(404, "ResourceNotFoundException", "no such contact flow");
    }
    return flow;
  };
  const contactOf = (id: unknown): StoredContact => {
    const contact = standIn.contacts.get(String(id));
    if (contact === undefined) {
      throw new Refusal(404, "ResourceNotFoundException", "no such contact");
    }
    return contact;
  };
  const queueOf = (id: unknown): StoredQueue => {
    const queue = standIn.queues.get(String(id).split("/").at(-1) ?? "");
    if (queue === undefined) {
      throw new Refusal(404, "ResourceNotFoundException", "no such queue");
    }
    return queue;
  };

  /** What the service itself finds wrong with content that is to be published. */
  function checkContent(content: string): void {
    const problems: { message: string }[] = [];
    let value: { StartAction?: unknown; Actions?: { Identifier?: unknown }[] } = {};
    try {
      value = JSON.parse(content);
    } catch {
      problems.push({ message: "Content is not JSON" });
    }
    const identifiers = (value.Actions ?? []).map(({ Identifier }) => Identifier);
    if (!identifiers.includes(value.StartAction)) {
      problems.push({ message: "StartAction is invalid" });
    }
    for (const [, id] of content.matchAll(/contact-flow\/([0-9a-f-]+)/g)) {
      const flow = standIn.flows.get(id as string);
      if (flow === undefined) {
        const block = identifiers.find((name) =>
          JSON.stringify(value.Actions?.find((one) => one.Identifier === name)).includes(
            String(id),
          ),
        );
        problems.push({ message: `Action ${String(block)}: contact flow ${id} does not exist` });
      }
    }
    for (const [, id] of content.matchAll(/queue\/([0-9a-f-]{36})/g)) {
      if (!standIn.queues.has(id as string)) {
        problems.push({ message: `queue ${id} does not exist` });
      }
    }
    if (problems.length > 0) {
      throw new Refusal(400, "InvalidContactFlowException", "the content is not valid", {
        problems,
      });
    }
  }

  const change = (work: () => object): object => {
    const result = work();
    standIn.changes += 1;
    return result;
  };
  const summaryOf = (flow: StoredFlow): object => ({
    Id: flow.id,
    Arn: flow.arn,
    Name: flow.name,
    ContactFlowType: flow.type,
    ContactFlowState: "ACTIVE",
    ContactFlowStatus: flow.content === undefined ? "SAVED" : "PUBLISHED",
  });

  const handlers: Readonly<Record<string, Handler>> = {
    ListContactFlows: () => ({
      ContactFlowSummaryList: [...standIn.flows.values()].map(summaryOf),
    }),
    CreateContactFlow: ({ Name, Type, Content, Status, Tags }) =>
      change(() => {
        const flows = [...standIn.flows.values()];
        if (flows.some(({ name, type }) => name === Name && type === Type)) {
          throw new Refusal(409, "DuplicateResourceException", "a flow of this name exists");
        }
        const isPublished = Status !== "SAVED";
        if (isPublished) {
          checkContent(String(Content));
        }
        const id = uuid();
        const arn = `${STAND_IN_INSTANCE_ARN}/contact-flow/${id}`;
        standIn.flows.set(id, {
          id,
          arn,
          name: String(Name),
          type: String(Type),
          tags: { ...(Tags as Record<string, string> | undefined) },
          content: isPublished ? String(Content) : undefined,
          saved: String(Content),
        });
        return { ContactFlowId: id, ContactFlowArn: arn };
      }),
    DescribeContactFlow: ({ ContactFlowId }) => {
      const flow = flowOf(ContactFlowId);
      const wantsSaved = String(ContactFlowId).endsWith(":$SAVED");
      if (!wantsSaved && flow.content === undefined) {
        throw new Refusal(404, "ContactFlowNotPublishedException", "the flow was never published");
      }
      const { id: Id, arn: Arn, name: Name, type: Type, tags: Tags } = flow;
      const Content = wantsSaved ? flow.saved : flow.content;
      return { ContactFlow: { Id, Arn, Name, Type, Tags, Content, State: "ACTIVE" } };
    },
    UpdateContactFlowContent: ({ ContactFlowId, Content }) =>
      change(() => {
        const flow = flowOf(ContactFlowId);
        checkContent(String(Content));
        flow.content = String(Content);
        flow.saved = String(Content);
        return {};
      }),
    ListQueues: () => ({
      QueueSummaryList: [...standIn.queues.values()].map(({ id, name }) => ({
        Id: id,
        Arn: `${STAND_IN_INSTANCE_ARN}/queue/${id}`,
        Name: name,
        QueueType: "STANDARD",
      })),
    }),
    DescribeQueue: ({ QueueId }) => {
      const { id, name, outbound } = queueOf(QueueId);
      return { Queue: { QueueId: id, Name: name, OutboundCallerConfig: outbound } };
    },
    UpdateQueueOutboundCallerConfig: ({ QueueId, OutboundCallerConfig }) =>
      change(() => {
        queueOf(QueueId).outbound = OutboundCallerConfig as Record<string, unknown>;
        return {};
      }),
    ListPhoneNumbersV2: () => ({
      ListPhoneNumbersSummaryList: [...standIn.numbers].map(([id, { number }]) => ({
        PhoneNumberId: id,
        PhoneNumber: number,
        PhoneNumberCountryCode: "US",
        PhoneNumberType: "DID",
        TargetArn: STAND_IN_INSTANCE_ARN,
        InstanceId: STAND_IN_INSTANCE,
      })),
    }),
    ListFlowAssociations: () => ({
      FlowAssociationSummaryList: [...standIn.numbers].flatMap(([id, { flowId }]) =>
        flowId === undefined
          ? []
          : [{ ResourceId: id, FlowId: flowId, ResourceType: "VOICE_PHONE_NUMBER" }],
      ),
    }),
    AssociatePhoneNumberContactFlow: ({ PhoneNumberId, ContactFlowId }) =>
      change(() => {
        const number = standIn.numbers.get(String(PhoneNumberId));
        if (number === undefined) {
          throw new Refusal(404, "ResourceNotFoundException", "no such number");
        }
        number.flowId = flowOf(ContactFlowId).id;
        return {};
      }),
    ListApprovedOrigins: () => ({ Origins: [...standIn.origins] }),
    AssociateApprovedOrigin: ({ Origin }) =>
      change(() => {
        standIn.origins.add(String(Origin));
        return {};
      }),
    ListIntegrationAssociations: () => ({
      IntegrationAssociationSummaryList: standIn.integrations.map(({ type, arn }) => ({
        InstanceId: STAND_IN_INSTANCE,
        IntegrationType: type,
        IntegrationArn: arn,
      })),
    }),
    CreateIntegrationAssociation: ({ IntegrationType, IntegrationArn }) =>
      change(() => {
        if (standIn.integrations.some(({ arn }) => arn === IntegrationArn)) {
          throw new Refusal(409, "DuplicateResourceException", "it is associated already");
        }
        standIn.integrations.push({ type: String(IntegrationType), arn: String(IntegrationArn) });
        return { IntegrationAssociationId: uuid() };
      }),
    ListInstanceStorageConfigs: ({ ResourceType }) => ({
      StorageConfigs: [...standIn.storage]
        .filter(([type]) => type === ResourceType)
        .map(([, config]) => config),
    }),
    AssociateInstanceStorageConfig: ({ ResourceType, StorageConfig }) =>
      change(() => {
        if (standIn.storage.has(String(ResourceType))) {
          throw new Refusal(409, "ResourceConflictException", "there is one already");
        }
        const AssociationId = uuid();
        const config = { AssociationId, ...(StorageConfig as object) };
        standIn.storage.set(String(ResourceType), config);
        return { AssociationId };
      }),
    UpdateInstanceStorageConfig: ({ ResourceType, StorageConfig, AssociationId }) =>
      change(() => {
        standIn.storage.set(String(ResourceType), {
          AssociationId,
          ...(StorageConfig as object),
        });
        return {};
      }),
    ListLambdaFunctions: () => ({ LambdaFunctions: [...standIn.lambdas] }),
    AssociateLambdaFunction: ({ FunctionArn }) =>
      change(() => {
        standIn.lambdas.add(String(FunctionArn));
        return {};
      }),
    StartOutboundVoiceContact: ({ QueueId, SourcePhoneNumber, Attributes }) =>
      change(() => {
        const queue = QueueId === undefined ? undefined : queueOf(QueueId);
        const hasCallerId = queue?.outbound["OutboundCallerIdNumberId"] !== undefined;
        if (SourcePhoneNumber === undefined && !hasCallerId) {
          throw new Refusal(400, "InvalidRequestException", "Invalid outbound configuration");
        }
        const id = uuid();
        const attributes = { ...(Attributes as Record<string, string> | undefined) };
        standIn.contacts.set(id, { id, initiation: "API", attributes, disconnected: false });
        return { ContactId: id };
      }),
    DescribeContact: ({ ContactId }) => {
      const { id, initiation, disconnected, channel = "VOICE" } = contactOf(ContactId);
      const ended = disconnected ? { DisconnectTimestamp: 1_767_225_660 } : {};
      const started = { InitiationTimestamp: 1_767_225_600, Channel: channel };
      return { Contact: { Id: id, InitiationMethod: initiation, ...started, ...ended } };
    },
    StopContact: ({ ContactId }) =>
      change(() => {
        const contact = contactOf(ContactId);
        const never = ["DISCONNECT", "TRANSFER", "QUEUE_TRANSFER", "EXTERNAL_OUTBOUND", "MONITOR"];
        if (never.includes(contact.initiation)) {
          throw new Refusal(400, "InvalidRequestException", "not for this initiation method");
        }
        contact.disconnected = true;
        return {};
      }),
    GetContactAttributes: ({ InitialContactId }) => ({
      Attributes: contactOf(InitialContactId).attributes,
    }),
    UpdateContactAttributes: ({ InitialContactId, Attributes }) =>
      change(() => {
        const contact = contactOf(InitialContactId);
        const attributes = { ...contact.attributes, ...(Attributes as Record<string, string>) };
        if (Buffer.byteLength(Object.entries(attributes).flat().join("")) > 32_768) {
          throw new Refusal(400, "InvalidRequestException", "more than 32,768 bytes");
        }
        contact.attributes = attributes;
        options.onAttributes?.(contact.id, attributes);
        return {};
      }),
  };

  function handle(operation: string, request: AwsRequest): AwsAnswer {
    const described = operationFor(OPERATIONS, request);
    const handler = handlers[operation];
    if (described === undefined || handler === undefined) {
      return awsError(404, "ResourceNotFoundException", `the stand-in has no ${operation}`);
    }
    const read = described.read(request);
    if (read.kind === "bad") {
      return awsError(400, "InvalidParameterException", read.problem);
    }
    const instance = read.input["InstanceId"];
    if (instance !== undefined && instance !== STAND_IN_INSTANCE) {
      return awsError(404, "ResourceNotFoundException", "no such instance");
    }
    try {
      const body = paged(handler(read.input), read.input, pageSize);
      return { status: described.status, body };
    } catch (error) {
      if (error instanceof Refusal) {
        return error.answer;
      }
      throw error;
    }
  }

  return standIn;
}

/** The first list of an answer, page by page. */
function paged(answer: object, input: SdkInput, pageSize: number): object {
  const [name, all] = Object.entries(answer)[0] ?? [];
  if (name === undefined || !Array.isArray(all)) {
    return answer;
  }
  const from = Number(input["NextToken"] ?? 0);
  const until = from + Math.min(Number(input["MaxResults"] ?? pageSize), pageSize);
  return {
    ...answer,
    [name]: all.slice(from, until),
    ...(until < all.length ? { NextToken: String(until) } : {}),
  };
}
