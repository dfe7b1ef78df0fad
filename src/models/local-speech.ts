/** What this machine can do about speech: found out once, then used by every session. */
import type { ProgramRunner } from "./program-runner.ts";
import { findRecogniser, type SpeechRecogniser } from "./speech-recogniser.ts";
import { findSynthesiser, type SpeechSynthesiser } from "./speech-synthesiser.ts";

/** `auto`: whatever is installed; `off`: shipped prompts only. */
export type SpeechSetting = "auto" | "off";

/** The speech programs of the machine. */
export interface LocalSpeech {
  readonly synthesiser: SpeechSynthesiser | undefined;
  readonly recogniser: SpeechRecogniser | undefined;
  /** For people: why something is missing; empty when nothing is. */
  readonly missing: readonly string[];
}

/** Looks for a synthesiser and a recogniser. Never rejects. */
export async function detectSpeech(
  programs: ProgramRunner,
  setting: SpeechSetting,
): Promise<LocalSpeech> {
  if (setting === "off") {
    return { synthesiser: undefined, recogniser: undefined, missing: ["speech is off"] };
  }
  const synthesiser = findSynthesiser(programs);
  const search = await findRecogniser(programs);
  return {
    synthesiser,
    recogniser: search.kind === "found" ? search.recogniser : undefined,
    missing: [
      ...(search.kind === "missing" ? [search.reason] : []),
      ...(synthesiser === undefined ? ["no flite or espeak-ng on this machine"] : []),
    ],
  };
}
