/** The transition table of a call. */
import { describe, expect, it } from "vitest";
import {
  type CallInput,
  type CallState,
  isAnswered,
  isLive,
  nextState,
} from "../../src/call/call-state.ts";

const STATES: CallState[] = [
  "setup",
  "ringing",
  "answering",
  "talking",
  "draining",
  "ending",
  "ended",
];
const INPUTS: CallInput[] = ["ring", "answer", "answered", "farewell", "end", "released"];

describe("a call", () => {
  it("goes from invitation to its end by the ordinary way", () => {
    const path: CallInput[] = ["ring", "answer", "answered", "farewell", "end", "released"];
    let state: CallState = "setup";
    const seen = path.map((input) => {
      state = nextState(state, input);
      return state;
    });
    expect(seen).toEqual(["ringing", "answering", "talking", "draining", "ending", "ended"]);
  });

  it("can be ended in every state, and stays ended", () => {
    const ends = STATES.map((state) => nextState(state, "end"));
    expect(ends).toEqual([...Array(6).fill("ending"), "ended"]);
  });

  it("is never answered twice", () => {
    const answered = STATES.filter((state) => state !== "answering");
    for (const state of answered) {
      expect(() => nextState(state, "answered")).toThrow(/state: \w+, input: answered/);
    }
  });

  it("answers every pair of state and input by a state or by an error that names both", () => {
    for (const state of STATES) {
      for (const input of INPUTS) {
        try {
          expect(STATES).toContain(nextState(state, input));
        } catch (error) {
          expect(error).toMatchObject({ code: "CALL_STATE_INVALID", details: { state, input } });
        }
      }
    }
  });

  it("is live until it ends, and answered only while it talks", () => {
    expect(STATES.filter(isLive)).toEqual(STATES.slice(0, 5));
    expect(STATES.filter(isAnswered)).toEqual(["talking", "draining"]);
  });
});
