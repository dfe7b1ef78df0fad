/** What a call leaves with its contact: what the model noted and how it ended, within what a contact can hold. */
import type { Verdict } from "../../ports/call-store.ts";

/** Amazon Connect keeps so many bytes of attributes of a contact, names and values together. */
export const CONTACT_BYTES = 32_768;
/** Names of ours begin so. */
const PREFIX = "trunkline_";
const MAX_REASON_CHARACTERS = 300;

/** What is known at the end. */
export interface CallEnd {
  readonly callId: string;
  readonly flow: string;
  readonly verdict: Verdict;
  /** Of the conversation; 0 when it was not answered. */
  readonly seconds: number;
  readonly turns: number;
  /** What the model noted. */
  readonly noted: Readonly<Record<string, string>>;
  readonly summary: string | undefined;
}

/** Attributes to write, and the names of those that are not whole. */
export interface FittedResults {
  readonly attributes: Readonly<Record<string, string>>;
  readonly trimmed: readonly string[];
}

/** Attributes by name: those of the model under their own names. */
export function resultsOf(end: CallEnd): Readonly<Record<string, string>> {
  const { callId, flow, verdict, seconds, turns, noted, summary } = end;
  return {
    ...noted,
    ...(summary === undefined ? {} : { [`${PREFIX}summary`]: summary }),
    [`${PREFIX}call_id`]: callId,
    [`${PREFIX}flow`]: flow,
    [`${PREFIX}outcome`]: verdict.outcome,
    [`${PREFIX}ended_by`]: verdict.endedBy,
    [`${PREFIX}reason`]: verdict.reason.slice(0, MAX_REASON_CHARACTERS),
    [`${PREFIX}seconds`]: String(seconds),
    [`${PREFIX}turns`]: String(turns),
  };
}

/**
 * Cuts the longest values until all fits beside what the contact has already; values of ours that replace others cost the
 * difference. What was cut is named in `trunkline_trimmed`.
 */
export function fitResults(
  results: Readonly<Record<string, string>>,
  existing: Readonly<Record<string, string>>,
): FittedResults {
  const others = Object.entries(existing).filter(([name]) => !Object.hasOwn(results, name));
  const room = CONTACT_BYTES - bytesOf(others);
  const entries = new Map(Object.entries(results));
  const trimmed = new Set<string>();
  while (bytesOf([...entries, ...noteOf(trimmed)]) > room && entries.size > 0) {
    const longest = longestOf([...entries]);
    const over = bytesOf([...entries, ...noteOf(trimmed.add(longest))]) - room;
    const kept = cutToBytes(
      entries.get(longest) ?? "",
      Buffer.byteLength(entries.get(longest) ?? "") - over,
    );
    if (kept === "") {
      entries.delete(longest);
    } else {
      entries.set(longest, kept);
    }
  }
  const noted = room <= 0 ? [] : noteOf(trimmed);
  return { attributes: Object.fromEntries([...entries, ...noted]), trimmed: [...trimmed] };
}

function noteOf(trimmed: ReadonlySet<string>): readonly (readonly [string, string])[] {
  return trimmed.size === 0 ? [] : [[`${PREFIX}trimmed`, [...trimmed].join(" ")]];
}

function bytesOf(entries: readonly (readonly [string, string])[]): number {
  return entries.reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value),
    0,
  );
}

function longestOf(entries: readonly (readonly [string, string])[]): string {
  const [first] = entries.toSorted(
    ([, one], [, other]) => Buffer.byteLength(other) - Buffer.byteLength(one),
  );
  return first?.[0] ?? "";
}

/** At most so many bytes, and no half character. */
function cutToBytes(text: string, maxBytes: number): string {
  if (maxBytes <= 0) {
    return "";
  }
  const bytes = Buffer.from(text);
  let end = Math.min(maxBytes, bytes.length);
  while (end > 0 && end < bytes.length && ((bytes[end] as number) & 0xc0) === 0x80) {
    end -= 1;
  }
  return bytes.subarray(0, end).toString();
}
