/** Passages from a knowledge base of Amazon Bedrock, by Retrieve. */
import {
  BedrockAgentRuntimeClient,
  type RetrievalResultLocation,
  RetrieveCommand,
} from "@aws-sdk/client-bedrock-agent-runtime";
import { type AwsAccess, awsClientOptions } from "../core/aws-access.ts";
import type { Clock } from "../core/clock.ts";
import type { KnowledgeOutcome, KnowledgeRequest, KnowledgeSource } from "../ports/knowledge.ts";
import { askInTime, type FoundPassage } from "./ask-in-time.ts";

/** Which knowledge base is asked, and where. */
export interface BedrockKnowledgeOptions {
  readonly clock: Clock;
  readonly access: AwsAccess;
  readonly knowledgeBaseId: string;
  /** `undefined`: the service chooses. */
  readonly searchType?: "HYBRID" | "SEMANTIC" | undefined;
}

/** Of a question, what is sent; the service takes 20,000. */
const MAX_QUESTION = 4000;

/** See the port. */
export class BedrockKnowledge implements KnowledgeSource {
  readonly kind = "bedrock";
  readonly #options: BedrockKnowledgeOptions;
  readonly #client: BedrockAgentRuntimeClient;

  constructor(options: BedrockKnowledgeOptions) {
    this.#options = options;
    this.#client = new BedrockAgentRuntimeClient({
      ...awsClientOptions(options.access),
      maxAttempts: 1,
      authSchemePreference: ["aws.auth#sigv4"],
    });
  }

  async retrieve(request: KnowledgeRequest): Promise<KnowledgeOutcome> {
    const { clock, knowledgeBaseId, searchType } = this.#options;
    const command = new RetrieveCommand({
      knowledgeBaseId,
      retrievalQuery: { text: request.question.slice(0, MAX_QUESTION) },
      retrievalConfiguration: {
        vectorSearchConfiguration: {
          numberOfResults: request.maxPassages,
          ...(searchType === undefined ? {} : { overrideSearchType: searchType }),
        },
      },
    });
    return await askInTime(clock, request, async (abortSignal) => {
      const { retrievalResults } = await this.#client.send(command, { abortSignal });
      return (retrievalResults ?? []).map(({ content, location, metadata }): FoundPassage => {
        const title = metadata?.["title"];
        return {
          title: typeof title === "string" ? title : undefined,
          uri: uriOf(location),
          text: content?.text,
        };
      });
    });
  }

  /** Connections are released; what is being asked fails. */
  close(): void {
    this.#client.destroy();
  }
}

function uriOf(location: RetrievalResultLocation | undefined): string | undefined {
  return (
    location?.s3Location?.uri ??
    location?.webLocation?.url ??
    location?.confluenceLocation?.url ??
    location?.sharePointLocation?.url ??
    location?.salesforceLocation?.url
  );
}
