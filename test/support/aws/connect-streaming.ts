/** The operations of Amazon Connect that stream chats: a part that a stand-in for all of Connect can take in. */
import {
  type AwsAnswer,
  type AwsRequest,
  type AwsServiceStandIn,
  awsError,
} from "./aws-stand-in.ts";

/** A contact as far as streaming goes. */
export interface StreamableContact {
  readonly channel: "CHAT" | "VOICE" | "TASK";
  isOver?: boolean;
}

const DESCRIBE = /^\/contacts\/([^/]+)\/([^/]+)$/;

/** `operationOf` gives "" for what it does not know. */
export class ConnectStreamingStandIn implements AwsServiceStandIn {
  readonly service = "connect";
  readonly contacts = new Map<string, StreamableContact>();
  /** Streaming → contact and topic. */
  readonly streamings = new Map<string, { readonly contactId: string; readonly topic: string }>();
  readonly #instanceId: string;
  readonly #tokens = new Map<string, string>();

  constructor(instanceId: string) {
    this.#instanceId = instanceId;
  }

  operationOf({ method, path }: AwsRequest): string {
    if (method === "POST" && path === "/contact/start-streaming") {
      return "StartContactStreaming";
    }
    if (method === "POST" && path === "/contact/stop-streaming") {
      return "StopContactStreaming";
    }
    return method === "GET" && DESCRIBE.test(path) ? "DescribeContact" : "";
  }

  handle(operation: string, { body, path }: AwsRequest): AwsAnswer {
    switch (operation) {
      case "DescribeContact":
        return this.#describe(path);
      case "StartContactStreaming":
        return this.#start(JSON.parse(body.toString("utf8")));
      case "StopContactStreaming":
        return this.#stop(JSON.parse(body.toString("utf8")));
      default:
        return awsError(404, "UnknownOperationException", path);
    }
  }

  #describe(path: string): AwsAnswer {
    const [, instanceId, contactId = ""] = DESCRIBE.exec(path) ?? [];
    const contact = this.contacts.get(contactId);
    return contact === undefined || instanceId !== this.#instanceId
      ? awsError(404, "ResourceNotFoundException", "no such contact")
      : { status: 200, body: { Contact: { Id: contactId, Channel: contact.channel } } };
  }

  #start(input: Readonly<Record<string, unknown>>): AwsAnswer {
    const contactId = String(input["ContactId"]);
    const contact = this.contacts.get(contactId);
    const token = String(input["ClientToken"]);
    if (contact === undefined || input["InstanceId"] !== this.#instanceId) {
      return awsError(404, "ResourceNotFoundException", "no such contact");
    }
    const known = this.#tokens.get(token);
    if (known !== undefined) {
      return { status: 200, body: { StreamingId: known } };
    }
    if (contact.channel !== "CHAT" || contact.isOver === true) {
      return awsError(400, "InvalidRequestException", "not a chat in progress");
    }
    const { StreamingEndpointArn } = input["ChatStreamingConfiguration"] as {
      readonly StreamingEndpointArn?: string;
    };
    const StreamingId = `streaming-${this.#tokens.size + 1}`;
    this.#tokens.set(token, StreamingId);
    this.streamings.set(StreamingId, { contactId, topic: StreamingEndpointArn ?? "" });
    return { status: 200, body: { StreamingId } };
  }

  #stop(input: Readonly<Record<string, unknown>>): AwsAnswer {
    return this.streamings.delete(String(input["StreamingId"]))
      ? { status: 200, body: {} }
      : awsError(404, "ResourceNotFoundException", "no such streaming");
  }
}

/** Several parts under one signing name: the first that knows the operation of a request gets it. */
export function servicesTogether(
  service: string,
  parts: readonly AwsServiceStandIn[],
): AwsServiceStandIn {
  const ownerOf = (request: AwsRequest): AwsServiceStandIn | undefined =>
    parts.find((part) => part.operationOf(request) !== "");
  return {
    service,
    operationOf: (request) => ownerOf(request)?.operationOf(request) ?? "",
    handle: (operation, request) =>
      ownerOf(request)?.handle(operation, request) ??
      awsError(404, "UnknownOperationException", request.path),
  };
}
