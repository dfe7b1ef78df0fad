/** How a session with Nova Sonic begins: settings, instructions, what was said before, and who speaks first. */
import type { ModelSessionOptions } from "../ports/realtime-model.ts";
import { CALL_BEGINS, trimHistory } from "./nova-history.ts";
import {
  audioStart,
  historyText,
  interactiveText,
  type NovaGeneration,
  type NovaSettings,
  promptStart,
  sessionStart,
  systemText,
} from "./nova-wire.ts";

/** Everything up to the open microphone, in the order the service insists on. */
export function openingEvents(
  generation: NovaGeneration,
  session: ModelSessionOptions,
  settings: NovaSettings,
): readonly Buffer[] {
  const history = trimHistory(generation, session.history ?? []);
  const greeting = history.length === 0 ? session.greeting : undefined;
  const isAsked = generation === "v1" && greeting !== undefined;
  const said = isAsked ? [{ speaker: "caller" as const, text: CALL_BEGINS }] : history;
  const instructions = isAsked
    ? withGreeting(session.instructions, greeting)
    : session.instructions;
  return [
    sessionStart(generation, settings),
    promptStart(session.format, settings.voice, session.tools),
    ...systemText(instructions),
    ...said.flatMap(({ speaker, text }, index) => historyText(index, speaker, text)),
    audioStart(session.format),
    ...(generation === "v2" && greeting !== undefined
      ? interactiveText(0, sayExactly(greeting))
      : []),
  ];
}

/** The service has no verb for reading a text aloud: it is asked to. */
export function sayExactly(text: string): string {
  return `Say exactly the following to the caller, word for word, in its language, and nothing else:\n${text}`;
}

/**
 * v1 takes no text while it listens: the greeting is part of the instructions, and a first message in the caller's name makes
 * it the model's turn. Unverified: whether the service then speaks at once, or only when it first hears something.
 */
function withGreeting(instructions: string, greeting: string): string {
  return `${instructions}\n\nWhen the call is connected, speak first. ${sayExactly(greeting)}`;
}
