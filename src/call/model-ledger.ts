/** Which model spoke with the caller when, what ended it, and what the providers counted. */
import { addEach } from "../core/add-each.ts";
import type { ModelSpan, ModelSpanEnd, UsageTotal } from "../ports/call-store.ts";
import type { MediaFact } from "../ports/media-facts.ts";
import type { ModelUsage } from "../ports/realtime-model.ts";

/** Sessions kept of one call; a model that is renewed all the time must not fill the memory. */
const KEPT_SPANS = 500;

interface Ending {
  readonly ended: ModelSpanEnd;
  readonly code?: ModelSpan["code"];
  readonly reason?: string | undefined;
}

/** Follows the facts of one call. */
export class ModelLedger {
  readonly #spans: ModelSpan[] = [];
  readonly #usage = new Map<string, UsageTotal>();

  add(fact: MediaFact): void {
    switch (fact.kind) {
      case "modelReady":
        if (this.#open?.model !== fact.model) {
          this.#begin(fact.model, fact.atMs);
        }
        break;
      case "modelRenewed":
        this.#end(fact.atMs, { ended: "renewed" });
        this.#begin(fact.model, fact.atMs);
        break;
      case "modelReplaced": {
        const { model, by, atMs, code, reason } = fact;
        if (this.#open?.model !== model) {
          this.#begin(model, atMs);
        }
        this.#end(atMs, { ended: "replaced", code, reason });
        this.#begin(by, atMs);
        break;
      }
      case "modelFailed":
        this.#end(fact.atMs, { ended: "failed", code: fact.code, reason: fact.reason });
        break;
      case "modelUsed":
        this.#count(fact.model, fact.usage, fact.costUsd);
        break;
      default:
        break;
    }
  }

  get usage(): readonly UsageTotal[] {
    return [...this.#usage.values()];
  }

  /** While the call goes on. */
  get spans(): readonly ModelSpan[] {
    return [...this.#spans];
  }

  /** The call is over. */
  finish(atMs: number): readonly ModelSpan[] {
    this.#end(atMs, { ended: "callEnded" });
    return this.spans;
  }

  get #open(): ModelSpan | undefined {
    const last = this.#spans[this.#spans.length - 1];
    return last?.ended === undefined ? last : undefined;
  }

  #begin(model: string, fromMs: number): void {
    if (this.#spans.length < KEPT_SPANS) {
      const nothing = { toMs: undefined, ended: undefined, code: undefined, reason: undefined };
      this.#spans.push({ model, fromMs, ...nothing });
    }
  }

  #end(toMs: number, { ended, code, reason }: Ending): void {
    const open = this.#open;
    if (open !== undefined) {
      this.#spans[this.#spans.length - 1] = { ...open, toMs, ended, code, reason };
    }
  }

  #count(model: string, usage: ModelUsage, costUsd: number | undefined): void {
    const before = this.#usage.get(model);
    this.#usage.set(model, {
      model,
      usage: before === undefined ? usage : addEach(before.usage, usage),
      costUsd: costUsd === undefined ? before?.costUsd : (before?.costUsd ?? 0) + costUsd,
    });
  }
}
