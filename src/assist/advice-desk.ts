/** Answers questions: by the model where one is configured, from knowledge alone where it fails or there is none. */
import type { Clock } from "../core/clock.ts";
import { GatewayError } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { Metrics } from "../core/metrics.ts";
import type { AdviceFailure, AdviceOutcome, AdviceTurn, Advisor } from "../ports/advisor.ts";
import type { ChatAnswer } from "../ports/chat-assistant.ts";
import type { KnowledgeHit, KnowledgeIndex } from "./knowledge.ts";
import type { KnowledgeDesk } from "./knowledge-desk.ts";
import type { NoticeBoard } from "./notice-board.ts";
import { Outage } from "./outage.ts";
import { PartialPace } from "./partial-pace.ts";

/** What a desk works with. */
export interface AdviceDeskOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly notices: NoticeBoard;
  readonly knowledge: KnowledgeDesk;
  /** Absent: knowledge only. */
  readonly advisor?: Advisor | undefined;
  readonly timeoutMs: number;
}

/** A question and what was said before it. */
export interface Question {
  readonly text: string;
  readonly history?: readonly AdviceTurn[];
  /** Hears the answer grow, a few times a second; what it heard may be taken back by the answer. */
  readonly onPartial?: ((text: string) => void) | undefined;
}

/** Passages that a model is given. */
const PASSAGES = 3;
/** Turns that a model is given. */
const MAX_TURNS = 12;
/** Questions to the model at a time; the next ones are answered from knowledge alone. */
const MAX_ASKED = 16;
/** While the model fails and nobody asks, it is asked this, so that the page learns that it is back. */
const PROBE = "Are you there?";
const FIRST_RETRY_MS = 10_000;
const MAX_RETRY_MS = 300_000;

const NOTICE = "The model gave no answer; this one is from local knowledge.";
const FOLDER_NOTICE = "The knowledge service gave no answer; this one rests on the local folder.";
const DOWN = "The model fails: answers come from local knowledge, as far as it goes.";
const BACK = "The model answers again.";

/** Lives as long as the gateway. */
export class AdviceDesk {
  readonly #options: AdviceDeskOptions;
  readonly #closed = new AbortController();
  readonly #outage: Outage;
  #asked = 0;

  constructor(options: AdviceDeskOptions) {
    this.#options = options;
    const { clock, logger, notices } = options;
    this.#outage = new Outage({
      clock,
      firstRetryMs: FIRST_RETRY_MS,
      maxRetryMs: MAX_RETRY_MS,
      probe: () => this.#probe(),
      onChange: (isDown) => {
        notices.tell("advisor", !isDown, isDown ? DOWN : BACK);
        if (!isDown) {
          logger.info("the advisor is back");
        }
      },
    });
  }

  /** Where this node says what is out of order. */
  get notices(): NoticeBoard {
    return this.#options.notices;
  }

  /** Whether a model is asked. */
  get hasModel(): boolean {
    return this.#options.advisor !== undefined;
  }

  /** What answers at once where nobody else is asked; `undefined` where a model or a service is. */
  get localKnowledge(): KnowledgeIndex | undefined {
    return this.hasModel ? undefined : this.#options.knowledge.folder;
  }

  /** Rejects with ADVISOR_FAILED when the model failed and nothing is known locally. */
  async answer({ text, history = [], onPartial }: Question): Promise<ChatAnswer> {
    const { clock, advisor, knowledge, metrics } = this.#options;
    const startedUs = clock.nowUs();
    const { folder } = knowledge;
    const { hits, isFallback } =
      folder === undefined
        ? await knowledge.search(text, PASSAGES)
        : { hits: folder.search(text, PASSAGES), isFallback: false };
    const notice = isFallback ? FOLDER_NOTICE : undefined;
    if (advisor === undefined) {
      this.#count("local", hits.length > 0 ? "advised" : "nothing", startedUs);
      return knownAnswer(hits, notice);
    }
    const outcome = await this.#ask(advisor, { text, history, onPartial }, hits);
    this.#note(outcome);
    if (outcome.kind === "advised") {
      this.#count(advisor.kind, "advised", startedUs);
      return { text: outcome.text, sources: outcome.sources, by: advisor.kind, notice };
    }
    this.#count(advisor.kind, outcome.failure, startedUs);
    if (hits.length === 0) {
      throw new GatewayError("ADVISOR_FAILED", { reason: outcome.failure });
    }
    metrics.increment("trunkline_assist_fallbacks_total");
    return knownAnswer(hits, NOTICE);
  }

  /** Ends what is being asked. */
  close(): void {
    this.#closed.abort();
    this.#outage.close();
  }

  async #ask(
    advisor: Advisor,
    { text, history = [], onPartial }: Question,
    hits: readonly KnowledgeHit[],
  ): Promise<AdviceOutcome> {
    if (this.#asked >= MAX_ASKED) {
      return { kind: "failed", failure: "busy" };
    }
    const pace = onPartial && new PartialPace(this.#options.clock, onPartial);
    this.#asked += 1;
    try {
      return await advisor.advise({
        question: text,
        history: history.slice(-MAX_TURNS),
        knowledge: hits.map(({ source, answer }) => ({ ...source, excerpt: answer })),
        timeoutMs: this.#options.timeoutMs,
        signal: this.#closed.signal,
        onPartial: pace && ((soFar) => pace.push(soFar)),
      });
    } finally {
      pace?.close();
      this.#asked -= 1;
    }
  }

  async #probe(): Promise<boolean> {
    const { advisor } = this.#options;
    const outcome = advisor && (await this.#ask(advisor, { text: PROBE }, []));
    return outcome?.kind === "advised";
  }

  /** A change is logged, each failure is counted; too many questions at a time are no fault of the model. */
  #note(outcome: AdviceOutcome): void {
    if (outcome.kind === "advised") {
      this.#outage.recover();
    } else if (outcome.failure !== "busy" && !this.#outage.isDown && !this.#closed.signal.aborted) {
      this.#options.logger.warn("the advisor fails", { failure: outcome.failure });
      this.#outage.fail();
    }
  }

  #count(advisor: string, outcome: AdviceFailure | "advised" | "nothing", startedUs: number): void {
    const { clock, metrics } = this.#options;
    metrics.increment("trunkline_assist_answers_total", { advisor, outcome });
    metrics.observe("trunkline_assist_answer_ms", (clock.nowUs() - startedUs) / 1000, { advisor });
  }
}

function knownAnswer([best]: readonly KnowledgeHit[], notice: string | undefined): ChatAnswer {
  const sources = best === undefined ? [] : [best.source];
  return { text: best?.answer, sources, by: "local", notice };
}
