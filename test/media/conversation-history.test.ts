import { describe, expect, test } from "vitest";
import { ConversationHistory } from "../../src/media/conversation-history.ts";

function linesOf(history: ConversationHistory, withoutLastTurn = false): readonly string[] {
  return history.entries({ withoutLastTurn }).map(({ speaker, text }) => `${speaker}: ${text}`);
}

describe("the history of a conversation", () => {
  test("puts the caller's words before the answer, though their text comes after it", () => {
    const history = new ConversationHistory();
    history.beginTurn();
    history.onTranscript("model", "It is noon.", "a1", true);
    history.onTranscript("caller", "What time is it?", "q1", true);
    history.beginTurn();
    history.onTranscript("caller", "Thank", "q2", false);
    history.onTranscript("model", "You are", "a2", false);
    history.onTranscript("caller", "Thank you.", "q2", true);
    history.onTranscript("model", "You are welcome.", "a2", true);
    expect(linesOf(history)).toEqual([
      "caller: What time is it?",
      "model: It is noon.",
      "caller: Thank you.",
      "model: You are welcome.",
    ]);
    expect(linesOf(history, true)).toHaveLength(2);
  });

  test("keeps whole words of what was heard of a cut answer, whenever its text comes", () => {
    const history = new ConversationHistory();
    history.onTranscript("model", "one two three four", "early", true);
    history.onCut("early", 0.6);
    history.onCut("late", 0.5);
    history.onTranscript("model", "five six seven eight", "late", true);
    history.onTranscript("model", "never heard", "none", true);
    history.onCut("none", 0);
    expect(linesOf(history)).toEqual(["model: one two", "model: five six"]);
  });

  test("has no words of the caller that are not final", () => {
    const history = new ConversationHistory();
    history.onTranscript("caller", "Could I", "q", false);
    expect(linesOf(history)).toEqual([]);
  });

  test("forgets the beginning of a conversation that goes on and on", () => {
    const history = new ConversationHistory();
    for (let i = 0; i < 1000; i += 1) {
      history.onTranscript("caller", `${i} ${"x".repeat(400)}`, `q${i}`, true);
    }
    const lines = linesOf(history);
    expect(lines.join("").length).toBeLessThan(70_000);
    expect(lines.at(-1)).toMatch(/^caller: 999 /);
  });
});
