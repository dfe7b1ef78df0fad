/** Words of the gateway itself, in the middle of a conversation: in the machine's own voice, before anything the model says. */
import type { CallLine } from "./call-service.ts";

/** What is not heard by then is not waited for. */
const HEARD_WITHIN_MS = 20_000;

/** Resolves when the words are on their way to the caller. Never rejects: what this machine cannot say is left out. */
export async function speakOwn(line: CallLine, text: string, as: "say" | "filler"): Promise<void> {
  await line.execute({ kind: "say", text, by: "voice", as }).catch(() => undefined);
}

/** Resolves when all that waits to be heard was, or takes too long; never rejects. */
export async function playOut(line: CallLine): Promise<void> {
  await line.execute({ kind: "drainPlayout", deadlineMs: HEARD_WITHIN_MS }).catch(() => undefined);
}
