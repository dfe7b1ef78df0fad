/** Builds responses: what the server copies from the request, and what the application may add. */
import { parameterOf, parseNameAddress, tagOf } from "./header-values.ts";
import type { HeaderField, SipRequest, SipResponse } from "./message.ts";
import { field, fieldsOf, headerOf, NO_BODY, usualName } from "./message.ts";
import { parseUri } from "./uri.ts";

/** Headers that only the server writes, in requests and responses. */
const SERVER_OWNED = new Set([
  "via",
  "route",
  "record-route",
  "rseq",
  "content-length",
  "from",
  "to",
  "call-id",
  "cseq",
]);

/** Methods whose 2xx say where we are. RFC 3261 section 12.2, Requests within a Dialog; RFC 6665 section 4, for the last two. */
const TARGET_REFRESHES = new Set(["INVITE", "UPDATE", "SUBSCRIBE", "REFER", "NOTIFY"]);

const ADDRESS_HEADERS = new Set(["from", "to", "contact", "p-asserted-identity"]);

/** What the server knows and the application does not. */
export interface ResponseContext {
  /** The tag of our side; undefined for a 100. */
  readonly localTag: string | undefined;
  /** Our Contact value. */
  readonly contact: string;
  /** Our `host:port`, put in for `@localhost`. */
  readonly hostPort: string;
  /** RSeq of a reliable provisional response; undefined for all others. */
  readonly reliableNumber?: number | undefined;
}

/** RFC 3261 section 12.1, Creation of a Dialog: the methods whose 2xx need Record-Route and Contact. */
function createsDialog(method: string): boolean {
  return method === "INVITE" || method === "SUBSCRIBE";
}

/** `value` with a tag, which it may have already. */
export function withTag(value: string, tag: string | undefined): string {
  return tag === undefined || tagOf(value) !== undefined ? value : `${value};tag=${tag}`;
}

/** The headers that every response repeats. RFC 3261 section 8.2.6.2, Headers and Tags. */
function repeatedHeaders(request: SipRequest, localTag: string | undefined): HeaderField[] {
  return [
    ...fieldsOf(request, "via").map((via) => field("Via", via.value)),
    field("From", headerOf(request, "from") ?? ""),
    field("To", withTag(headerOf(request, "to") ?? "", localTag)),
    field("Call-ID", headerOf(request, "call-id") ?? ""),
    field("CSeq", headerOf(request, "cseq") ?? ""),
  ];
}

/** A response the server makes by itself. */
export function plainResponse(
  request: SipRequest,
  status: number,
  reason: string,
  localTag: string | undefined,
  extra: readonly HeaderField[] = [],
): SipResponse {
  const headers = [...repeatedHeaders(request, localTag), ...extra];
  return { kind: "response", status, reason, headers, body: NO_BODY };
}

/** The response that the application asked for, completed. */
export function completeResponse(
  request: SipRequest,
  app: SipResponse,
  context: ResponseContext,
): SipResponse {
  const { status, reason, body } = app;
  const headers = repeatedHeaders(request, context.localTag);
  if (createsDialog(request.method) && status > 100 && status < 300) {
    headers.push(...fieldsOf(request, "record-route").map((r) => field("Record-Route", r.value)));
  }
  headers.push(...applicationHeaders(app.headers, context));
  if (context.reliableNumber !== undefined) {
    headers.push(field("RSeq", String(context.reliableNumber)));
  }
  const success = (status >= 200 && status < 300) || context.reliableNumber !== undefined;
  if (success && TARGET_REFRESHES.has(request.method) && !has(headers, "contact")) {
    headers.push(field("Contact", context.contact));
  }
  if (isSdp(body) && !has(headers, "content-type")) {
    headers.push(field("Content-Type", "application/sdp"));
  }
  return { kind: "response", status, reason, headers, body };
}

/** The application's headers in their usual spelling, without those that only the server writes. */
export function applicationHeaders(
  headers: readonly HeaderField[],
  context: { readonly contact: string; readonly hostPort: string },
): HeaderField[] {
  return headers
    .filter((header) => !SERVER_OWNED.has(header.key))
    .map((header) => field(usualName(header.name), resolveLocalhost(header, context)));
}

/** `@localhost` in an address means this server; a Contact also gets our transport. */
export function resolveLocalhost(
  header: HeaderField,
  context: { readonly contact: string; readonly hostPort: string },
): string {
  const { value } = header;
  if (!ADDRESS_HEADERS.has(header.key) || !value.includes("@localhost")) {
    return value;
  }
  const address = parseNameAddress(value);
  const uri = address === undefined ? undefined : parseUri(address.uri);
  if (address === undefined || uri?.host !== "localhost" || uri.port !== undefined) {
    return value;
  }
  const ours = parameterOf(contactParameters(context.contact), "transport");
  const named = parameterOf(uri.parameters, "transport");
  const suffix =
    header.key === "contact" && ours !== undefined && named === undefined
      ? `;transport=${ours}`
      : "";
  const resolved = address.uri.replace("@localhost", `@${context.hostPort}`) + suffix;
  return value.includes("<")
    ? value.replace(address.uri, resolved)
    : `<${resolved}>${address.parameters}`;
}

function contactParameters(contact: string): string {
  const uri = parseNameAddress(contact)?.uri;
  return uri === undefined ? "" : (parseUri(uri)?.parameters ?? "");
}

/** Whether a list has a header. */
export function has(headers: readonly HeaderField[], key: string): boolean {
  return headers.some((header) => header.key === key);
}

/** Whether a body is a session description. RFC 8866 section 5.1, Protocol Version. */
export function isSdp(body: Buffer): boolean {
  return body.subarray(0, 3).toString("latin1") === "v=0";
}
