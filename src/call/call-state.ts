/** The states of a call and what moves it between them, as a table. */
import { GatewayError } from "../core/errors.ts";

/** `draining`: the last words are being played before we hang up. `ending`: resources are being released. */
export type CallState =
  | "setup"
  | "ringing"
  | "answering"
  | "talking"
  | "draining"
  | "ending"
  | "ended";

/** What can happen to a call. */
export type CallInput =
  /** The caller is told that it rings. */
  | "ring"
  /** Everything is ready; the 200 goes out. */
  | "answer"
  /** The dialog stands and media flows. */
  | "answered"
  /** We say goodbye: play what is queued, then hang up. */
  | "farewell"
  /** The caller, the operator, the gateway or an error ends the call. */
  | "end"
  /** All is released. */
  | "released";

const TABLE: Readonly<Record<CallState, Partial<Record<CallInput, CallState>>>> = {
  setup: { ring: "ringing", answer: "answering", end: "ending" },
  ringing: { ring: "ringing", answer: "answering", end: "ending" },
  answering: { answered: "talking", end: "ending" },
  talking: { farewell: "draining", end: "ending" },
  draining: { farewell: "draining", end: "ending" },
  ending: { farewell: "ending", end: "ending", released: "ended" },
  ended: { farewell: "ended", end: "ended" },
};

/** The next state; throws CALL_STATE_INVALID for an input that the state has no row for. */
export function nextState(state: CallState, input: CallInput): CallState {
  const next = TABLE[state][input];
  if (next === undefined) {
    throw new GatewayError("CALL_STATE_INVALID", { state, input });
  }
  return next;
}

/** Whether the call still does something for the caller. */
export function isLive(state: CallState): boolean {
  return state !== "ending" && state !== "ended";
}

/** Whether the caller heard the answer. */
export function isAnswered(state: CallState): boolean {
  return state === "talking" || state === "draining";
}
