/** Lines of all participants in the order in which they were begun. */

/** What orders a line, and tells its versions from other lines. */
export interface TimelineEntry {
  readonly utteranceId: string;
  /** Milliseconds since the conversation began. */
  readonly startMs: number;
}

/** A new version takes the place of the old one; a new line goes where its beginning belongs; the oldest beyond `max` go. */
export function putLine<Entry extends TimelineEntry>(
  lines: readonly Entry[],
  line: Entry,
  max: number,
): readonly Entry[] {
  const known = lines.findLastIndex(({ utteranceId }) => utteranceId === line.utteranceId);
  if (known !== -1) {
    return lines.with(known, line);
  }
  const before = lines.findLastIndex(({ startMs }) => startMs <= line.startMs);
  const inserted = lines.toSpliced(before + 1, 0, line);
  return inserted.length > max ? inserted.slice(-max) : inserted;
}

/** `1:05`, or `1:01:05`. */
export function clockText(offsetMs: number): string {
  const seconds = Math.max(0, Math.floor(offsetMs / 1000));
  const two = (value: number): string => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0
    ? `${hours}:${two(minutes)}:${two(seconds % 60)}`
    : `${minutes}:${two(seconds % 60)}`;
}
