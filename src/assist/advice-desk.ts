/** Answers questions: by the model where one is configured, from local knowledge where it fails or there is none. */
import type { Clock } from "../core/clock.ts";
import { GatewayError } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { Metrics } from "../core/metrics.ts";
import type { AdviceFailure, AdviceOutcome, AdviceTurn, Advisor } from "../ports/advisor.ts";
import type { ChatAnswer } from "../ports/chat-assistant.ts";
import type { KnowledgeHit, KnowledgeIndex } from "./knowledge.ts";

/** What a desk works with. */
export interface AdviceDeskOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly knowledge: KnowledgeIndex;
  /** Absent: local knowledge only. */
  readonly advisor?: Advisor | undefined;
  readonly timeoutMs: number;
}

/** A question and what was said before it. */
export interface Question {
  readonly text: string;
  readonly history?: readonly AdviceTurn[];
}

/** Passages that a model is given. */
const PASSAGES = 3;
/** Turns that a model is given. */
const MAX_TURNS = 12;
/** Questions to the model at a time; the next ones are answered from local knowledge. */
const MAX_ASKED = 16;

const NOTICE = "The model gave no answer; this one is from local knowledge.";

/** Lives as long as the gateway. */
export class AdviceDesk {
  readonly #options: AdviceDeskOptions;
  readonly #closed = new AbortController();
  #asked = 0;
  #failing = false;

  constructor(options: AdviceDeskOptions) {
    this.#options = options;
  }

  /** Whether a model is asked. */
  get hasModel(): boolean {
    return this.#options.advisor !== undefined;
  }

  /** What answers at once where no model is asked; `undefined` where one is. */
  get localKnowledge(): KnowledgeIndex | undefined {
    return this.hasModel ? undefined : this.#options.knowledge;
  }

  /** Rejects with ADVISOR_FAILED when the model failed and nothing is known locally. */
  async answer({ text, history = [] }: Question): Promise<ChatAnswer> {
    const { clock, advisor, knowledge, metrics } = this.#options;
    const startedUs = clock.nowUs();
    const hits = knowledge.search(text, PASSAGES);
    if (advisor === undefined) {
      this.#count("local", hits.length > 0 ? "advised" : "nothing", startedUs);
      return localAnswer(hits, undefined);
    }
    const outcome = await this.#ask(advisor, text, history, hits);
    this.#note(outcome);
    if (outcome.kind === "advised") {
      this.#count(advisor.kind, "advised", startedUs);
      return { text: outcome.text, sources: outcome.sources, by: advisor.kind, notice: undefined };
    }
    this.#count(advisor.kind, outcome.failure, startedUs);
    if (hits.length === 0) {
      throw new GatewayError("ADVISOR_FAILED", { reason: outcome.failure });
    }
    metrics.increment("trunkline_assist_fallbacks_total");
    return localAnswer(hits, NOTICE);
  }

  /** Ends what is being asked. */
  close(): void {
    this.#closed.abort();
  }

  async #ask(
    advisor: Advisor,
    question: string,
    history: readonly AdviceTurn[],
    hits: readonly KnowledgeHit[],
  ): Promise<AdviceOutcome> {
    if (this.#asked >= MAX_ASKED) {
      return { kind: "failed", failure: "busy" };
    }
    this.#asked += 1;
    try {
      return await advisor.advise({
        question,
        history: history.slice(-MAX_TURNS),
        knowledge: hits.map(({ source, answer }) => ({ ...source, excerpt: answer })),
        timeoutMs: this.#options.timeoutMs,
        signal: this.#closed.signal,
      });
    } finally {
      this.#asked -= 1;
    }
  }

  /** A change is logged, each failure is counted. */
  #note(outcome: AdviceOutcome): void {
    const isFailed = outcome.kind === "failed";
    if (isFailed !== this.#failing) {
      this.#failing = isFailed;
      const { logger } = this.#options;
      if (isFailed) {
        logger.warn("the advisor fails", { failure: outcome.failure });
      } else {
        logger.info("the advisor is back");
      }
    }
  }

  #count(advisor: string, outcome: AdviceFailure | "advised" | "nothing", startedUs: number): void {
    const { clock, metrics } = this.#options;
    metrics.increment("trunkline_assist_answers_total", { advisor, outcome });
    metrics.observe("trunkline_assist_answer_ms", (clock.nowUs() - startedUs) / 1000, { advisor });
  }
}

function localAnswer([best]: readonly KnowledgeHit[], notice: string | undefined): ChatAnswer {
  const sources = best === undefined ? [] : [best.source];
  return { text: best?.answer, sources, by: "local", notice };
}
