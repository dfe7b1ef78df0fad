/** Retrieve of Amazon Bedrock's knowledge bases: passages with their place, found by words in common. */
import {
  type AwsAnswer,
  type AwsRequest,
  type AwsServiceStandIn,
  awsError,
} from "./aws-stand-in.ts";
import { findDocuments, type StandInDocument } from "./kendra-stand-in.ts";

const PATH = /^\/knowledgebases\/([^/]+)\/retrieve$/;

/** Remembers the questions that it was asked. */
export class BedrockAgentStandIn implements AwsServiceStandIn {
  readonly service = "bedrock";
  readonly questions: string[] = [];
  readonly #knowledgeBaseId: string;
  readonly #documents: readonly StandInDocument[];

  constructor(knowledgeBaseId: string, documents: readonly StandInDocument[]) {
    this.#knowledgeBaseId = knowledgeBaseId;
    this.#documents = documents;
  }

  operationOf({ method, path }: AwsRequest): string {
    return method === "POST" && PATH.test(path) ? "Retrieve" : "";
  }

  handle(operation: string, { path, body }: AwsRequest): AwsAnswer {
    if (operation !== "Retrieve") {
      return awsError(404, "UnknownOperationException", path);
    }
    if (PATH.exec(path)?.[1] !== this.#knowledgeBaseId) {
      return awsError(404, "ResourceNotFoundException", "no such knowledge base");
    }
    const { retrievalQuery, retrievalConfiguration } = JSON.parse(body.toString("utf8"));
    const wanted = retrievalConfiguration?.vectorSearchConfiguration?.numberOfResults ?? 5;
    if (typeof retrievalQuery?.text !== "string" || wanted < 1 || wanted > 100) {
      return awsError(400, "ValidationException", "retrievalQuery.text is needed");
    }
    this.questions.push(retrievalQuery.text);
    const found = findDocuments(this.#documents, retrievalQuery.text).slice(0, wanted);
    return {
      status: 200,
      body: {
        retrievalResults: found.map(({ title, uri, text }, index) => ({
          content: { type: "TEXT", text },
          location: { type: "S3", s3Location: { uri } },
          metadata: { title },
          score: 1 / (index + 1),
        })),
      },
    };
  }
}
