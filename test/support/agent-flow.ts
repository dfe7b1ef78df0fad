/** The shipped agent flow and its prompts, for tests of the model that follows them. */
import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { asCallId } from "../../src/core/ids.ts";
import type { LocalSpeech } from "../../src/models/local-speech.ts";
import { loadPromptLibrary } from "../../src/models/prompt-library.ts";
import type { Dialogue } from "../../src/ports/dialogue.ts";
import type { AudioFormat, ModelSessionPlan } from "../../src/ports/realtime-model.ts";

export const PCMU: AudioFormat = { encoding: "pcmu", rateHz: 8000 };

/** A machine without speech programs. */
export const NO_SPEECH: LocalSpeech = {
  synthesiser: undefined,
  recogniser: undefined,
  missing: ["speech is off"],
};

export const prompts = await loadPromptLibrary("flows/prompts");
export const flow = parse(await readFile("flows/agent.yaml", "utf8")) as {
  readonly greeting: string;
  readonly dialogue: Dialogue;
};

/** The plan of the agent flow. */
export function agentPlan(changes: Partial<ModelSessionPlan> = {}): ModelSessionPlan {
  return {
    callId: asCallId("0123456789abcdef"),
    instructions: "",
    voice: undefined,
    greeting: flow.greeting,
    tools: [],
    dialogue: flow.dialogue,
    ...changes,
  };
}
