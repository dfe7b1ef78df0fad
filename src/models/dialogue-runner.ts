/** Follows a scripted dialogue: a pure table from phase and input to the next state and one action. */
import type { Dialogue, DialogueStep } from "../ports/dialogue.ts";

/** `over`: the dialogue asked to hang up and does nothing more. */
export type DialoguePhase = "idle" | "speaking" | "listening" | "over";

/** Where a dialogue stands. */
export interface DialogueState {
  readonly phase: DialoguePhase;
  readonly step: string;
}

/** What happened on the call. */
export type DialogueInput =
  | { readonly kind: "begin" }
  /** The conversation began without this dialogue: as if the first step had been said. */
  | { readonly kind: "rejoin" }
  /** Everything the step has to say was heard. */
  | { readonly kind: "said" }
  /** The caller spoke over the step. */
  | { readonly kind: "interrupted" }
  /** The caller finished speaking; `phrase` is `undefined` when no words were read. */
  | { readonly kind: "turn"; readonly phrase: string | undefined }
  | { readonly kind: "digit"; readonly digit: string }
  | { readonly kind: "silence" };

/** What is to be done now. */
export type DialogueAction =
  | { readonly kind: "speak"; readonly step: string }
  /** `silenceMs` of nothing heard is an input too; `undefined`: wait for ever. */
  | { readonly kind: "listen"; readonly silenceMs: number | undefined }
  | { readonly kind: "hangUp" };

/** The next state, and what to do; no action means: carry on. */
export interface DialogueMove {
  readonly state: DialogueState;
  readonly action: DialogueAction | undefined;
}

type Row = (dialogue: Dialogue, state: DialogueState, input: DialogueInput) => DialogueMove;

const stay: Row = (_dialogue, state) => ({ state, action: undefined });
const begin: Row = (dialogue) => enter(dialogue, dialogue.start, 0);
const rejoin: Row = (dialogue) => leave(dialogue, dialogue.start, 0);
const finish: Row = (dialogue, state) => leave(dialogue, state.step, 0);
const interrupt: Row = (dialogue, state) => {
  const name = answeringStep(dialogue, state.step);
  if (stepOf(dialogue, name).hangUp !== true) {
    return listen(dialogue, name);
  }
  return name === state.step ? over(name) : enter(dialogue, name, 0);
};
const answer: Row = (dialogue, state, input) => {
  const name = answeringStep(dialogue, state.step);
  const step = stepOf(dialogue, name);
  if (step.hangUp === true || input.kind !== "turn") {
    return { state, action: undefined };
  }
  const matched = input.phrase === undefined ? undefined : own(step.words, input.phrase);
  const next = matched ?? step.otherwise;
  return next === undefined ? listen(dialogue, name) : enter(dialogue, next, 0);
};
const press: Row = (dialogue, state, input) => {
  const step = stepOf(dialogue, answeringStep(dialogue, state.step));
  const next = input.kind === "digit" ? own(step.digits, input.digit) : undefined;
  if (next !== undefined && step.hangUp !== true) {
    return enter(dialogue, next, 0);
  }
  return state.phase === "listening" ? listen(dialogue, state.step) : { state, action: undefined };
};
const tire: Row = (dialogue, state) => {
  const next = stepOf(dialogue, state.step).silence?.next;
  return next === undefined ? { state, action: undefined } : enter(dialogue, next, 0);
};

const TABLE: Readonly<Record<DialoguePhase, Readonly<Record<DialogueInput["kind"], Row>>>> = {
  idle: { begin, rejoin, said: stay, interrupted: stay, turn: stay, digit: stay, silence: stay },
  speaking: {
    begin: stay,
    rejoin: stay,
    said: finish,
    interrupted: interrupt,
    turn: answer,
    digit: press,
    silence: stay,
  },
  listening: {
    begin: stay,
    rejoin: stay,
    said: stay,
    interrupted: stay,
    turn: answer,
    digit: press,
    silence: tire,
  },
  over: {
    begin: stay,
    rejoin: stay,
    said: stay,
    interrupted: stay,
    turn: stay,
    digit: stay,
    silence: stay,
  },
};

/** Before the first input. */
export function startState(dialogue: Dialogue): DialogueState {
  return { phase: "idle", step: dialogue.start };
}

/** One move. A step that is named but missing counts as an empty one, where the dialogue listens for ever. */
export function advanceDialogue(
  dialogue: Dialogue,
  state: DialogueState,
  input: DialogueInput,
): DialogueMove {
  return TABLE[state.phase][input.kind](dialogue, state, input);
}

/** What the caller may say now; empty where nothing is listened for. */
export function expectedPhrases(dialogue: Dialogue, state: DialogueState): readonly string[] {
  const step = stepOf(dialogue, answeringStep(dialogue, state.step));
  return Object.keys(step.words ?? {});
}

const EMPTY_STEP: DialogueStep = {};

function stepOf(dialogue: Dialogue, name: string): DialogueStep {
  return Object.hasOwn(dialogue.steps, name) ? (dialogue.steps[name] ?? EMPTY_STEP) : EMPTY_STEP;
}

function own(table: Readonly<Record<string, string>> | undefined, key: string): string | undefined {
  return table !== undefined && Object.hasOwn(table, key) ? table[key] : undefined;
}

/** `hops` counts steps without words that were passed: a ring of them ends in listening. */
function enter(dialogue: Dialogue, name: string, hops: number): DialogueMove {
  const step = stepOf(dialogue, name);
  if (step.say !== undefined || step.echo === true) {
    return { state: { phase: "speaking", step: name }, action: { kind: "speak", step: name } };
  }
  return leave(dialogue, name, hops + 1);
}

function leave(dialogue: Dialogue, name: string, hops: number): DialogueMove {
  const step = stepOf(dialogue, name);
  if (step.hangUp === true) {
    return over(name);
  }
  if (step.then !== undefined && hops <= Object.keys(dialogue.steps).length) {
    return enter(dialogue, step.then, hops);
  }
  return listen(dialogue, name);
}

function listen(dialogue: Dialogue, name: string): DialogueMove {
  const silenceMs = stepOf(dialogue, name).silence?.afterMs;
  return { state: { phase: "listening", step: name }, action: { kind: "listen", silenceMs } };
}

function over(name: string): DialogueMove {
  return { state: { phase: "over", step: name }, action: { kind: "hangUp" } };
}

/** The step that takes an answer given during `name`: itself, or the first one after it that listens. */
function answeringStep(dialogue: Dialogue, name: string): string {
  let current = name;
  for (let hops = Object.keys(dialogue.steps).length; hops > 0; hops -= 1) {
    const step = stepOf(dialogue, current);
    const takesAnswers =
      step.words !== undefined || step.digits !== undefined || step.otherwise !== undefined;
    if (takesAnswers || step.hangUp === true || step.then === undefined) {
      return current;
    }
    current = step.then;
  }
  return current;
}
