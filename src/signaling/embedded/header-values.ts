/** The inside of the header values that SIP itself runs on: Via, name-addr, CSeq, tags, lists. */
import { digitsOf, isBlank, isToken } from "./characters.ts";
import type { SipMessage } from "./message.ts";
import { fieldsOf } from "./message.ts";
import { parseHostPort } from "./uri.ts";

/** The first value of a Via header. RFC 3261 section 20.42, Via. */
export interface Via {
  /** `UDP`, `TCP`, `TLS` …, in upper case. */
  readonly protocol: string;
  readonly host: string;
  readonly port: number | undefined;
  /** `host[:port]` as written, in lower case: a part of the transaction's key. */
  readonly sentBy: string;
  /** `;name=value…` as written. */
  readonly parameters: string;
  readonly branch: string | undefined;
}

/** A `name-addr` or `addr-spec` with its parameters. RFC 3261 section 20.10, Contact. */
export interface NameAddress {
  readonly uri: string;
  /** The header's own parameters, `;name=value…` as written. */
  readonly parameters: string;
}

/** A parsed CSeq. RFC 3261 section 20.16, CSeq. */
export interface CommandSequence {
  readonly number: number;
  readonly method: string;
}

/** A parsed RAck. RFC 3262 section 7.2, RAck. */
export interface ReliableAcknowledgement extends CommandSequence {
  /** The RSeq of the response that is acknowledged. */
  readonly responseNumber: number;
}

/** Calls `found` with each position of `separator` that is in neither a quoted string nor angle brackets. */
function scanTopLevel(text: string, separator: string, found: (index: number) => boolean): void {
  let quoted = false;
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (quoted) {
      index += character === "\\" ? 1 : 0;
      quoted = character !== '"';
    } else if (character === '"') {
      quoted = true;
    } else if (character === "<") {
      depth += 1;
    } else if (character === ">") {
      depth = Math.max(0, depth - 1);
    } else if (depth === 0 && character === separator && !found(index)) {
      return;
    }
  }
}

/** Splits a comma-separated header value, minding quotes and angle brackets. */
export function splitList(value: string): string[] {
  const items: string[] = [];
  let start = 0;
  scanTopLevel(value, ",", (index) => {
    items.push(value.slice(start, index).trim());
    start = index + 1;
    return true;
  });
  items.push(value.slice(start).trim());
  return items.filter((item) => item.length > 0);
}

/** All values of a list header, over all its fields, in order. */
export function listOf(message: SipMessage, key: string): string[] {
  return fieldsOf(message, key).flatMap((header) => splitList(header.value));
}

/** Where the first value of a list ends: the index of its comma, or the length. */
export function firstItemEnd(value: string): number {
  let end = value.length;
  scanTopLevel(value, ",", (index) => {
    end = index;
    return false;
  });
  return end;
}

/** The value of a parameter in `;a=b;c`; an empty string for one without a value; undefined when absent. */
export function parameterOf(parameters: string, name: string): string | undefined {
  let result: string | undefined;
  let start = -1;
  const take = (end: number): boolean => {
    if (start !== -1) {
      const text = parameters.slice(start, end);
      const equals = text.indexOf("=");
      const key = equals === -1 ? text : text.slice(0, equals);
      if (key.trim().toLowerCase() === name) {
        result = equals === -1 ? "" : text.slice(equals + 1).trim();
        return false;
      }
    }
    start = end + 1;
    return true;
  };
  scanTopLevel(parameters, ";", take);
  if (result === undefined) {
    take(parameters.length);
  }
  return result;
}

/** Whether two semicolons have nothing between them, outside quoted strings; one at the end does no harm. */
function hasEmptyParameter(parameters: string): boolean {
  let previous = -2;
  let empty = false;
  scanTopLevel(parameters, ";", (index) => {
    empty = previous >= 0 && parameters.slice(previous + 1, index).trim() === "";
    previous = index;
    return !empty;
  });
  return empty;
}

/** Parses the first value of a Via header; undefined when it is malformed. */
export function parseVia(value: string): Via | undefined {
  const text = value.slice(0, firstItemEnd(value)).trim();
  const semicolon = text.indexOf(";");
  const head = semicolon === -1 ? text : text.slice(0, semicolon);
  const parts = head.trim().split(/[ \t]+/);
  const sentProtocol = (parts.slice(0, -1).join("") || "").toUpperCase();
  const sentBy = (parts.at(-1) ?? "").toLowerCase();
  const hostPort = parseHostPort(sentBy);
  if (!sentProtocol.startsWith("SIP/2.0/") || hostPort === undefined) {
    return undefined;
  }
  const protocol = sentProtocol.slice(8);
  const parameters = semicolon === -1 ? "" : text.slice(semicolon);
  const branch = parameterOf(parameters, "branch");
  return isToken(protocol) && !hasEmptyParameter(parameters)
    ? { protocol, ...hostPort, sentBy, parameters, branch }
    : undefined;
}

/** Parses one `name-addr` or `addr-spec`; undefined when there is no URI in it. */
export function parseNameAddress(value: string): NameAddress | undefined {
  const open = openBracketOf(value);
  if (open === -1) {
    return parseAddressSpec(value);
  }
  const close = value.indexOf(">", open);
  if (close === -1) {
    return undefined;
  }
  const uri = value.slice(open + 1, close).trim();
  const parameters = value.slice(close + 1).trim();
  const clean =
    parameters.length === 0 || (parameters.startsWith(";") && !hasEmptyParameter(parameters));
  return uri.length > 0 && clean && !/\s/.test(uri) ? { uri, parameters } : undefined;
}

/** The first `<` that is not in a quoted string, or -1. */
function openBracketOf(value: string): number {
  let quoted = false;
  for (let index = 0; index < value.length; index += 1) {
    const character = value.charAt(index);
    if (character === "<" && !quoted) {
      return index;
    }
    if (character === '"') {
      quoted = !quoted;
    } else if (character === "\\" && quoted) {
      index += 1;
    }
  }
  return -1;
}

/**
 * Without angle brackets, parameters belong to the header, and a URI with a question mark or a comma must not be there. RFC 3261
 * section 20, Header Fields.
 */
function parseAddressSpec(value: string): NameAddress | undefined {
  const semicolon = value.indexOf(";");
  const uri = (semicolon === -1 ? value : value.slice(0, semicolon)).trim();
  const parameters = semicolon === -1 ? "" : value.slice(semicolon);
  const clean = uri.includes(":") && !/[\s"<>?,]/.test(uri) && !hasEmptyParameter(parameters);
  return clean ? { uri, parameters } : undefined;
}

/** The tag of a From or To value, or undefined. */
export function tagOf(value: string | undefined): string | undefined {
  const address = value === undefined ? undefined : parseNameAddress(value);
  return address === undefined ? undefined : parameterOf(address.parameters, "tag");
}

/** Parses a CSeq; undefined when malformed or not below 2^31. */
export function parseCommandSequence(value: string): CommandSequence | undefined {
  let end = 0;
  while (end < value.length && !isBlank(value.charCodeAt(end))) {
    end += 1;
  }
  const number = digitsOf(value.slice(0, end), 10);
  const method = value.slice(end).trim();
  return number === undefined || number >= 2 ** 31 || !isToken(method)
    ? undefined
    : { number, method };
}

/** Parses a RAck; undefined when malformed. */
export function parseReliableAcknowledgement(value: string): ReliableAcknowledgement | undefined {
  const text = value.trim();
  const blank = text.search(/[ \t]/);
  const responseNumber = digitsOf(text.slice(0, Math.max(blank, 0)), 10);
  const sequence = parseCommandSequence(text.slice(blank + 1).trim());
  return responseNumber === undefined || sequence === undefined
    ? undefined
    : { responseNumber, ...sequence };
}
