/** Finds passages for a question: by the service where one is configured, in the folder where it fails or there is none. */
import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { Metrics } from "../core/metrics.ts";
import type {
  KnowledgeFailure,
  KnowledgeOutcome,
  KnowledgePassage,
  KnowledgeSource,
} from "../ports/knowledge.ts";
import { hitFrom, type KnowledgeHit, type KnowledgeIndex } from "./knowledge.ts";
import type { NoticeBoard } from "./notice-board.ts";
import { Outage } from "./outage.ts";

/** What a desk works with. */
export interface KnowledgeDeskOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly notices: NoticeBoard;
  readonly folder: KnowledgeIndex;
  /** Absent: the folder only. */
  readonly source?: KnowledgeSource | undefined;
  /** Longest that the source may take. */
  readonly timeoutMs: number;
  /** Questions to the source at a time; the next ones are answered from the folder. */
  readonly maxAsked: number;
}

/** What was found. */
export interface KnowledgeFinding {
  /** Best first. */
  readonly hits: readonly KnowledgeHit[];
  /** The source should have answered, and the folder did. */
  readonly isFallback: boolean;
}

const FIRST_RETRY_MS = 1000;
const MAX_RETRY_MS = 60_000;
/** Asked to find out whether the source is back; what it finds is thrown away. */
const PROBE = "opening hours";

const DOWN =
  "The knowledge service fails: answers rest on the local folder. Transcript, playbook and coaching go on.";
const BACK = "The knowledge service answers again.";

/** Lives as long as the gateway. */
export class KnowledgeDesk {
  readonly #options: KnowledgeDeskOptions;
  readonly #closed = new AbortController();
  readonly #outage: Outage;
  #asked = 0;

  constructor(options: KnowledgeDeskOptions) {
    this.#options = options;
    const { clock, notices, logger } = options;
    this.#outage = new Outage({
      clock,
      firstRetryMs: FIRST_RETRY_MS,
      maxRetryMs: MAX_RETRY_MS,
      probe: () => this.#probe(),
      onChange: (isDown) => {
        notices.tell("knowledge", !isDown, isDown ? DOWN : BACK);
        if (!isDown) {
          logger.info("the knowledge service is back");
        }
      },
    });
  }

  /** What answers at once where there is no service; `undefined` where there is one. */
  get folder(): KnowledgeIndex | undefined {
    return this.#options.source === undefined ? this.#options.folder : undefined;
  }

  /** Never rejects. */
  async search(question: string, maxHits: number): Promise<KnowledgeFinding> {
    const { folder, source } = this.#options;
    if (source === undefined) {
      return { hits: folder.search(question, maxHits), isFallback: false };
    }
    const passages = this.#outage.isDown ? undefined : await this.#ask(source, question, maxHits);
    return passages === undefined
      ? { hits: folder.search(question, maxHits), isFallback: true }
      : { hits: passages.map((passage) => hitFrom(passage, question)), isFallback: false };
  }

  /** Ends what is being asked. */
  close(): void {
    this.#closed.abort();
    this.#outage.close();
  }

  async #ask(
    source: KnowledgeSource,
    question: string,
    maxPassages: number,
  ): Promise<readonly KnowledgePassage[] | undefined> {
    if (this.#asked >= this.#options.maxAsked) {
      this.#count(source, "busy");
      return undefined;
    }
    const outcome = await this.#retrieve(source, question, maxPassages);
    if (outcome.kind === "found") {
      this.#count(source, outcome.passages.length === 0 ? "nothing" : "found");
      return outcome.passages;
    }
    const { failure } = outcome;
    this.#count(source, failure);
    if (!this.#outage.isDown && !this.#closed.signal.aborted) {
      this.#options.logger.warn("the knowledge service fails", { source: source.kind, failure });
      this.#outage.fail();
    }
    return undefined;
  }

  async #retrieve(
    source: KnowledgeSource,
    question: string,
    maxPassages: number,
  ): Promise<KnowledgeOutcome> {
    const { clock, metrics, timeoutMs } = this.#options;
    const startedUs = clock.nowUs();
    this.#asked += 1;
    try {
      const { signal } = this.#closed;
      return await source.retrieve({ question, maxPassages, timeoutMs, signal });
    } finally {
      this.#asked -= 1;
      const ms = (clock.nowUs() - startedUs) / 1000;
      metrics.observe("trunkline_assist_knowledge_ms", ms, { source: source.kind });
    }
  }

  async #probe(): Promise<boolean> {
    const { source } = this.#options;
    if (source === undefined) {
      return true;
    }
    const outcome = await this.#retrieve(source, PROBE, 1);
    this.#count(source, outcome.kind === "found" ? "probed" : outcome.failure);
    return outcome.kind === "found";
  }

  #count(
    { kind }: KnowledgeSource,
    outcome: KnowledgeFailure | "found" | "nothing" | "busy" | "probed",
  ): void {
    const labels = { source: kind, outcome };
    this.#options.metrics.increment("trunkline_assist_knowledge_total", labels);
  }
}
