/** How a dialogue begins when the flow has a greeting of its own. */
import type { Dialogue } from "../ports/dialogue.ts";
import type { Voice } from "./voice.ts";

const OPENING = "(greeting)";

/**
 * A dialogue whose first step says something is left as it is: the greeting takes the place of those words. One that
 * begins by listening gets a step before it that does nothing but greet.
 */
export function greetedDialogue(dialogue: Dialogue, greeting: string | undefined): Dialogue {
  if (greeting === undefined || dialogue.steps[dialogue.start]?.say !== undefined) {
    return dialogue;
  }
  // biome-ignore lint/suspicious/noThenProperty: `then` is a field of the flow's language, and nothing awaits a step
  const opening = { say: greeting, then: dialogue.start };
  return { start: OPENING, steps: { ...dialogue.steps, [OPENING]: opening } };
}

/** The greeting takes the place of the first step's text, where this machine can say it. */
export function openingText(
  voice: Voice,
  greeting: string | undefined,
  say: string | undefined,
): string | undefined {
  const prefersStep =
    greeting !== undefined && say !== undefined && !voice.canSay(greeting) && voice.canSay(say);
  return prefersStep ? say : (greeting ?? say);
}
