/** What a new session of Nova Sonic is told of the conversation before: the service refuses a session that is told too much. */
import type { HistoryEntry, Speaker } from "../ports/realtime-model.ts";
import type { NovaGeneration } from "./nova-wire.ts";

interface HistoryLimits {
  readonly maxEntries: number;
  readonly maxEntryBytes: number;
  readonly maxBytes: number;
}

/**
 * v1: 40 messages of 1 kB, from reports of users; v2: 50 kB a message, 200 kB in all, from the user guide. Its number of
 * messages is not documented, so that it is kept at what no call reaches.
 */
const LIMITS: Readonly<Record<NovaGeneration, HistoryLimits>> = {
  v1: { maxEntries: 40, maxEntryBytes: 1000, maxBytes: 40_000 },
  v2: { maxEntries: 1000, maxEntryBytes: 50_000, maxBytes: 200_000 },
};

/** Stands for what the caller would have said first: the service wants a message of theirs at the beginning. */
export const CALL_BEGINS = "(The call is connected.)";

/** The newest part of `history` that the service takes: speakers in turns, the caller first, limits in bytes of UTF-8. */
export function trimHistory(
  generation: NovaGeneration,
  history: readonly HistoryEntry[],
): readonly HistoryEntry[] {
  const { maxEntries, maxEntryBytes, maxBytes } = LIMITS[generation];
  const kept: HistoryEntry[] = [];
  let bytes = Buffer.byteLength(CALL_BEGINS);
  for (const { speaker, text } of inTurns(history).reverse()) {
    const tail = lastBytes(text, maxEntryBytes);
    bytes += Buffer.byteLength(tail);
    if (bytes > maxBytes || kept.length === maxEntries) {
      break;
    }
    kept.unshift({ speaker, text: tail });
  }
  return withCallerFirst(kept, maxEntries);
}

/** What one speaker said in a row becomes one message. */
function inTurns(history: readonly HistoryEntry[]): HistoryEntry[] {
  const turns: { readonly speaker: Speaker; text: string }[] = [];
  for (const { speaker, text } of history) {
    const words = text.trim();
    const last = turns.at(-1);
    if (words === "") {
      continue;
    }
    if (last?.speaker === speaker) {
      last.text = `${last.text} ${words}`;
    } else {
      turns.push({ speaker, text: words });
    }
  }
  return turns;
}

function withCallerFirst(entries: HistoryEntry[], maxEntries: number): readonly HistoryEntry[] {
  if (entries[0]?.speaker !== "model") {
    return entries;
  }
  return entries.length < maxEntries
    ? [{ speaker: "caller", text: CALL_BEGINS }, ...entries]
    : entries.slice(1);
}

/** The end of `text`, at most `maxBytes` of UTF-8, without half a character. */
function lastBytes(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) {
    return text;
  }
  let start = bytes.length - maxBytes;
  while (((bytes[start] ?? 0) & 0xc0) === 0x80) {
    start += 1;
  }
  return bytes.toString("utf8", start);
}
