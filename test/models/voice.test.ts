import { describe, expect, it } from "vitest";
import { PromptLibrary } from "../../src/models/prompt-library.ts";
import type { SpeechSynthesiser } from "../../src/models/speech-synthesiser.ts";
import { Voice } from "../../src/models/voice.ts";

const PROMPT = Int16Array.of(1, 2, 3);
const SPOKEN = Int16Array.of(4, 5);
const SIGNAL = new AbortController().signal;

function voiceWith(speak?: SpeechSynthesiser["speak"]): Voice {
  const synthesiser = speak === undefined ? undefined : { program: "flite", speak };
  return new Voice({ prompts: new PromptLibrary([["Hello.", PROMPT]]), synthesiser });
}

describe("the machine's own voice", () => {
  it("has the shipped prompts at once, and nothing else where no program is installed", () => {
    const voice = voiceWith();
    expect(voice.canSay("hello")).toBe(true);
    expect(voice.render("hello", SIGNAL)).toBe(PROMPT);
    expect(voice.canSay("Good night.")).toBe(false);
    expect(voice.render("Good night.", SIGNAL)).toBeUndefined();
  });

  it("speaks any other text with the program, and the same text at once the next time", async () => {
    const asked: string[] = [];
    const voice = voiceWith((text) => {
      asked.push(text);
      return Promise.resolve(SPOKEN);
    });
    expect(voice.canSay("Good night.")).toBe(true);
    expect(await voice.render("Good night.", SIGNAL)).toBe(SPOKEN);
    expect(voice.render("Good night.", SIGNAL)).toBe(SPOKEN);
    expect(asked).toEqual(["Good night."]);
  });

  it("has no audio, rather than an apology, when the program fails", async () => {
    const voice = voiceWith(() => Promise.resolve(undefined));
    expect(await voice.render("Good night.", SIGNAL)).toBeUndefined();
    expect(voice.unspoken).toBe(0);
  });
});
