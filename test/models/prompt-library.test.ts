import { describe, expect, test } from "vitest";
import { codeOf } from "../../src/core/errors.ts";
import {
  loadPromptLibrary,
  normaliseText,
  PromptLibrary,
} from "../../src/models/prompt-library.ts";

describe("the prompt library", () => {
  test.each([
    ["You said:", "you said"],
    ["  Thank   you,\nfor calling! ", "thank you for calling"],
    ["I can't.", "i can't"],
    ["Press 1", "press 1"],
    ["…", ""],
  ])("takes %j as %j", (text, normal) => {
    expect(normaliseText(text)).toBe(normal);
  });

  test("finds a text whatever its case, space and punctuation", () => {
    const samples = new Int16Array(8);
    const library = new PromptLibrary([["You said:", samples]]);
    expect(library.find("you  SAID")).toBe(samples);
    expect(library.find("you say")).toBeUndefined();
  });

  test("is empty for a directory without an index", async () => {
    expect((await loadPromptLibrary("src")).size).toBe(0);
  });

  test("refuses an index that names no usable file", async () => {
    const failure = await loadPromptLibrary("test/fixtures/prompts-missing-file").catch(codeOf);
    expect(failure).toBe("AUDIO_FILE_INVALID");
  });

  test("refuses an index that is no table", async () => {
    const failure = await loadPromptLibrary("test/fixtures/prompts-no-table").catch(codeOf);
    expect(failure).toBe("AUDIO_FILE_INVALID");
  });
});
