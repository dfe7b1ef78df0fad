import { beforeEach, describe, expect, test } from "vitest";
import { AnswerDue } from "../../src/media/answer-due.ts";

const FRAME_MS = 20;

describe("whose turn it is", () => {
  let due: AnswerDue;
  let nowMs: number;

  beforeEach(() => {
    due = new AnswerDue();
    nowMs = 1000;
  });

  const nowUs = (): number => nowMs * 1000;

  /** The first frame that began something. */
  function speak(ms: number): string {
    let began = "none";
    for (let done = 0; done < ms; done += FRAME_MS) {
      const change = due.onVoice(nowUs(), FRAME_MS);
      began = began === "none" ? change : began;
      nowMs += FRAME_MS;
    }
    return began;
  }

  test("an answer ends the caller's turn when it is complete", () => {
    expect(speak(1000)).toBe("turn");
    expect(due.unanswered).toBe(true);
    due.onOwed(nowUs());
    due.onAnswerAudio("a", nowUs());
    expect(due.answering).toBe(true);
    expect(due.onAnswerDone("a")).toBe(true);
    expect(due.unanswered).toBe(false);
    expect(due.onAnswerDone("a")).toBe(false);
  });

  test("the caller waits from the end of their speech, though they ask again", () => {
    speak(1000);
    nowMs += 3000;
    expect(due.waitedMs(nowUs())).toBeCloseTo(3020, 0);
    speak(600);
    nowMs += 1000;
    expect(due.waitedMs(nowUs())).toBeCloseTo(4620, 0);
  });

  test("a short pause belongs to what they say", () => {
    speak(1000);
    nowMs += 1200;
    speak(1000);
    nowMs += 600;
    expect(due.waitedMs(nowUs())).toBeCloseTo(620, 0);
  });

  test("a tool stops the clock, and what comes of it is owed", () => {
    speak(1000);
    due.onOwed(nowUs());
    due.onToolCall("t");
    nowMs += 20_000;
    expect(due.waitedMs(nowUs())).toBe(-1);
    expect(due.expire(nowUs(), undefined)).toBe(false);
    due.onToolResult("t", nowUs());
    nowMs += 2000;
    expect(due.waitedMs(nowUs())).toBe(2000);
    expect(due.certain).toBe(true);
  });

  test("a sound that nobody reacts to is forgotten, and speech is where an answer is insisted on", () => {
    speak(300);
    nowMs += 4000;
    expect(due.waitedMs(nowUs())).toBe(-1);
    expect(due.expire(nowUs(), 6000)).toBe(true);
    speak(1000);
    nowMs += 4000;
    expect(due.expire(nowUs(), 6000)).toBe(false);
    expect(due.expire(nowUs(), undefined)).toBe(true);
    expect(due.unanswered).toBe(false);
  });

  test("speech over an answer is no turn until it takes the floor", () => {
    speak(1000);
    nowMs += 1000;
    due.onAnswerAudio("a", nowUs());
    expect(speak(400)).toBe("overlap");
    expect(due.answering).toBe(true);
    due.onCut(nowUs());
    expect(due.answering).toBe(false);
    expect(due.unanswered).toBe(true);
    expect(due.underWay).toBe(false);
  });

  test("an answer that stops in the middle is waited for from what was heard last", () => {
    speak(1000);
    due.onAnswerAudio("a", nowUs());
    nowMs += 2000;
    due.onPlaying(nowUs());
    nowMs += 1500;
    expect(due.waitedMs(nowUs())).toBe(1500);
  });

  test("what a session leaves undone is owed by the next one, and nothing else of it is", () => {
    speak(1000);
    due.onAnswerAudio("a", nowUs());
    due.onToolCall("t");
    nowMs += 5000;
    due.onModelGone({ owns: () => true }, nowUs());
    expect(due.underWay).toBe(false);
    expect(due.unanswered).toBe(true);
    nowMs += 700;
    expect(due.waitedMs(nowUs())).toBe(700);
  });

  test("a key begins a turn whose answer nobody insists on", () => {
    expect(due.onDigit(nowUs())).toBe(true);
    expect(due.onDigit(nowUs())).toBe(false);
    nowMs += 2000;
    expect(due.waitedMs(nowUs())).toBe(-1);
  });
});
