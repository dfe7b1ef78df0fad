/** The end of a conversation that fits into a new session. */
import type { HistoryEntry } from "../ports/realtime-model.ts";

/** How much a service takes. */
export interface HistoryLimits {
  readonly entries: number;
  /** Of all texts together; about four make a token. */
  readonly characters: number;
}

/** The newest entries within the limits, oldest first; those without a word are left out. */
export function historyTail(
  history: readonly HistoryEntry[],
  limits: HistoryLimits,
): readonly HistoryEntry[] {
  const tail: HistoryEntry[] = [];
  let characters = 0;
  for (let i = history.length - 1; i >= 0 && tail.length < limits.entries; i -= 1) {
    const entry = history[i];
    if (entry === undefined || entry.text.trim() === "") {
      continue;
    }
    characters += entry.text.length;
    if (characters > limits.characters) {
      break;
    }
    tail.push(entry);
  }
  return tail.reverse();
}
