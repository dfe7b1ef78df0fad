import { describe, expect, test } from "vitest";
import { countWords, judgeWords } from "../../src/media/backchannels.ts";

describe("backchannels", () => {
  test.each([
    "Mhm.",
    "mm-hmm",
    "Uh-huh, okay.",
    "Yeah, yeah, I see!",
    "Ja, alles klar",
    "D’accord",
    "Sí, claro.",
    "はい",
    "네",
  ])("%s asks for nothing", (text) => {
    expect(judgeWords(text)).toBe("backchannel");
  });

  test.each(["Stop.", "No", "Wait", "Yeah but not today", "Nein", "Okay, what about Friday?"])(
    "%s takes the floor",
    (text) => {
      expect(judgeWords(text)).toBe("words");
    },
  );

  test.each(["", "…", "(speech, 1.0 s)", "[noise]"])("'%s' says nothing", (text) => {
    expect(judgeWords(text)).toBe("nothing");
  });

  test("counts words", () => {
    expect(countWords("I'd like to, er, go")).toBe(5);
  });
});
