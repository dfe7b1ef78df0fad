/** Finds SIP messages in what somebody pasted: margins, other line ends, several messages, lines of tools between them. */

/** One message, each character one byte. */
export interface PastedMessage {
  readonly kind: "request" | "response";
  /** The text between the message before and this one. */
  readonly before: string;
  /** Start line and header lines, without margin and line ends. */
  readonly head: readonly string[];
  /** What follows the blank line, without margin, its line ends as they were. */
  readonly body: string;
}

const START_LINE = /^([ \t>|]*)(?:[A-Z]{3,16} \S+ SIP\/2\.0|SIP\/2\.0 \d{3}(?: .*)?)\s*$/;
const RESPONSE = /^[ \t>|]*SIP\/2\.0 /;
const LENGTH = /^(?:Content-Length|l)[ \t]*:[ \t]*(\d{1,9})[ \t]*$/i;
const MAX_MESSAGES = 200;

/** Takes text apart; `text` holds bytes as characters (latin1), so that bodies of any charset stay what they are. */
export function findMessages(text: string): readonly PastedMessage[] {
  const lines = text.replace(/^(?:ï»¿|\uFEFF)/, "").split("\n");
  const starts = lines.flatMap((line, index) => (START_LINE.test(line) ? [index] : []));
  let end = 0;
  return starts.slice(0, MAX_MESSAGES).map((start, index) => {
    const before = lines.slice(end, start).join("\n");
    end = starts[index + 1] ?? lines.length;
    return messageOf(lines.slice(start, end), before);
  });
}

function messageOf(lines: readonly string[], before: string): PastedMessage {
  const first = lines[0] ?? "";
  const margin = START_LINE.exec(first)?.[1] ?? "";
  const bare = lines.map((line) => (line.startsWith(margin) ? line.slice(margin.length) : line));
  const blank = bare.findIndex((line) => line.trim() === "");
  const head = (blank === -1 ? bare : bare.slice(0, blank)).map((line) => line.trimEnd());
  const body = blank === -1 ? "" : bare.slice(blank + 1).join("\n");
  return {
    kind: RESPONSE.test(first) ? "response" : "request",
    before,
    head,
    body: withinLength(head, body),
  };
}

/**
 * Content-Length is believed where a line ends just there; otherwise line ends or an editor's hand have changed it, and the
 * body ends where visible text does.
 */
function withinLength(head: readonly string[], body: string): string {
  const declared = head
    .map((line) => LENGTH.exec(line)?.[1])
    .find((digits) => digits !== undefined);
  const length = declared === undefined ? -1 : Number(declared);
  const fits =
    length >= 0 && length <= body.length && /^\s*(?:\n|$)/.test(body.slice(length, length + 100));
  return fits ? body.slice(0, length) : `${body.trimEnd()}${body.endsWith("\n") ? "\r\n" : ""}`;
}
