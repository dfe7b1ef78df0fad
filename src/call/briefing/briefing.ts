/** What a call knows of its contact: found within a bounded time before the model is told, and given results at the end. */
import { ConversationSummary } from "../../assist/conversation-summary.ts";
import { after, type Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/logger.ts";
import type { Metrics } from "../../core/metrics.ts";
import type { Verdict } from "../../ports/call-store.ts";
import type {
  ContactClue,
  ContactDirectory,
  ContactIdentity,
  FoundContact,
} from "../../ports/contact-directory.ts";
import type { MediaFact } from "../../ports/media-facts.ts";
import type { CallLine } from "../call-service.ts";
import { fitResults, resultsOf } from "./call-results.ts";
import { type CodePlan, DigitCode } from "./digit-code.ts";
import { aboutCall, attributesIn, type CallVariables, fillVariables } from "./variables.ts";

/** What a flow wants of contacts. */
export interface ContactPlan {
  /** Names of attributes that the model is told. */
  readonly tell: readonly string[];
  readonly results: boolean;
  readonly summary: boolean;
  readonly byNumber: boolean;
  readonly code?: CodePlan | undefined;
}

/** What a briefing works with. */
export interface BriefingOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** `undefined`: nobody is asked. */
  readonly directory: ContactDirectory | undefined;
  readonly plan: ContactPlan;
  /** Named by headers that are believed. */
  readonly identity: ContactIdentity | undefined;
  /** What User-to-User and kept headers say. Private. */
  readonly carried: Readonly<Record<string, string>>;
  /** What the model is told in any case. Private. */
  readonly told: Readonly<Record<string, string>>;
  /** What was said before the call, told as it is. Private. */
  readonly before: string;
  /** How long the greeting waits for an answer. */
  readonly lookupMs: number;
  /** How long the BYE waits for the results. */
  readonly resultsMs: number;
}

/** Texts of a flow. */
export interface BriefedTexts {
  readonly instructions: string;
  readonly greeting: string | undefined;
}

/** One call's. */
export class Briefing {
  readonly #options: BriefingOptions;
  readonly #code: DigitCode | undefined;
  readonly #summary = new ConversationSummary();
  #found: FoundContact = { identity: undefined, attributes: {} };
  #turns = 0;

  constructor(options: BriefingOptions) {
    this.#options = options;
    const { plan, directory, identity, clock } = options;
    const wantsCode = directory !== undefined && identity === undefined && plan.code !== undefined;
    this.#code = wantsCode ? new DigitCode(clock, plan.code) : undefined;
  }

  /** Keys come when the call is answered: it has to be, before the model can be told who calls. */
  get awaitsCode(): boolean {
    return this.#code !== undefined;
  }

  /** Asks for the contact, and fills the texts with what is known by then; never rejects. */
  async brief(line: CallLine, texts: BriefedTexts): Promise<BriefedTexts> {
    await this.#look(line, texts);
    const { carried, told, before, plan } = this.#options;
    const { origin } = line.record;
    const attributes = { ...carried, ...told, ...this.#found.attributes };
    const variables: CallVariables = {
      attributes,
      callingNumber: origin.callingNumber,
      calledNumber: origin.calledNumber,
      contactId: (this.#found.identity ?? this.#options.identity)?.contactId,
    };
    const named = plan.tell.filter((name) => Object.hasOwn(attributes, name));
    const about = aboutCall({
      ...told,
      ...Object.fromEntries(named.map((name) => [name, attributes[name] as string])),
    });
    const instructions = fillVariables(texts.instructions, variables);
    const greeting = texts.greeting === undefined ? "" : fillVariables(texts.greeting, variables);
    return {
      instructions: [instructions, about, before].filter((text) => text !== "").join("\n\n"),
      greeting: greeting.trim() === "" ? undefined : greeting,
    };
  }

  /** Whether the fact is a key of the code, and nobody else's. */
  takes(fact: MediaFact): boolean {
    if (fact.kind === "digitReceived" && this.#code?.awaited === true) {
      this.#code.press(fact.digit);
      return true;
    }
    if (fact.kind === "turnPlayed") {
      this.#turns += 1;
    } else if (fact.kind === "transcriptAdded" && fact.final && fact.speaker === "caller") {
      this.#summary.add("customer", fact.text);
    }
    return false;
  }

  /** Writes the results, within its time; never rejects. */
  async conclude({ record }: Pick<CallLine, "record">, verdict: Verdict): Promise<void> {
    const { plan, directory, clock, logger, metrics, resultsMs } = this.#options;
    const identity = this.#found.identity ?? this.#options.identity;
    if (!plan.results || directory === undefined || identity === undefined) {
      return;
    }
    const startedUs = clock.nowUs();
    const { callId, flow } = record.origin;
    const talkedMs = clock.wallMs() - (record.answeredAtMs ?? clock.wallMs());
    const results = resultsOf({
      callId,
      flow,
      verdict,
      seconds: Math.round(talkedMs / 1000),
      turns: this.#turns,
      noted: record.noted,
      summary: plan.summary
        ? this.#summary.text({ steps: [], missed: [], sentiment: undefined })
        : undefined,
    });
    const { attributes, trimmed } = fitResults(results, this.#found.attributes);
    const written = await this.#within(resultsMs, undefined, (signal) =>
      directory.write(identity, attributes, signal),
    );
    const outcome = written === "written" && trimmed.length > 0 ? "trimmed" : written;
    record.setResults(outcome);
    metrics.increment("trunkline_contact_results_total", { outcome });
    metrics.observe("trunkline_contact_results_ms", (clock.nowUs() - startedUs) / 1000);
    if (outcome !== "written") {
      logger.warn("results did not reach the contact whole", { outcome, trimmed });
    }
  }

  async #look(line: CallLine, texts: BriefedTexts): Promise<void> {
    const { identity, plan } = this.#options;
    if (identity !== undefined) {
      line.record.setContact(identity, "headers");
      if (this.#isAttributeWanted(texts)) {
        await this.#ask(line, { by: "headers", identity });
      }
      return;
    }
    const code = await this.#code?.wait(line.signal);
    const isFound = code !== undefined && (await this.#ask(line, { by: "code", code }));
    const { callingNumber } = line.record.origin;
    if (!isFound && plan.byNumber && callingNumber !== "") {
      await this.#ask(line, { by: "number", number: callingNumber });
    }
  }

  #isAttributeWanted({ instructions, greeting = "" }: BriefedTexts): boolean {
    return this.#options.plan.tell.length > 0 || attributesIn(instructions + greeting).length > 0;
  }

  async #ask(line: CallLine, clue: ContactClue): Promise<boolean> {
    const { directory, clock, logger, metrics, lookupMs } = this.#options;
    if (directory === undefined) {
      return false;
    }
    const startedUs = clock.nowUs();
    const answer = await this.#within(lookupMs, line.signal, (signal) =>
      directory.find(clue, signal),
    );
    const { by } = clue;
    const { outcome, contact } = answer;
    metrics.increment("trunkline_contact_lookups_total", { by, outcome });
    metrics.observe("trunkline_contact_lookup_ms", (clock.nowUs() - startedUs) / 1000);
    if (contact !== undefined) {
      this.#found = contact;
      if (contact.identity !== undefined && by !== "headers") {
        line.record.setContact(contact.identity, by);
      }
    } else if (outcome !== "unknown") {
      logger.warn("the contact of the call is not known in time", { by, outcome });
    }
    return contact !== undefined;
  }

  /** The signal aborts when the time is over, or with the outer one. */
  async #within<T>(
    limitMs: number,
    outer: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const abort = new AbortController();
    const onAbort = (): void => abort.abort();
    outer?.addEventListener("abort", onAbort, { once: true });
    const timer = after(this.#options.clock, limitMs, onAbort);
    if (outer?.aborted === true) {
      onAbort();
    }
    try {
      return await work(abort.signal);
    } finally {
      timer.cancel();
      outer?.removeEventListener("abort", onAbort);
    }
  }
}
