/** A model answers the call: it is connected before the 200, its tools are run, and its death is told to the caller. */
import { after, type Clock, sleep, type Timer } from "../core/clock.ts";
import { GatewayError } from "../core/errors.ts";
import type { CallId } from "../core/ids.ts";
import type { Logger } from "../core/logger.ts";
import type { Verdict } from "../ports/call-store.ts";
import type { Dialogue } from "../ports/dialogue.ts";
import type { MediaFact } from "../ports/media-facts.ts";
import type { CallLine, CallService } from "./call-service.ts";
import { checkToolCall, type ToolName, toolDefinitions } from "./tools.ts";
import { MODEL_HUNG_UP, modelFailed } from "./verdicts.ts";

/** What a flow wants of its model. */
export interface AgentPlan {
  readonly model: string;
  readonly instructions: string;
  readonly voice: string | undefined;
  readonly greeting: string | undefined;
  readonly tools: readonly ToolName[];
  readonly dialogue: Dialogue | undefined;
}

/** What is said when the model is lost, and by whom. */
export interface Apology {
  /** A model that needs nothing but this machine. */
  readonly model: string;
  readonly text: string;
}

/** What the service needs beside the plan. */
export interface AgentServiceOptions {
  readonly callId: CallId;
  readonly plan: AgentPlan;
  readonly apology: Apology;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long the phone rings for a model that does not get ready. */
  readonly readyTimeoutMs: number;
}

/** The call ends after this long, whether the apology was heard or not. */
const APOLOGY_LIMIT_MS = 20_000;

/** `modelReady` or `modelFailed` settles the preparation; later facts drive the call. */
export class AgentService implements CallService {
  readonly mode = "agent";
  readonly model: string;
  readonly #options: AgentServiceOptions;
  #line: CallLine | undefined;
  #settle: ((failure: GatewayError | undefined) => void) | undefined;
  #apologising = false;
  /** Set once the apology is on its way: the call ends with its last word. */
  #apologyEnds: Verdict | undefined;

  constructor(options: AgentServiceOptions) {
    this.#options = options;
    this.model = options.plan.model;
  }

  async prepare(line: CallLine): Promise<void> {
    this.#line = line;
    const ready = this.#untilReady(line.signal);
    const { model, tools, instructions, voice, greeting, dialogue } = this.#options.plan;
    const plan = {
      callId: this.#options.callId,
      instructions,
      voice,
      greeting,
      tools: toolDefinitions(tools),
      dialogue,
    };
    await Promise.all([line.execute({ kind: "attachModel", model, mode: "talk", plan }), ready]);
  }

  onFact(fact: MediaFact): void {
    switch (fact.kind) {
      case "modelReady":
        this.#settle?.(undefined);
        break;
      case "modelFailed":
        this.#onModelFailed(new GatewayError(fact.code, { reason: fact.reason }));
        break;
      case "turnPlayed":
        if (this.#apologyEnds !== undefined) {
          this.#line?.end(this.#apologyEnds);
        }
        break;
      case "toolCalled":
        this.#onToolCalled(fact.toolCallId, fact.name, fact.argumentsJson);
        break;
      default:
        break;
    }
  }

  #untilReady(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      let timer: Timer | undefined;
      const settle = (failure: GatewayError | undefined): void => {
        this.#settle = undefined;
        timer?.cancel();
        signal.removeEventListener("abort", onAbort);
        if (failure === undefined) {
          resolve();
        } else {
          reject(failure);
        }
      };
      const onAbort = (): void => settle(new GatewayError("SIP_INVITATION_ENDED"));
      this.#settle = settle;
      signal.addEventListener("abort", onAbort, { once: true });
      timer = after(this.#options.clock, this.#options.readyTimeoutMs, () =>
        settle(new GatewayError("MODEL_CONNECT_FAILED", { reason: "not ready in time" })),
      );
      if (signal.aborted) {
        onAbort();
      }
    });
  }

  /** Before the answer the caller is refused; after it they are told, and the call ends. */
  #onModelFailed(failure: GatewayError): void {
    if (this.#settle !== undefined) {
      this.#settle(failure);
      return;
    }
    const verdict = modelFailed(failure.code, String(failure.details["reason"]));
    if (this.#apologising) {
      this.#line?.end(verdict);
      return;
    }
    this.#apologising = true;
    void this.#apologise(verdict);
  }

  async #apologise(verdict: Verdict): Promise<void> {
    const { apology, callId, logger, clock } = this.#options;
    const plan = {
      callId,
      instructions: "",
      voice: undefined,
      greeting: apology.text,
      tools: [],
      dialogue: { start: "end", steps: { end: {} } },
    };
    try {
      await this.#line?.execute({ kind: "attachModel", model: apology.model, mode: "talk", plan });
      this.#apologyEnds = verdict;
      await sleep(clock, APOLOGY_LIMIT_MS, this.#line?.signal);
      this.#line?.end(verdict);
    } catch (error) {
      logger.debug("apology cut short", { error });
      this.#line?.end(verdict);
    }
  }

  #onToolCalled(toolCallId: string, name: string, argumentsJson: string): void {
    const checked = checkToolCall(name, argumentsJson, this.#options.plan.tools);
    switch (checked.kind) {
      case "hangUp":
        this.#answerTool(toolCallId, { ok: true });
        this.#line?.farewell(MODEL_HUNG_UP);
        break;
      case "sendDtmf":
        void this.#sendDigits(toolCallId, checked.digits);
        break;
      case "refused":
        this.#answerTool(toolCallId, { ok: false, error: checked.error });
        break;
    }
  }

  async #sendDigits(toolCallId: string, digits: string): Promise<void> {
    try {
      await this.#line?.execute({ kind: "sendDigits", digits });
      this.#answerTool(toolCallId, { ok: true });
    } catch {
      this.#answerTool(toolCallId, { ok: false, error: "The keys could not be pressed." });
    }
  }

  #answerTool(toolCallId: string, output: Readonly<Record<string, unknown>>): void {
    const command = { kind: "toolResult", toolCallId, outputJson: JSON.stringify(output) } as const;
    this.#line?.execute(command).catch((error: unknown) => {
      this.#options.logger.debug("tool result came too late", { error });
    });
  }
}
