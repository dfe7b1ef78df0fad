/** What the caller hears when no model is left: an apology by the machine's own voice, then the flow's last resort. */
import { after, type Clock, type Timer } from "../core/clock.ts";
import type { CallId } from "../core/ids.ts";
import type { Logger } from "../core/logger.ts";
import type { Metrics } from "../core/metrics.ts";
import type { Verdict } from "../ports/call-store.ts";
import type { MediaFact } from "../ports/media-facts.ts";
import type { CallLine, LegCommandOf } from "./call-service.ts";
import { handOver } from "./hand-over.ts";
import type { LastResort, Menu, MenuAction, TransferTarget } from "./transfer-schema.ts";
import { transferred } from "./verdicts.ts";

/** What is said and done when no model is left. */
export interface LastWordsPlan {
  /** A model that needs nothing but this machine. */
  readonly model: string;
  readonly text: string;
  /** What becomes of a call that is not answered yet. */
  readonly whenUnreachable: "apologise" | "refuse";
  /** Absent: the call ends. */
  readonly resort?: LastResort | undefined;
  readonly transfers: Readonly<Record<string, TransferTarget>>;
}

/** What the last words work with. */
export interface LastWordsOptions {
  readonly callId: CallId;
  readonly plan: LastWordsPlan;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Words that were not heard by then are not waited for. */
const WORDS_LIMIT_MS = 20_000;

/** `attaching`: facts may still be those of the model that was lost. */
type Phase = "idle" | "attaching" | "apology" | "menu" | "waiting" | "leaving";

/** Once begun, it ends the call in every case. */
export class LastWords {
  readonly #options: LastWordsOptions;
  #line: CallLine | undefined;
  #verdict: Verdict | undefined;
  #phase: Phase = "idle";
  #repeatsLeft = 0;
  #timer: Timer | undefined;

  constructor(options: LastWordsOptions) {
    this.#options = options;
  }

  get begun(): boolean {
    return this.#phase !== "idle";
  }

  /** Whether a call that is not answered yet is to be answered for them. */
  get answers(): boolean {
    return this.#options.plan.whenUnreachable === "apologise";
  }

  /** Attaches the machine's own voice, which speaks at once; never rejects. `verdict`: why the call ends. */
  async begin(line: CallLine, verdict: Verdict): Promise<void> {
    this.#line = line;
    this.#verdict = verdict;
    const { resort, text } = this.#options.plan;
    this.#repeatsLeft = resort !== undefined && "menu" in resort ? resort.menu.repeat : 0;
    line.signal.addEventListener("abort", () => this.#timer?.cancel(), { once: true });
    await this.#speak(line, text, "apology");
  }

  onFact(fact: MediaFact): void {
    if (fact.kind === "turnPlayed") {
      this.#onSpoken();
    } else if (fact.kind === "digitReceived") {
      this.#onDigit(fact.digit);
    }
  }

  /** The machine's own voice failed too. */
  giveUp(): void {
    this.#end();
  }

  /** As the greeting of a model that says nothing else: it can be spoken over, and by keys. Never rejects. */
  async #speak(line: CallLine, text: string, phase: "apology" | "menu"): Promise<void> {
    this.#phase = "attaching";
    this.#timer?.cancel();
    try {
      await line.execute(this.#attachment(text));
      this.#await(phase, WORDS_LIMIT_MS);
    } catch (error) {
      this.#options.logger.debug("last words cut short", { error });
      this.#end();
    }
  }

  #attachment(greeting: string): LegCommandOf {
    const { callId, plan } = this.#options;
    return {
      kind: "attachModel",
      model: plan.model,
      mode: "talk",
      plan: {
        callId,
        instructions: "",
        voice: undefined,
        greeting,
        tools: [],
        dialogue: { start: "end", steps: { end: {} } },
      },
    };
  }

  #onSpoken(): void {
    const { resort } = this.#options.plan;
    if (this.#phase === "menu" && resort !== undefined && "menu" in resort) {
      this.#await("waiting", resort.menu.waitSeconds * 1000);
    } else if (this.#phase === "apology") {
      this.#resort(resort);
    }
  }

  #resort(resort: LastResort | undefined): void {
    if (resort === undefined) {
      this.#end();
    } else if ("transfer" in resort) {
      void this.#transfer(resort.transfer);
    } else {
      this.#sayMenu(resort.menu);
    }
  }

  #sayMenu(menu: Menu): void {
    if (this.#line !== undefined) {
      void this.#speak(this.#line, menu.say, "menu");
    }
  }

  /** Nothing was heard, nothing was pressed, or something that is not in the menu. */
  #again(): void {
    const { resort } = this.#options.plan;
    if (resort === undefined || !("menu" in resort) || this.#repeatsLeft === 0) {
      this.#end();
      return;
    }
    this.#repeatsLeft -= 1;
    this.#sayMenu(resort.menu);
  }

  #onDigit(digit: string): void {
    if (this.#phase !== "menu" && this.#phase !== "waiting") {
      return;
    }
    const { resort } = this.#options.plan;
    const action: MenuAction | undefined =
      resort !== undefined && "menu" in resort ? resort.menu.digits[digit] : undefined;
    if (action === undefined) {
      this.#again();
    } else if (action === "hangUp") {
      this.#end();
    } else {
      void this.#transfer(action.transfer);
    }
  }

  async #transfer(name: string): Promise<void> {
    const { plan, metrics } = this.#options;
    const target = plan.transfers[name];
    const line = this.#line;
    this.#phase = "leaving";
    this.#timer?.cancel();
    if (line === undefined || target === undefined) {
      this.#end();
      return;
    }
    const outcome = await handOver(line, target, metrics);
    if (outcome === "done") {
      line.end(transferred(name, "gateway"));
    } else {
      this.#again();
    }
  }

  /** Waits for what ends the phase, but not for ever. */
  #await(phase: Phase, limitMs: number): void {
    this.#phase = phase;
    this.#timer?.cancel();
    if (this.#line?.signal.aborted === false) {
      const next = phase === "waiting" ? () => this.#again() : () => this.#onSpoken();
      this.#timer = after(this.#options.clock, limitMs, next);
    }
  }

  #end(): void {
    this.#timer?.cancel();
    if (this.#verdict !== undefined) {
      this.#line?.end(this.#verdict);
    }
  }
}
