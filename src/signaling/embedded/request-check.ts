/** What only requests must fulfil, one small rule after the other. RFC 3261 section 8.2, UAS Behavior. */
import { digitsOf } from "./characters.ts";
import { listOf, parseNameAddress } from "./header-values.ts";
import { SIP_LIMITS } from "./limits.ts";
import type { SipRequest } from "./message.ts";
import { field, headerOf } from "./message.ts";
import type { CheckOutcome, CheckRefusal, Essentials } from "./message-check.ts";
import { checkMessage, contactUriOf } from "./message-check.ts";
import { parseUri } from "./uri.ts";

/** Option tags that a request may require; undefined: any, and the applications judge. */
export type Extensions = ReadonlySet<string> | undefined;

type Rule = (
  request: SipRequest,
  essentials: Essentials,
  extensions: Extensions,
) => CheckRefusal | undefined;

/** Part of a transaction that exists already, so nothing but what they are matched by is looked at. */
const FOLLOWING = new Set(["ACK", "CANCEL"]);

/** Their Contact means nothing. RFC 3261 section 20, Header Fields, Table 2. */
const WITHOUT_CONTACT = new Set(["ACK", "BYE", "CANCEL", "PRACK"]);

const MOST_HOPS = 255;

/** In the order of RFC 3261 sections 8.2, UAS Behavior, and 16.3, Request Validation. */
const RULES: readonly Rule[] = [
  (request, { sequenceMethod }) =>
    sequenceMethod === request.method ? undefined : badHeader("CSeq"),
  (_request, { fromTag }) => (fromTag === undefined ? badHeader("From") : undefined),
  checkUri,
  checkHops,
  checkContact,
  checkExtensions,
];

/** Whether a request can be processed, or what to answer. */
export function checkRequest(request: SipRequest, extensions: Extensions): CheckOutcome {
  const outcome = checkMessage(request);
  if (!outcome.ok) {
    return outcome;
  }
  for (const rule of RULES) {
    const refusal = rule(request, outcome.essentials, extensions);
    if (refusal !== undefined) {
      return { ok: false, ...refusal };
    }
  }
  return outcome;
}

function badHeader(name: string): CheckRefusal {
  return { status: 400, reason: `Bad ${name} Header` };
}

/** RFC 3261 sections 8.2.2.1, To and Request-URI, and 19.1.1: a Request-URI has no headers. */
function checkUri({ method, uri }: SipRequest): CheckRefusal | undefined {
  const scheme = uri.slice(0, uri.indexOf(":")).toLowerCase();
  if (scheme !== "sip" && scheme !== "sips") {
    return scheme === "tel" || FOLLOWING.has(method)
      ? undefined
      : { status: 416, reason: "Unsupported URI Scheme" };
  }
  const hasHeaders = uri.indexOf("?", uri.indexOf("@") + 1) !== -1;
  return hasHeaders || parseUri(uri) === undefined
    ? { status: 400, reason: "Bad Request-URI" }
    : undefined;
}

/** A request that went through too many hands is refused, unless it belongs to a dialog we may have. */
function checkHops(request: SipRequest, { toTag }: Essentials): CheckRefusal | undefined {
  const text = headerOf(request, "max-forwards");
  const left = text === undefined ? MOST_HOPS : digitsOf(text, 9);
  if (left === undefined || left > MOST_HOPS) {
    return badHeader("Max-Forwards");
  }
  const exhausted = left === 0 && toTag === undefined && !FOLLOWING.has(request.method);
  return exhausted || listOf(request, "via").length > SIP_LIMITS.viaCount
    ? { status: 483, reason: "Too Many Hops" }
    : undefined;
}

/** An INVITE needs a Contact that requests can be sent to; elsewhere each must be an address. */
function checkContact(request: SipRequest): CheckRefusal | undefined {
  if (request.method === "INVITE") {
    return contactUriOf(request) === undefined ? badHeader("Contact") : undefined;
  }
  const isBad = (contact: string): boolean =>
    contact !== "*" && parseNameAddress(contact) === undefined;
  return !WITHOUT_CONTACT.has(request.method) && listOf(request, "contact").some(isBad)
    ? badHeader("Contact")
    : undefined;
}

/** RFC 3261 section 8.2.2.3, Require: never looked at in an ACK or a CANCEL. */
function checkExtensions(
  request: SipRequest,
  _essentials: Essentials,
  extensions: Extensions,
): CheckRefusal | undefined {
  if (extensions === undefined || FOLLOWING.has(request.method)) {
    return undefined;
  }
  const unknown = listOf(request, "require").filter((tag) => !extensions.has(tag.toLowerCase()));
  return unknown.length === 0
    ? undefined
    : {
        status: 420,
        reason: "Bad Extension",
        extra: [field("Unsupported", unknown.join(", "))],
      };
}
