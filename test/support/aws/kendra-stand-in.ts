/** Amazon Kendra as far as questions go: an index of passages, found by words in common. */
import {
  type AwsAnswer,
  type AwsRequest,
  type AwsServiceStandIn,
  awsError,
} from "./aws-stand-in.ts";

/** A document of the index. */
export interface StandInDocument {
  readonly title: string;
  readonly uri: string;
  readonly text: string;
}

const MAX_QUERY = 1000;

/** Remembers the questions that it was asked. */
export class KendraStandIn implements AwsServiceStandIn {
  readonly service = "kendra";
  readonly questions: string[] = [];
  readonly #indexId: string;
  readonly #documents: readonly StandInDocument[];

  constructor(indexId: string, documents: readonly StandInDocument[]) {
    this.#indexId = indexId;
    this.#documents = documents;
  }

  operationOf({ headers }: AwsRequest): string {
    return (headers["x-amz-target"] ?? "").replace(/^AWSKendraFrontendService\./, "");
  }

  handle(operation: string, { body }: AwsRequest): AwsAnswer {
    const { IndexId, QueryText, PageSize } = JSON.parse(body.toString("utf8"));
    if (IndexId !== this.#indexId) {
      return awsError(400, "ResourceNotFoundException", "no such index");
    }
    if (typeof QueryText !== "string" || QueryText === "" || QueryText.length > MAX_QUERY) {
      return awsError(400, "ValidationException", "QueryText has 1 to 1000 characters");
    }
    this.questions.push(QueryText);
    const found = findDocuments(this.#documents, QueryText).slice(0, PageSize ?? 10);
    switch (operation) {
      case "Retrieve":
        return {
          status: 200,
          body: {
            QueryId: "q",
            ResultItems: found.map(({ title, uri, text }, index) => ({
              Id: `r${index}`,
              DocumentTitle: title,
              DocumentURI: uri,
              Content: text,
            })),
          },
        };
      case "Query":
        return {
          status: 200,
          body: {
            QueryId: "q",
            TotalNumberOfResults: found.length,
            ResultItems: found.map(({ title, uri, text }, index) => ({
              Id: `r${index}`,
              Type: "DOCUMENT",
              DocumentTitle: { Text: title, Highlights: [] },
              DocumentExcerpt: { Text: text.slice(0, 200), Highlights: [] },
              DocumentURI: uri,
            })),
          },
        };
      default:
        return awsError(400, "UnknownOperationException", operation);
    }
  }
}

/** Those that have a word of the question, those with most words first. */
export function findDocuments(
  documents: readonly StandInDocument[],
  question: string,
): readonly StandInDocument[] {
  const words = question.toLowerCase().match(/\p{L}{4,}/gu) ?? [];
  return documents
    .map((document) => {
      const text = `${document.title} ${document.text}`.toLowerCase();
      return { document, score: words.filter((word) => text.includes(word)).length };
    })
    .filter(({ score }) => score > 0)
    .toSorted((left, right) => right.score - left.score)
    .map(({ document }) => document);
}
