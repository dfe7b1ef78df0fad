/** How a scripted dialogue is written in a flow, and what can be wrong with it. */
import { z } from "zod";
import type { Dialogue, DialogueStep } from "../ports/dialogue.ts";

/** Where a dialogue goes wrong, and how. */
interface DialogueProblem {
  readonly path: readonly string[];
  readonly message: string;
}

const stepName = z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, "letters, digits, _ and -");
/** Words that the local recogniser can be given. */
export const phrase = z
  .string()
  .max(80)
  .regex(/^[a-z']+(?: [a-z']+)*$/, "words of lower-case letters with single spaces");
const digit = z.string().regex(/^[0-9*#A-D]$/, "one of 0-9, *, #, A-D");

const stepSchema = z.strictObject({
  say: z.string().min(1).max(1000).optional().describe("Said first."),
  echo: z.boolean().optional().describe("After say, plays the caller's last words back."),
  words: z.record(phrase, stepName).optional().describe("What the caller says → next step."),
  digits: z.record(digit, stepName).optional().describe("The key the caller presses → next step."),
  otherwise: stepName.optional().describe("Next step for any other speech."),
  silence: z
    .strictObject({
      afterMs: z.number().int().min(500).max(600_000).describe("Milliseconds without a word."),
      next: stepName,
    })
    .optional()
    .describe("Next step when nothing is heard."),
  // biome-ignore lint/suspicious/noThenProperty: the word that flows use, and a schema, not a promise
  then: stepName.optional().describe("Next step as soon as this one is said, without listening."),
  hangUp: z.boolean().optional().describe("Ends the call once the step was said."),
});

/** A dialogue whose every step leads somewhere. */
export const dialogueSchema = z
  .strictObject({
    start: stepName.describe("The first step."),
    steps: z.record(stepName, stepSchema).describe("Steps by name."),
  })
  .superRefine((dialogue, context) => {
    for (const { path, message } of dialogueProblems(dialogue)) {
      context.addIssue({ code: "custom", path: [...path], message });
    }
  });

function dialogueProblems(dialogue: Dialogue): readonly DialogueProblem[] {
  const { start, steps } = dialogue;
  const names = Object.entries(steps);
  return [
    ...missingStep(["start"], start, steps),
    ...names.flatMap(([name, step]) => referenceProblems(name, step, steps)),
    ...names.flatMap(([name, step]) => contradictions(name, step)),
    ...names.flatMap(([name]) => endlessChain(name, steps)),
  ];
}

function referenceProblems(
  name: string,
  step: DialogueStep,
  steps: Dialogue["steps"],
): readonly DialogueProblem[] {
  const named = (field: "words" | "digits"): readonly DialogueProblem[] =>
    Object.entries(step[field] ?? {}).flatMap(([input, next]) =>
      missingStep(["steps", name, field, input], next, steps),
    );
  return [
    ...named("words"),
    ...named("digits"),
    ...missingStep(["steps", name, "otherwise"], step.otherwise, steps),
    ...missingStep(["steps", name, "silence", "next"], step.silence?.next, steps),
    ...missingStep(["steps", name, "then"], step.then, steps),
  ];
}

function missingStep(
  path: readonly string[],
  next: string | undefined,
  steps: Dialogue["steps"],
): readonly DialogueProblem[] {
  return next === undefined || Object.hasOwn(steps, next)
    ? []
    : [{ path, message: `expected the name of a step, found "${next}", which is none` }];
}

function contradictions(name: string, step: DialogueStep): readonly DialogueProblem[] {
  return step.hangUp === true && step.then !== undefined
    ? [{ path: ["steps", name, "then"], message: "a step that hangs up leads nowhere" }]
    : [];
}

/** Steps that follow one another by `then` alone and come back would speak for ever. */
function endlessChain(first: string, steps: Dialogue["steps"]): readonly DialogueProblem[] {
  const seen = new Set<string>();
  let name: string | undefined = first;
  while (name !== undefined && Object.hasOwn(steps, name)) {
    if (seen.has(name)) {
      return name === first
        ? [{ path: ["steps", first, "then"], message: "leads back here without ever listening" }]
        : [];
    }
    seen.add(name);
    name = steps[name]?.then;
  }
  return [];
}
