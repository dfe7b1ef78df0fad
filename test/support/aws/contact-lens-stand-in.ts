/** Real-time segments of Contact Lens by asking: pages of what a contact has so far, until its analysis is over. */
import {
  type AwsAnswer,
  type AwsRequest,
  type AwsServiceStandIn,
  awsError,
} from "./aws-stand-in.ts";

const PATH = "/realtime-contact-analysis/analysis-segments";

interface Analysis {
  readonly segments: object[];
  isOver: boolean;
}

/** Contacts begin when a test adds segments. */
export class ContactLensStandIn implements AwsServiceStandIn {
  readonly service = "connect";
  readonly #instanceId: string;
  readonly #contacts = new Map<string, Analysis>();

  constructor(instanceId: string) {
    this.#instanceId = instanceId;
  }

  add(contactId: string, ...segments: readonly object[]): void {
    const analysis = this.#contacts.get(contactId) ?? { segments: [], isOver: false };
    analysis.segments.push(...segments);
    this.#contacts.set(contactId, analysis);
  }

  end(contactId: string): void {
    const analysis = this.#contacts.get(contactId);
    if (analysis !== undefined) {
      analysis.isOver = true;
    }
  }

  operationOf({ method, path }: AwsRequest): string {
    return method === "POST" && path === PATH ? "ListRealtimeContactAnalysisSegments" : "";
  }

  handle(operation: string, { body, path }: AwsRequest): AwsAnswer {
    if (operation === "") {
      return awsError(404, "UnknownOperationException", path);
    }
    const { InstanceId, ContactId, MaxResults, NextToken } = JSON.parse(body.toString("utf8"));
    const analysis = this.#contacts.get(ContactId);
    if (InstanceId !== this.#instanceId || analysis === undefined) {
      return awsError(404, "ResourceNotFoundException", "no such contact");
    }
    const from = Number(NextToken ?? 0);
    const Segments = analysis.segments.slice(from, from + (MaxResults ?? 100));
    const next = from + Segments.length;
    const isDone = analysis.isOver && next >= analysis.segments.length;
    return { status: 200, body: isDone ? { Segments } : { Segments, NextToken: String(next) } };
  }
}
