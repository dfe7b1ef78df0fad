/** A model answers the call: it is connected before the 200, its tools are run, and its death is told to the caller. */
import type { Clock } from "../core/clock.ts";
import { codeOf, GatewayError } from "../core/errors.ts";
import type { CallId } from "../core/ids.ts";
import type { Logger } from "../core/logger.ts";
import type { Metrics } from "../core/metrics.ts";
import type { Verdict } from "../ports/call-store.ts";
import type { Dialogue } from "../ports/dialogue.ts";
import type { MediaFact } from "../ports/media-facts.ts";
import type { BargeInMode, Continuity } from "../ports/media-host.ts";
import type { ToolWebhook } from "../ports/tool-webhook.ts";
import type { Briefing } from "./briefing/briefing.ts";
import type { CallLine, CallService } from "./call-service.ts";
import { LastWords, type LastWordsPlan } from "./last-words.ts";
import { Readiness } from "./readiness.ts";
import { ToolDesk } from "./tools/tool-desk.ts";
import { type ToolPlan, toolbox } from "./tools/toolbox.ts";
import { failedWith, modelFailed } from "./verdicts.ts";

/** What a flow wants of its model. */
export interface AgentPlan extends Omit<ToolPlan, "transfers"> {
  readonly model: string;
  /** Absent: the call is over when the model is. */
  readonly continuity?: Continuity | undefined;
  readonly instructions: string;
  readonly voice: string | undefined;
  readonly greeting: string | undefined;
  readonly dialogue: Dialogue | undefined;
  /** Absent: `reversible`. */
  readonly bargeIn?: BargeInMode | undefined;
}

/** What the service needs beside the plan. */
export interface AgentServiceOptions {
  readonly callId: CallId;
  readonly plan: AgentPlan;
  /** What happens when no model is left, and whom the call may be handed to. */
  readonly lastWords: LastWordsPlan;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly webhook: ToolWebhook;
  /** How long the phone rings for a model that does not get ready. */
  readonly readyTimeoutMs: number;
  /** What the texts are filled with, and where results go; absent: they are as they are written. */
  readonly briefing?: Briefing | undefined;
}

/** `modelReady` or `modelFailed` settles the preparation; later facts drive the call. */
export class AgentService implements CallService {
  readonly mode = "agent";
  readonly model: string;
  readonly #options: AgentServiceOptions;
  readonly #readiness: Readiness;
  readonly #desk: ToolDesk;
  readonly #lastWords: LastWords;
  #line: CallLine | undefined;

  constructor(options: AgentServiceOptions) {
    const { callId, plan, lastWords, clock, logger, metrics, webhook } = options;
    this.#options = options;
    this.model = plan.model;
    this.#readiness = new Readiness(clock);
    const parts = { clock, logger, metrics };
    const { transfers } = lastWords;
    const tools = toolbox({ ...plan, transfers }, { ...parts, webhook });
    this.#desk = new ToolDesk({ clock, logger, metrics, tools });
    this.#lastWords = new LastWords({ ...parts, callId, plan: lastWords });
  }

  /** A call whose models all failed is answered for the last words, unless the flow has it refused. */
  async prepare(line: CallLine): Promise<void> {
    this.#line = line;
    if (this.#options.briefing?.awaitsCode === true) {
      void this.#talk(line).catch((error: unknown) => line.end(failedWith(error)));
      return;
    }
    await this.#talk(line);
  }

  async #talk(line: CallLine): Promise<void> {
    try {
      await this.#attach(line);
    } catch (error) {
      const code = codeOf(error);
      if (code?.startsWith("MODEL_") !== true || !this.#lastWords.answers) {
        throw error;
      }
      const ready = this.#untilReady(line);
      const reason = String((error as GatewayError).details["reason"]);
      await Promise.all([this.#lastWords.begin(line, modelFailed(code, reason)), ready]);
    }
  }

  async conclude(verdict: Verdict): Promise<void> {
    if (this.#line !== undefined) {
      await this.#options.briefing?.conclude(this.#line, verdict);
    }
  }

  onFact(fact: MediaFact): void {
    if (this.#options.briefing?.takes(fact) === true) {
      return;
    }
    if (fact.kind === "modelReady") {
      this.#readiness.settle();
    } else if (fact.kind === "modelFailed") {
      this.#onModelFailed(new GatewayError(fact.code, { reason: fact.reason }));
    } else if (this.#lastWords.begun) {
      this.#lastWords.onFact(fact);
    } else if (fact.kind === "toolCalled" && this.#line !== undefined) {
      void this.#desk.take(this.#line, fact);
    }
  }

  async #attach(line: CallLine): Promise<void> {
    const { callId, briefing } = this.#options;
    const { model, continuity, bargeIn, ...wanted } = this.#options.plan;
    const { voice, dialogue } = wanted;
    const { instructions, greeting } =
      briefing === undefined ? wanted : await briefing.brief(line, wanted);
    const ready = this.#untilReady(line);
    const tools = this.#desk.definitions;
    const plan = { callId, instructions, voice, greeting, tools, dialogue };
    await Promise.all([
      line.execute({ kind: "attachModel", model, mode: "talk", plan, continuity, bargeIn }),
      ready,
    ]);
  }

  #untilReady({ signal }: CallLine): Promise<void> {
    return this.#readiness.wait(signal, this.#options.readyTimeoutMs);
  }

  /** Before the answer the caller is refused, or answered for the last words; after it they are told. */
  #onModelFailed(failure: GatewayError): void {
    if (this.#readiness.awaited) {
      this.#readiness.settle(failure);
    } else if (this.#lastWords.begun) {
      this.#lastWords.giveUp();
    } else if (this.#line !== undefined) {
      const reason = String(failure.details["reason"]);
      void this.#lastWords.begin(this.#line, modelFailed(failure.code, reason));
    }
  }
}
