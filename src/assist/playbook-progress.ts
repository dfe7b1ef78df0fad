/** How far a conversation is in its playbook. */
import type { AssistRole, PlaybookStep } from "../ports/assist-events.ts";
import type { Playbook } from "./playbook.ts";
import { holdsPhrase, phraseText } from "./words.ts";

/** What an utterance changed. */
export interface PlaybookMove {
  readonly stepsChanged: boolean;
  /** What to do now. */
  readonly suggestions: readonly string[];
}

interface Rule {
  readonly by: "agent" | "customer" | "anyone";
  readonly any: readonly string[];
  readonly unless: readonly string[];
}

/** Of one conversation. Each suggestion of a playbook is made once. */
export class PlaybookProgress {
  readonly #playbook: Playbook;
  readonly #steps: readonly Rule[];
  readonly #suggestions: readonly Rule[];
  readonly #dispositions: readonly Rule[];
  readonly #doneBy = new Map<number, string>();
  readonly #suggested = new Set<number>();
  #disposition: number | undefined;

  constructor(playbook: Playbook) {
    this.#playbook = playbook;
    this.#steps = playbook.steps.map(ruleOf);
    this.#suggestions = playbook.suggestions.map(ruleOf);
    this.#dispositions = playbook.dispositions.map(({ any }) => ruleOf({ by: "customer", any }));
  }

  get name(): string {
    return this.#playbook.name;
  }

  hear(role: AssistRole, text: string, utteranceId: string): PlaybookMove {
    const spaced = phraseText(text);
    const doneBefore = this.#doneBy.size;
    this.#steps.forEach((rule, index) => {
      if (!this.#doneBy.has(index) && fits(rule, role, spaced)) {
        this.#doneBy.set(index, utteranceId);
      }
    });
    const fitting = this.#dispositions.findIndex((rule) => fits(rule, role, spaced));
    if (fitting >= 0 && (this.#disposition === undefined || fitting < this.#disposition)) {
      this.#disposition = fitting;
    }
    const suggestions: string[] = [];
    this.#suggestions.forEach((rule, index) => {
      if (!this.#suggested.has(index) && fits(rule, role, spaced)) {
        this.#suggested.add(index);
        suggestions.push(this.#playbook.suggestions[index]?.text ?? "");
      }
    });
    return { stepsChanged: this.#doneBy.size !== doneBefore, suggestions };
  }

  steps(): readonly PlaybookStep[] {
    return this.#playbook.steps.map(({ id, title }, index) => ({
      id,
      title,
      done: this.#doneBy.has(index),
      utteranceId: this.#doneBy.get(index),
    }));
  }

  /** Titles of required steps that were passed over; at the end, of all that are not done. */
  missed(when: "sofar" | "end"): readonly string[] {
    const last = when === "end" ? this.#steps.length : Math.max(-1, ...this.#doneBy.keys());
    return this.#playbook.steps
      .filter(({ required }, index) => required && index < last && !this.#doneBy.has(index))
      .map(({ title }) => title);
  }

  /** The name of the first rule that fits what the customer said; `undefined`: none. */
  get disposition(): string | undefined {
    return this.#disposition === undefined
      ? undefined
      : this.#playbook.dispositions[this.#disposition]?.name;
  }
}

function ruleOf(rule: {
  readonly by: Rule["by"];
  readonly any: readonly string[];
  readonly unless?: readonly string[] | undefined;
}): Rule {
  return {
    by: rule.by,
    any: rule.any.map(phraseText),
    unless: (rule.unless ?? []).map(phraseText),
  };
}

/** A model speaks in the agent's place. */
function fits({ by, any, unless }: Rule, role: AssistRole, spaced: string): boolean {
  const speaker = role === "model" ? "agent" : role;
  return (
    (by === "anyone" || by === speaker) &&
    any.some((phrase) => holdsPhrase(spaced, phrase)) &&
    !unless.some((phrase) => holdsPhrase(spaced, phrase))
  );
}
