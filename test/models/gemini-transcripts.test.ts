/** Who said what in a session with Gemini, whose texts come in pieces, in no sure order and without an end. */
import { describe, expect, it } from "vitest";
import { GeminiBench } from "../support/gemini/model-bench.ts";

const CHUNK = { inlineData: { mimeType: "audio/pcm;rate=24000", data: "AAAAAAAA" } };

/** What the service says, in short. */
type Said =
  | "audio"
  | "generationComplete"
  | "interrupted"
  | "turnComplete"
  | { caller: string }
  | { model: string };

function contentOf(said: Said): Record<string, unknown> {
  if (said === "audio") {
    return { modelTurn: { parts: [CHUNK] } };
  }
  if (typeof said === "string") {
    return { [said]: true };
  }
  return "caller" in said
    ? { inputTranscription: { text: said.caller } }
    : { outputTranscription: { text: said.model } };
}

async function finals(...story: readonly (Said | number)[]): Promise<string[]> {
  const bench = new GeminiBench({});
  await bench.ready();
  for (const event of story) {
    if (typeof event === "number") {
      await bench.clock.advanceMs(event);
    } else {
      bench.push({ serverContent: contentOf(event) });
    }
  }
  const told = bench.sink.finals.map(({ speaker, text }) => `${speaker}: ${text}`);
  await bench.close();
  return told;
}

describe("the texts of a session with Gemini", () => {
  it.each<[string, readonly (Said | number)[], readonly string[]]>([
    [
      "are final when the turn is over, the question before the answer",
      [{ caller: "How " }, { caller: "much?" }, "audio", { model: "Five." }, "turnComplete"],
      ["caller: How much?", "model: Five."],
    ],
    [
      "keep the end of a question that comes after the answer began",
      [{ caller: "How " }, "audio", { model: "Five." }, 300, { caller: "much?" }, 800],
      ["caller: How much?"],
    ],
    [
      "do not split what a caller says over an answer",
      [
        { caller: "One." },
        "audio",
        { model: "Two" },
        1500,
        { caller: "No, " },
        "interrupted",
        "turnComplete",
        { caller: "wait." },
        "audio",
        "turnComplete",
      ],
      ["caller: One.", "model: Two", "caller: No, wait."],
    ],
    [
      "end with the turn that they were said over, where it went on",
      ["audio", { model: "Two." }, { caller: "Mhm." }, "generationComplete", "turnComplete"],
      ["model: Two.", "caller: Mhm."],
    ],
    [
      "belong to the answer that was all sent and is still being played",
      ["audio", { model: "Two " }, "generationComplete", { model: "words." }, 500, "turnComplete"],
      ["model: Two words."],
    ],
    ["are none where nothing was said", ["audio", "turnComplete", "turnComplete"], []],
  ])("%s", async (_what, story, expected) => {
    expect(await finals(...story)).toEqual(expected);
  });
});
