import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import {
  advanceDialogue,
  type DialogueAction,
  type DialogueInput,
  expectedPhrases,
  startState,
} from "../../src/models/dialogue-runner.ts";
import type { Dialogue } from "../../src/ports/dialogue.ts";

const MENU = parse(`
start: welcome
steps:
  welcome: { say: Hello., then: listen }
  listen:
    words: { "yes": agree, bye: goodbye }
    digits: { "1": agree, "9": goodbye }
    otherwise: echo
    silence: { afterMs: 5000, next: nudge }
  agree: { say: Good., then: listen }
  echo: { say: "You said:", echo: true, then: listen }
  nudge: { say: "Still there?", then: listen }
  goodbye: { say: Goodbye., hangUp: true }
`) as Dialogue;

function dialogue(yaml: string): Dialogue {
  return parse(yaml) as Dialogue;
}

/** Follows the inputs and returns what was done, in short. */
function follow(script: Dialogue, inputs: readonly DialogueInput[]): string[] {
  let state = startState(script);
  return inputs.map((input) => {
    const move = advanceDialogue(script, state, input);
    state = move.state;
    return describeAction(move.action);
  });
}

function describeAction(action: DialogueAction | undefined): string {
  switch (action?.kind) {
    case "speak":
      return `speak ${action.step}`;
    case "listen":
      return `listen ${action.silenceMs}`;
    case "hangUp":
      return "hang up";
    default:
      return "-";
  }
}

const begin: DialogueInput = { kind: "begin" };
const rejoin: DialogueInput = { kind: "rejoin" };
const said: DialogueInput = { kind: "said" };
const interrupted: DialogueInput = { kind: "interrupted" };
const silence: DialogueInput = { kind: "silence" };
const turn = (phrase?: string): DialogueInput => ({ kind: "turn", phrase });
const digit = (key: string): DialogueInput => ({ kind: "digit", digit: key });

describe("a dialogue", () => {
  test("takes up a conversation behind the words of the first step", () => {
    expect(follow(MENU, [rejoin, digit("1"), said])).toEqual([
      "listen 5000",
      "speak agree",
      "listen 5000",
    ]);
  });

  const cases: [name: string, script: Dialogue, inputs: DialogueInput[], actions: string[]][] = [
    ["says its first step, then listens", MENU, [begin, said], ["speak welcome", "listen 5000"]],
    [
      "goes where a phrase leads",
      MENU,
      [begin, said, turn("yes"), said],
      ["speak welcome", "listen 5000", "speak agree", "listen 5000"],
    ],
    [
      "takes speech that no phrase matched as otherwise",
      MENU,
      [begin, said, turn("banana"), said, turn()],
      ["speak welcome", "listen 5000", "speak echo", "listen 5000", "speak echo"],
    ],
    [
      "goes where a key leads, and waits anew after any other",
      MENU,
      [begin, said, digit("5"), digit("1")],
      ["speak welcome", "listen 5000", "listen 5000", "speak agree"],
    ],
    [
      "takes a key of the step to come while a step is said",
      MENU,
      [begin, digit("7"), digit("9")],
      ["speak welcome", "-", "speak goodbye"],
    ],
    [
      "moves on in silence",
      MENU,
      [begin, said, silence, said],
      ["speak welcome", "listen 5000", "speak nudge", "listen 5000"],
    ],
    [
      "takes speech over a step as the answer to it",
      MENU,
      [begin, interrupted, turn("yes"), interrupted, turn()],
      ["speak welcome", "listen 5000", "speak agree", "listen 5000", "speak echo"],
    ],
    [
      "takes an answer to a step that is still being said",
      MENU,
      [begin, turn("bye")],
      ["speak welcome", "speak goodbye"],
    ],
    [
      "hangs up when the last words were said, and does nothing more",
      MENU,
      [begin, said, turn("bye"), said, turn("yes"), digit("1"), silence, said, begin],
      ["speak welcome", "listen 5000", "speak goodbye", "hang up", "-", "-", "-", "-", "-"],
    ],
    [
      "hangs up at once when the last words are spoken over",
      MENU,
      [begin, said, digit("9"), interrupted, turn()],
      ["speak welcome", "listen 5000", "speak goodbye", "hang up", "-"],
    ],
    [
      "is not kept from hanging up by speech or keys",
      MENU,
      [begin, digit("9"), turn("yes"), digit("1"), said],
      ["speak welcome", "speak goodbye", "-", "-", "hang up"],
    ],
    [
      "does nothing before it begins",
      MENU,
      [said, turn(), digit("1"), silence, interrupted, begin],
      ["-", "-", "-", "-", "-", "speak welcome"],
    ],
    [
      "passes through steps without words",
      dialogue("{ start: a, steps: { a: { then: b }, b: { then: c }, c: { say: Hi. } } }"),
      [begin, said],
      ["speak c", "listen undefined"],
    ],
    [
      "ends a ring of steps without words in listening",
      dialogue("{ start: a, steps: { a: { then: b }, b: { then: a } } }"),
      [begin, turn(), digit("1")],
      ["listen undefined", "listen undefined", "listen undefined"],
    ],
    [
      "speaks the farewell of a step that is on its way out",
      dialogue("{ start: a, steps: { a: { say: So., then: b }, b: { say: Bye., hangUp: true } } }"),
      [begin, interrupted, said],
      ["speak a", "speak b", "hang up"],
    ],
    [
      "hangs up without a word",
      dialogue("{ start: a, steps: { a: { hangUp: true } } }"),
      [begin],
      ["hang up"],
    ],
    [
      "listens for ever where nothing leads on",
      dialogue("{ start: a, steps: { a: { say: Hi. } } }"),
      [begin, said, turn("yes"), silence],
      ["speak a", "listen undefined", "listen undefined", "-"],
    ],
    [
      "does not mistake what objects inherit for phrases, keys and steps",
      dialogue(
        "{ start: a, steps: { a: { say: Hi., words: { x: a }, digits: { '1': toString } } } }",
      ),
      [begin, turn("constructor"), digit("valueOf"), digit("1")],
      ["speak a", "listen undefined", "listen undefined", "listen undefined"],
    ],
  ];

  test.each(cases)("%s", (_name, script, inputs, actions) => {
    expect(follow(script, inputs)).toEqual(actions);
  });

  test("expects the phrases of the step that takes the answer", () => {
    const state = advanceDialogue(MENU, startState(MENU), begin).state;
    expect(expectedPhrases(MENU, state)).toEqual(["yes", "bye"]);
    expect(expectedPhrases(MENU, { phase: "speaking", step: "goodbye" })).toEqual([]);
  });
});
