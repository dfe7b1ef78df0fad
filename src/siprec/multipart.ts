/** Takes the body of a request apart, byte by byte: RFC 2046 section 5.1, Multipart Media Type, and what clients make of it. */
import { type HeaderValue, parseHeaderValue } from "./header-value.ts";
import { type Oddity, type OddityCode, oddity } from "./oddities.ts";
import { decodeTransfer, readPartHead } from "./part-headers.ts";

/** One part that is not multipart itself. */
export interface BodyPart {
  /** `body`, `part 2`, `part 1.2`. */
  readonly where: string;
  /** `application/sdp` in lower case; empty where nothing says it. */
  readonly type: string;
  readonly charset: string | undefined;
  /** Without angle brackets. */
  readonly contentId: string | undefined;
  /** `recording-session`, `session` … in lower case. */
  readonly disposition: string | undefined;
  /** The content with its transfer encoding undone; a view of the body otherwise. */
  readonly bytes: Uint8Array;
}

/** What was read; never an exception. */
export interface BodyReading {
  readonly parts: readonly BodyPart[];
  readonly oddities: readonly Oddity[];
}

/** Bounds of what is looked at. */
export const MULTIPART_LIMITS = { bytes: 8_388_608, parts: 32, depth: 4, boundary: 256 } as const;

const LINE_FEED = 10;
const RETURN = 13;
const DASH = 45;
/** Where the first delimiter line of a body is looked for when the boundary is wrong. */
const GUESS_BYTES = 65_536;

interface Work {
  readonly parts: BodyPart[];
  readonly oddities: Oddity[];
}

/** Reads a body by its Content-Type, or by its first characters where there is none. */
export function readBody(contentType: string | undefined, body: Uint8Array): BodyReading {
  const work: Work = { parts: [], oddities: [] };
  const whole = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const bytes = whole.subarray(0, MULTIPART_LIMITS.bytes);
  if (bytes.length < whole.length) {
    work.oddities.push(oddity("bodyTooLong", "body"));
  }
  const headers = new Map<string, string>();
  if (contentType !== undefined) {
    headers.set("content-type", contentType);
  }
  if (bytes.length > 0) {
    addContent({ headers, bytes, where: "body", depth: 0 }, work);
  }
  return work;
}

interface Content {
  readonly headers: ReadonlyMap<string, string>;
  readonly bytes: Buffer;
  readonly where: string;
  readonly depth: number;
}

function addContent(content: Content, work: Work): void {
  const { headers, where, depth } = content;
  const type = parseHeaderValue(headers.get("content-type") ?? "");
  const isMultipart = type.value.toLowerCase().startsWith("multipart/") || isBareMultipart(content);
  if (!isMultipart || depth >= MULTIPART_LIMITS.depth) {
    if (isMultipart) {
      work.oddities.push(oddity("multipartTooDeep", where));
    }
    addLeaf(content, type, work);
    return;
  }
  if (depth > 0) {
    work.oddities.push(oddity("nestedMultipart", where));
  }
  if (!split(content, type, work)) {
    work.oddities.push(oddity("delimiterMissing", where));
    addLeaf(content, { ...type, value: "" }, work);
  }
}

function isBareMultipart({ headers, bytes }: Content): boolean {
  return !headers.has("content-type") && bytes.subarray(0, 2).equals(Buffer.from("--"));
}

function addLeaf({ headers, bytes, where }: Content, type: HeaderValue, work: Work): void {
  const { bytes: decoded, problem } = decodeTransfer(
    bytes,
    headers.get("content-transfer-encoding"),
  );
  if (problem !== undefined) {
    work.oddities.push(oddity(problem, where));
  }
  const disposition = parseHeaderValue(headers.get("content-disposition") ?? "").value;
  const contentId = headers.get("content-id")?.replaceAll(/^<|>$/g, "");
  work.parts.push({
    where,
    type: type.value.toLowerCase(),
    charset: type.parameters.get("charset")?.text.toLowerCase(),
    contentId,
    disposition: disposition === "" ? undefined : disposition.toLowerCase(),
    bytes: decoded,
  });
}

/** False where there is no delimiter line to be found. */
function split(content: Content, type: HeaderValue, work: Work): boolean {
  const { bytes, where } = content;
  const { delimiters, codes } = findDelimiters(bytes, type);
  work.oddities.push(...codes.map((code) => oddity(code, where)));
  for (const [index, delimiter] of delimiters.entries()) {
    const next = delimiters[index + 1];
    if (delimiter.closing || (next === undefined && delimiter.end >= bytes.length)) {
      break;
    }
    if (work.parts.length >= MULTIPART_LIMITS.parts) {
      work.oddities.push(oddity("tooManyParts", where));
      break;
    }
    const place = where === "body" ? `part ${index + 1}` : `${where}.${index + 1}`;
    addPart(bytes.subarray(delimiter.end, next?.start), { ...content, where: place }, work);
  }
  return delimiters.length > 0;
}

function addPart(bytes: Buffer, { where, depth }: Content, work: Work): void {
  const { headers, contentStart, oddities } = readPartHead(bytes, where);
  work.oddities.push(...oddities);
  if (contentStart === undefined) {
    return;
  }
  const content = bytes.subarray(contentStart);
  const declared = headers.get("content-length");
  if (declared !== undefined && declared !== String(content.length)) {
    work.oddities.push(oddity("partLengthWrong", where));
  }
  if (!headers.has("content-type") && content.length > 0) {
    work.oddities.push(oddity("contentTypeMissing", where));
  }
  addContent({ headers, bytes: content, where, depth: depth + 1 }, work);
}

interface Delimiter {
  /** Of the line break before it, which belongs to the delimiter. */
  readonly start: number;
  /** The first byte after its line. */
  readonly end: number;
  readonly closing: boolean;
  readonly bareFeed: boolean;
}

interface Delimiters {
  readonly delimiters: readonly Delimiter[];
  readonly codes: readonly OddityCode[];
}

function findDelimiters(bytes: Buffer, type: HeaderValue): Delimiters {
  const { delimiters, codes } = byParameter(bytes, type) ?? byGuess(bytes, type);
  const bareFeeds = delimiters.some(({ bareFeed }) => bareFeed);
  const unclosed =
    delimiters.at(-1)?.closing === false && delimiters.length <= MULTIPART_LIMITS.parts;
  return {
    delimiters,
    codes: [
      ...codes,
      ...(bareFeeds ? (["lineFeedsOnly"] as const) : []),
      ...(unclosed ? (["closingMissing"] as const) : []),
    ],
  };
}

function byParameter(bytes: Buffer, { parameters }: HeaderValue): Delimiters | undefined {
  const parameter = parameters.get("boundary");
  const boundary = parameter?.text ?? "";
  const delimiters = isUsable(boundary) ? delimitersOf(bytes, boundary) : [];
  if (parameter === undefined || delimiters.length === 0) {
    return undefined;
  }
  const oddText = !parameter.quoted && /[^0-9A-Za-z'+_,./:?-]/.test(boundary);
  const isOdd = oddText || parameter.name !== "boundary";
  return { delimiters, codes: isOdd ? ["boundaryOdd"] : [] };
}

function byGuess(bytes: Buffer, { parameters }: HeaderValue): Delimiters {
  const guess = guessBoundary(bytes);
  const delimiters = isUsable(guess) ? delimitersOf(bytes, guess) : [];
  const code = parameters.has("boundary") ? "boundaryWrong" : "boundaryMissing";
  return { delimiters, codes: delimiters.length === 0 ? [] : [code] };
}

/** Of the first line that starts like a delimiter; empty where there is none. */
function guessBoundary(bytes: Buffer): string {
  const lines = bytes.toString("latin1", 0, GUESS_BYTES).split("\n");
  const line = lines.find((text) => text.startsWith("--") && text.trim().length > 2) ?? "";
  return line.trim().slice(2);
}

function isUsable(boundary: string): boolean {
  return boundary !== "" && boundary.length <= MULTIPART_LIMITS.boundary;
}

/** In order, up to the closing one, and not more than the parts that may be there. */
function delimitersOf(bytes: Buffer, boundary: string): readonly Delimiter[] {
  const mark = Buffer.from(`--${boundary}`, "latin1");
  const delimiters: Delimiter[] = [];
  let at = bytes.indexOf(mark);
  while (at !== -1 && delimiters.length <= MULTIPART_LIMITS.parts) {
    const delimiter = delimiterAt(bytes, at, at + mark.length);
    if (delimiter !== undefined) {
      delimiters.push(delimiter);
      if (delimiter.closing) {
        break;
      }
    }
    at = bytes.indexOf(mark, delimiter?.end ?? at + 1);
  }
  return delimiters;
}

function delimiterAt(bytes: Buffer, at: number, afterMark: number): Delimiter | undefined {
  if (at > 0 && bytes[at - 1] !== LINE_FEED) {
    return undefined;
  }
  const closing = bytes[afterMark] === DASH && bytes[afterMark + 1] === DASH;
  let end = closing ? afterMark + 2 : afterMark;
  while (bytes[end] === 32 || bytes[end] === 9) {
    end += 1;
  }
  const hasReturn = bytes[end] === RETURN;
  const feed = hasReturn ? end + 1 : end;
  const endsLine = bytes[feed] === LINE_FEED;
  if (!endsLine && feed < bytes.length && !closing) {
    return undefined;
  }
  const start = at >= 2 && bytes[at - 2] === RETURN ? at - 2 : Math.max(at - 1, 0);
  const bareFeed = (endsLine && !hasReturn) || (at >= 2 && bytes[at - 2] !== RETURN);
  return { start, end: endsLine ? feed + 1 : feed, closing, bareFeed };
}
