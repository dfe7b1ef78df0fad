/** Passages from an index of Amazon Kendra, by Retrieve or by Query. */
import { KendraClient, QueryCommand, RetrieveCommand } from "@aws-sdk/client-kendra";
import { type AwsAccess, awsClientOptions } from "../core/aws-access.ts";
import type { Clock } from "../core/clock.ts";
import type { KnowledgeOutcome, KnowledgeRequest, KnowledgeSource } from "../ports/knowledge.ts";
import { askInTime, type FoundPassage } from "./ask-in-time.ts";

/** Which index is asked, how and where. */
export interface KendraKnowledgeOptions {
  readonly clock: Clock;
  readonly access: AwsAccess;
  readonly indexId: string;
  /** `retrieve`: passages of up to 200 words; `query`: short excerpts, which every edition of Kendra has. */
  readonly operation: "retrieve" | "query";
}

/** The service looks at no more words than these. */
const MAX_WORDS = 30;
const MAX_QUERY = 1000;

/** See the port. */
export class KendraKnowledge implements KnowledgeSource {
  readonly kind = "kendra";
  readonly #options: KendraKnowledgeOptions;
  readonly #client: KendraClient;

  constructor(options: KendraKnowledgeOptions) {
    this.#options = options;
    this.#client = new KendraClient({ ...awsClientOptions(options.access), maxAttempts: 1 });
  }

  async retrieve(request: KnowledgeRequest): Promise<KnowledgeOutcome> {
    const { clock, operation } = this.#options;
    return await askInTime(clock, request, (signal) =>
      operation === "retrieve" ? this.#retrieve(request, signal) : this.#query(request, signal),
    );
  }

  /** Connections are released; what is being asked fails. */
  close(): void {
    this.#client.destroy();
  }

  async #retrieve(
    request: KnowledgeRequest,
    abortSignal: AbortSignal,
  ): Promise<readonly FoundPassage[]> {
    const { ResultItems } = await this.#client.send(new RetrieveCommand(this.#input(request)), {
      abortSignal,
    });
    return (ResultItems ?? []).map(({ Content, DocumentTitle, DocumentURI }) => ({
      title: DocumentTitle,
      uri: DocumentURI,
      text: Content,
    }));
  }

  async #query(
    request: KnowledgeRequest,
    abortSignal: AbortSignal,
  ): Promise<readonly FoundPassage[]> {
    const { ResultItems } = await this.#client.send(new QueryCommand(this.#input(request)), {
      abortSignal,
    });
    return (ResultItems ?? []).map(({ DocumentExcerpt, DocumentTitle, DocumentURI }) => ({
      title: DocumentTitle?.Text,
      uri: DocumentURI,
      text: DocumentExcerpt?.Text,
    }));
  }

  #input({ question, maxPassages }: KnowledgeRequest) {
    const { indexId } = this.#options;
    return { IndexId: indexId, QueryText: queryOf(question), PageSize: maxPassages };
  }
}

/** The first words of a question, as many as the service looks at. */
function queryOf(question: string): string {
  const words = question.split(/\s+/).filter((word) => word !== "");
  return words.slice(0, MAX_WORDS).join(" ").slice(0, MAX_QUERY);
}
