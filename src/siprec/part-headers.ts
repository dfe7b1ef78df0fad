/** The header lines of one body part, and the transfer encodings that they may name. */
import type { Oddity, OddityCode } from "./oddities.ts";
import { oddity } from "./oddities.ts";

/** Bounds of the header lines of a part. */
export const PART_HEADER_LIMITS = { bytes: 8192, lines: 64 } as const;

const HEADER_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*:(.*)$/s;
const COMPACT: Readonly<Record<string, string>> = {
  c: "content-type",
  e: "content-encoding",
  l: "content-length",
};
const LINE_FEED = 10;

/** Headers by name in lower case, and where the content starts. */
export interface PartHead {
  readonly headers: ReadonlyMap<string, string>;
  /** Offset of the first byte of content; `undefined`: the headers are beyond their bounds. */
  readonly contentStart: number | undefined;
  readonly oddities: readonly Oddity[];
}

/** Reads header lines up to the blank line; a line that is no header begins the content. */
export function readPartHead(bytes: Buffer, where: string): PartHead {
  const lines: string[] = [];
  const found = new Set<OddityCode>();
  let contentStart: number | undefined;
  let at = 0;
  while (contentStart === undefined && isWithinBounds(at, lines.length)) {
    const line = lineAt(bytes, at);
    contentStart = takeLine(line, { lines, found });
    at = line.next;
  }
  if (contentStart === undefined) {
    found.add("partHeadersTooLong");
  }
  const headers = headersOf(lines, found);
  return { headers, contentStart, oddities: [...found].map((code) => oddity(code, where)) };
}

function isWithinBounds(at: number, lineCount: number): boolean {
  return at <= PART_HEADER_LIMITS.bytes && lineCount <= PART_HEADER_LIMITS.lines;
}

interface Line {
  readonly at: number;
  readonly text: string;
  /** Where the next one starts. */
  readonly next: number;
}

function lineAt(bytes: Buffer, at: number): Line {
  const feed = bytes.indexOf(LINE_FEED, at);
  const end = feed === -1 ? bytes.length : feed;
  const text = bytes.toString("latin1", at, Math.min(end, at + PART_HEADER_LIMITS.bytes + 1));
  return { at, text: text.replace(/\r$/, ""), next: feed === -1 ? bytes.length : feed + 1 };
}

/** Where the content starts, when this line says so. */
function takeLine(
  { at, text, next }: Line,
  { lines, found }: { readonly lines: string[]; readonly found: Set<OddityCode> },
): number | undefined {
  if (text === "") {
    return next;
  }
  if (lines.length > 0 && /^[ \t]/.test(text)) {
    lines[lines.length - 1] = `${lines.at(-1)} ${text.trim()}`;
    found.add("foldedPartHeader");
    return undefined;
  }
  if (HEADER_LINE.test(text)) {
    lines.push(text);
    return undefined;
  }
  found.add("partBlankLineMissing");
  return at;
}

function headersOf(lines: readonly string[], found: Set<OddityCode>): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const match = HEADER_LINE.exec(line);
    const written = (match?.[1] ?? "").toLowerCase();
    const value = match?.[2] ?? "";
    const name = COMPACT[written] ?? written;
    if (name !== written) {
      found.add("compactPartHeader");
    }
    if (value !== "" && !/^[ \t]/.test(value)) {
      found.add("noSpaceAfterColon");
    }
    if (!headers.has(name)) {
      headers.set(name, value.trim());
    }
  }
  return headers;
}

/** Content with its transfer encoding undone. RFC 2045 section 6, Content-Transfer-Encoding Header Field. */
export function decodeTransfer(
  content: Buffer,
  encoding: string | undefined,
): { readonly bytes: Buffer; readonly problem?: OddityCode } {
  switch ((encoding ?? "").trim().toLowerCase()) {
    case "":
    case "7bit":
    case "8bit":
    case "binary":
      return { bytes: content };
    case "base64":
      return decodeBase64(content);
    case "quoted-printable":
      return { bytes: decodeQuotedPrintable(content) };
    default:
      return { bytes: content, problem: "partEncodingUnknown" };
  }
}

function decodeBase64(content: Buffer): { readonly bytes: Buffer; readonly problem?: OddityCode } {
  const text = content.toString("latin1").replaceAll(/[\r\n\t ]+/g, "");
  const bytes = Buffer.from(text, "base64");
  const isWhole = /^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0;
  return isWhole ? { bytes } : { bytes, problem: "partEncodingBroken" };
}

function decodeQuotedPrintable(content: Buffer): Buffer {
  const text = content.toString("latin1").replaceAll(/=[ \t]*\r?\n/g, "");
  const plain = text.replaceAll(/=([0-9A-Fa-f]{2})/g, (_whole, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(plain, "latin1");
}
