/** Which well-framed messages are fit to be processed, and what to answer to those that are not. */
import { isCallId, isToken } from "./characters.ts";
import type { Via } from "./header-values.ts";
import {
  listOf,
  parameterOf,
  parseCommandSequence,
  parseNameAddress,
  parseVia,
  tagOf,
} from "./header-values.ts";
import type { HeaderField, SipMessage } from "./message.ts";
import { headerOf, usualName } from "./message.ts";
import type { SipUri } from "./uri.ts";
import { parseUri } from "./uri.ts";

/** What a transaction and a dialog are found by; present in every message that passed the check. */
export interface Essentials {
  readonly via: Via;
  readonly callId: string;
  readonly fromTag: string | undefined;
  readonly toTag: string | undefined;
  readonly sequence: number;
  readonly sequenceMethod: string;
}

/** A refusal carries the status and the reason phrase of the answer. */
export type CheckOutcome =
  | { readonly ok: true; readonly essentials: Essentials }
  | ({ readonly ok: false } & CheckRefusal);

/** What to answer. */
export interface CheckRefusal {
  readonly status: number;
  /** A reason phrase that names the culprit. */
  readonly reason: string;
  /** Headers that say what would do instead. */
  readonly extra?: readonly HeaderField[];
}

function refuse(header: string): CheckOutcome {
  return { ok: false, status: 400, reason: `Bad ${header} Header` };
}

/** RFC 3261 section 7.3.1, Header Field Format: what is no list may be there once only. */
const SINGLE_HEADERS = new Set(["call-id", "cseq", "from", "to", "max-forwards"]);

/** The usual name of the first header that is there twice and must not be. */
function repeatedHeader(message: SipMessage): string | undefined {
  const seen = new Set<string>();
  for (const { key } of message.headers) {
    if (SINGLE_HEADERS.has(key) && seen.size === seen.add(key).size) {
      return usualName(key);
    }
  }
  return undefined;
}

/** The fields every message needs. RFC 3261 section 8.1.1, Generating the Request. */
export function checkMessage(message: SipMessage): CheckOutcome {
  const repeated = repeatedHeader(message);
  if (repeated !== undefined) {
    return refuse(repeated);
  }
  const via = parseVia(headerOf(message, "via") ?? "");
  if (via === undefined) {
    return refuse("Via");
  }
  const callId = headerOf(message, "call-id") ?? "";
  if (!isCallId(callId)) {
    return refuse("Call-ID");
  }
  const parties = checkParties(message);
  if (typeof parties === "string") {
    return refuse(parties);
  }
  const sequence = parseCommandSequence(headerOf(message, "cseq") ?? "");
  if (sequence === undefined) {
    return refuse("CSeq");
  }
  const { number, method } = sequence;
  return {
    ok: true,
    essentials: { via, callId, ...parties, sequence: number, sequenceMethod: method },
  };
}

function checkParties(
  message: SipMessage,
): { fromTag: string | undefined; toTag: string | undefined } | string {
  const from = headerOf(message, "from") ?? "";
  const to = headerOf(message, "to") ?? "";
  if (parseNameAddress(from) === undefined) {
    return "From";
  }
  if (parseNameAddress(to) === undefined) {
    return "To";
  }
  const fromTag = tagOf(from);
  const toTag = tagOf(to);
  if (fromTag !== undefined && !isToken(fromTag)) {
    return "From";
  }
  return toTag === undefined || isToken(toTag) ? { fromTag, toTag } : "To";
}

/** The URI of the first Contact when a request can be sent to it, that is a SIP or SIPS URI with a host. */
export function contactUriOf(message: SipMessage): string | undefined {
  const first = listOf(message, "contact")[0];
  const uri = first === undefined ? undefined : parseNameAddress(first)?.uri;
  return uri !== undefined && parseUri(uri) !== undefined ? uri : undefined;
}

/** Whether a comma-separated header of tokens (Require, Supported) contains `token`. */
export function hasOption(message: SipMessage, key: string, token: string): boolean {
  return listOf(message, key).some((item) => item.toLowerCase() === token);
}

/** The `transport` parameter of a URI's parameters, in lower case. */
export function transportOf(parameters: string): string | undefined {
  return parameterOf(parameters, "transport")?.toLowerCase();
}

/** Whether a URI demands TLS, by its scheme or its `transport`. */
export function isSecure({ scheme, parameters }: SipUri): boolean {
  return scheme === "sips" || transportOf(parameters) === "tls";
}

/** The port where a URI names none. RFC 3261 section 19.1.2, SIP and SIPS URI Components. */
export function defaultPortOf(uri: SipUri): number {
  return isSecure(uri) ? 5061 : 5060;
}
