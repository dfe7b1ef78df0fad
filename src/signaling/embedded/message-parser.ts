/** Reads SIP messages from bytes: every input gives a message, a message with a fault to answer, or a refusal. */
import { digitsOf, isBlank, isToken } from "./characters.ts";
import { SIP_LIMITS } from "./limits.ts";
import type { HeaderField, SipMessage } from "./message.ts";
import { headerKey, NO_BODY, usualName } from "./message.ts";

/** Why bytes are no SIP message at all; such input is dropped and counted, never answered. */
export type Refusal = "empty" | "tooBig" | "unterminated" | "notSip";

/** What is wrong with a message that can still be answered. */
export interface Fault {
  readonly status: 400 | 505;
  /** A reason phrase that names the culprit. */
  readonly reason: string;
}

/** `fault` is undefined for a message that is well formed. */
export type ParseOutcome =
  | { readonly ok: true; readonly message: SipMessage; readonly fault: Fault | undefined }
  | { readonly ok: false; readonly refusal: Refusal };

interface HeaderSection {
  readonly headers: HeaderField[];
  fault: Fault | undefined;
}

function refuse(refusal: Refusal): ParseOutcome {
  return { ok: false, refusal };
}

/** Where the message starts: line ends before the start line are ignored. RFC 3261 section 7.5, Framing. */
function skipLineEnds(bytes: Buffer): number {
  let index = 0;
  while (index < bytes.length && (bytes[index] === 13 || bytes[index] === 10)) {
    index += 1;
  }
  return index;
}

/** Parses one whole message. Never throws; takes time proportional to the length. */
export function parseMessage(bytes: Buffer, maxBytes: number): ParseOutcome {
  const start = skipLineEnds(bytes);
  if (start === bytes.length) {
    return refuse("empty");
  }
  if (bytes.length > maxBytes) {
    return refuse("tooBig");
  }
  const headEnd = bytes.indexOf("\r\n\r\n", start, "latin1");
  if (headEnd === -1) {
    return refuse("unterminated");
  }
  const head = bytes.toString("latin1", start, headEnd);
  const lineEnd = head.indexOf("\r\n");
  const startLine = lineEnd === -1 ? head : head.slice(0, lineEnd);
  const section = parseHeaders(lineEnd === -1 ? "" : head.slice(lineEnd + 2));
  const available = bytes.subarray(headEnd + 4);
  const body = bodyOf(available, section);
  return startLine.startsWith("SIP/")
    ? parseStatusLine(startLine, section, body)
    : parseRequestLine(startLine, section, body);
}

function parseHeaders(text: string): HeaderSection {
  const section: HeaderSection = { headers: [], fault: undefined };
  let position = 0;
  while (position < text.length) {
    const line = nextLine(text, position);
    position = line.end;
    if (section.headers.length >= SIP_LIMITS.headerCount) {
      section.fault ??= { status: 400, reason: "Too Many Headers" };
      break;
    }
    addHeader(line.text, section);
  }
  return section;
}

/** One header line with its folds joined. RFC 3261 section 7.3.1, Header Field Format. */
function nextLine(text: string, start: number): { text: string; end: number } {
  let end = text.indexOf("\r\n", start);
  if (end === -1) {
    return { text: text.slice(start), end: text.length };
  }
  let line = text.slice(start, end);
  while (isBlank(text.charCodeAt(end + 2))) {
    const next = text.indexOf("\r\n", end + 2);
    const stop = next === -1 ? text.length : next;
    line = `${line.trimEnd()} ${text.slice(end + 2, stop).trim()}`;
    end = stop;
    if (next === -1) {
      break;
    }
  }
  return { text: line, end: end + 2 };
}

function addHeader(line: string, section: HeaderSection): void {
  const colon = line.indexOf(":");
  const name = colon === -1 ? "" : line.slice(0, colon).trimEnd();
  if (!isToken(name) || hasStrayControl(line)) {
    section.fault ??= {
      status: 400,
      reason: isToken(name) ? `Bad ${usualName(name)} Header` : "Bad Header Line",
    };
    return;
  }
  if (line.length > SIP_LIMITS.lineBytes) {
    section.fault ??= { status: 400, reason: `${usualName(name)} Header Too Long` };
    return;
  }
  section.headers.push({ key: headerKey(name), name, value: line.slice(colon + 1).trim() });
}

/** A NUL or a bare line end; a quoted string may hold an escaped NUL. RFC 3261 section 25.1, Basic Rules. */
function hasStrayControl(line: string): boolean {
  if (!/[\r\n\0]/.test(line)) {
    return false;
  }
  let quoted = false;
  for (let index = 0; index < line.length; index += 1) {
    const character = line.charAt(index);
    if (quoted && character === "\\" && line.charAt(index + 1) === "\0") {
      index += 1;
    } else if (character === '"') {
      quoted = !quoted;
    } else if (quoted && character === "\\" && line.charAt(index + 1) === '"') {
      index += 1;
    } else if (character === "\0" || character === "\r" || character === "\n") {
      return true;
    }
  }
  return false;
}

/** The body by Content-Length; without the header it is all there is. RFC 3261 section 18.3, Framing. */
function bodyOf(available: Buffer, section: HeaderSection): Buffer {
  const [declared, another] = section.headers.filter((header) => header.key === "content-length");
  if (declared === undefined) {
    return available;
  }
  const length = another === undefined ? digitsOf(declared.value, 9) : undefined;
  if (length === undefined || length > available.length) {
    section.fault ??= { status: 400, reason: "Bad Content-Length Header" };
    return NO_BODY;
  }
  return available.subarray(0, length);
}

function parseStatusLine(line: string, section: HeaderSection, body: Buffer): ParseOutcome {
  const status = digitsOf(line.slice(8, 11), 3);
  const afterStatus = line.charAt(11);
  const wellFormed =
    line.startsWith("SIP/2.0 ") &&
    status !== undefined &&
    status >= 100 &&
    status <= 699 &&
    (afterStatus === " " || afterStatus === "");
  if (!wellFormed || /[\r\n\0]/.test(line)) {
    return refuse("notSip");
  }
  const { headers, fault } = section;
  const reason = line.slice(12);
  return { ok: true, message: { kind: "response", status, reason, headers, body }, fault };
}

function parseRequestLine(line: string, section: HeaderSection, body: Buffer): ParseOutcome {
  const trimmed = line.trimEnd();
  const first = trimmed.indexOf(" ");
  const last = trimmed.lastIndexOf(" ");
  const method = trimmed.slice(0, Math.max(first, 0));
  const version = trimmed.slice(last + 1);
  if (!isToken(method) || !version.toUpperCase().startsWith("SIP/")) {
    return refuse("notSip");
  }
  const uri = line.slice(first + 1, Math.max(last, first + 1));
  const { headers } = section;
  const fault = requestLineFault(line, uri, version) ?? section.fault;
  return { ok: true, message: { kind: "request", method, uri, headers, body }, fault };
}

function requestLineFault(line: string, uri: string, version: string): Fault | undefined {
  if (version.toUpperCase() !== "SIP/2.0") {
    return { status: 505, reason: "Version Not Supported" };
  }
  if (isBlank(line.charCodeAt(line.length - 1))) {
    return { status: 400, reason: "Bad Request-Line" };
  }
  const badUri =
    uri.length === 0 || /[\s\0<>"]/.test(uri) || !/^[a-zA-Z][a-zA-Z0-9+.-]*:./.test(uri);
  return badUri || line.length > SIP_LIMITS.lineBytes
    ? { status: 400, reason: "Bad Request-URI" }
    : undefined;
}
