/** The port to a service that finds passages for a question: a knowledge base, a search index. */

/** Why nothing could be looked up. */
export type KnowledgeFailure =
  | "unreachable"
  | "refused"
  | "rateLimited"
  | "status"
  | "badAnswer"
  | "timedOut";

/** A passage as the service has it: data, whatever it says. */
export interface KnowledgePassage {
  readonly title: string;
  /** Where it is; `undefined`: the service names no address that a page may show. */
  readonly uri: string | undefined;
  readonly text: string;
}

/** What is looked for. */
export interface KnowledgeRequest {
  readonly question: string;
  readonly maxPassages: number;
  readonly timeoutMs: number;
  /** Nobody wants the passages any more. */
  readonly signal: AbortSignal;
}

/** What came of it; no passage is an answer, too. */
export type KnowledgeOutcome =
  | { readonly kind: "found"; readonly passages: readonly KnowledgePassage[] }
  | { readonly kind: "failed"; readonly failure: KnowledgeFailure };

/**
 * A source of knowledge.
 *
 * - `retrieve` MUST NOT reject, and MUST settle within `timeoutMs`, or at once when `signal` aborts.
 * - Passages MUST be bounded in number and length, and an address MUST be one of `https`, `http` or `s3`.
 * - Nothing of a question, a passage or a key may be in a failure.
 */
export interface KnowledgeSource {
  readonly kind: "bedrock" | "kendra";
  retrieve(request: KnowledgeRequest): Promise<KnowledgeOutcome>;
}
