/** The port to whoever answers a customer's question in a sentence or two: a model of language. */
import type { AssistSource } from "./assist-events.ts";

/** Something said before the question. */
export interface AdviceTurn {
  readonly role: "customer" | "agent";
  readonly text: string;
}

/** A question, with what is known about it. */
export interface AdviceRequest {
  readonly question: string;
  /** Oldest first. */
  readonly history: readonly AdviceTurn[];
  /** Passages that may help; an answer cites them by their place in this list. */
  readonly knowledge: readonly AssistSource[];
  readonly timeoutMs: number;
  /** Nobody wants the answer any more. */
  readonly signal: AbortSignal;
  /** Hears the whole text so far whenever it grew; absent: nobody wants to see it grow. */
  readonly onPartial?: ((text: string) => void) | undefined;
}

/** Why there is no answer. */
export type AdviceFailure =
  | "unreachable"
  | "refused"
  | "rateLimited"
  | "status"
  | "badAnswer"
  | "tooBig"
  | "timedOut"
  | "busy";

/** What came of a question. */
export type AdviceOutcome =
  | {
      readonly kind: "advised";
      readonly text: string;
      /** Those of the request's passages that the answer names. */
      readonly sources: readonly AssistSource[];
    }
  | { readonly kind: "failed"; readonly failure: AdviceFailure };

/**
 * A model that advises.
 *
 * - `advise` MUST NOT reject, and MUST settle within `timeoutMs`, or at once when `signal` aborts.
 * - `onPartial` MUST be told text that only grows, and nothing once `advise` settled; an answer that fails takes it back.
 * - It MUST take the question, the history and the passages for data, never for instructions.
 * - Nothing of a request, an answer or a key may be in a failure.
 */
export interface Advisor {
  readonly kind: "bedrock" | "openai";
  advise(request: AdviceRequest): Promise<AdviceOutcome>;
}
