/** A SIP message as data: start line, header fields in their order, body; and its form on the wire. */

/**
 * One header field. Text is kept byte for byte (each character is one byte of the wire, so UTF-8 passes unchanged).
 */
export interface HeaderField {
  /** The long name in lower case: `via`, also for `v` and `VIA`. */
  readonly key: string;
  /** The name as written. */
  readonly name: string;
  readonly value: string;
}

/** A request. RFC 3261 section 7.1, Requests. */
export interface SipRequest {
  readonly kind: "request";
  readonly method: string;
  readonly uri: string;
  readonly headers: readonly HeaderField[];
  readonly body: Buffer;
}

/** A response. RFC 3261 section 7.2, Responses. */
export interface SipResponse {
  readonly kind: "response";
  /** 100 … 699. */
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly HeaderField[];
  readonly body: Buffer;
}

/** Either of the two. */
export type SipMessage = SipRequest | SipResponse;

/** No body. */
export const NO_BODY = Buffer.alloc(0);

/** RFC 3261 section 7.3.3, Compact Form, and the forms registered since. */
const COMPACT_FORMS: Readonly<Record<string, string>> = {
  a: "accept-contact",
  b: "referred-by",
  c: "content-type",
  d: "request-disposition",
  e: "content-encoding",
  f: "from",
  i: "call-id",
  j: "reject-contact",
  k: "supported",
  l: "content-length",
  m: "contact",
  n: "identity-info",
  o: "event",
  r: "refer-to",
  s: "subject",
  t: "to",
  u: "allow-events",
  v: "via",
  x: "session-expires",
  y: "identity",
};

/** Names whose usual spelling is not Word-Word. */
const IRREGULAR_NAMES: Readonly<Record<string, string>> = {
  "call-id": "Call-ID",
  cseq: "CSeq",
  "mime-version": "MIME-Version",
  rack: "RAck",
  rseq: "RSeq",
  "sip-etag": "SIP-ETag",
  "sip-if-match": "SIP-If-Match",
  "www-authenticate": "WWW-Authenticate",
};

const KNOWN_KEYS = new Map<string, string>();
for (const name of [
  "Via From To Call-ID CSeq Contact Max-Forwards Content-Type Content-Length Route Record-Route",
  "Allow Supported Require User-Agent Server Expires Authorization Proxy-Authorization Reason",
  "Accept Subject Refer-To Event",
]
  .join(" ")
  .split(" ")) {
  KNOWN_KEYS.set(name, name.toLowerCase());
}

/** The key of a header name in any spelling. */
export function headerKey(name: string): string {
  const known = KNOWN_KEYS.get(name);
  if (known !== undefined) {
    return known;
  }
  const lower = name.toLowerCase();
  return (lower.length === 1 ? COMPACT_FORMS[lower] : undefined) ?? lower;
}

/** The usual spelling of a name; names that start with `X-` stay as they are. */
export function usualName(name: string): string {
  const lower = name.toLowerCase();
  if (lower.startsWith("x-")) {
    return name;
  }
  const key = headerKey(name);
  return IRREGULAR_NAMES[key] ?? key.replaceAll(/(?:^|-)[a-z]/g, (start) => start.toUpperCase());
}

/** A header field; line ends inside `value` become spaces, so that no value can add a line. */
export function field(name: string, value: string): HeaderField {
  const clean = /[\r\n\0]/.test(value) ? value.replaceAll(/[\r\n\0]+/g, " ") : value;
  return { key: headerKey(name), name, value: clean };
}

/** The value of the first field with this key. */
export function headerOf(message: SipMessage, key: string): string | undefined {
  for (const header of message.headers) {
    if (header.key === key) {
      return header.value;
    }
  }
  return undefined;
}

/** All fields with this key, in order. */
export function fieldsOf(message: SipMessage, key: string): HeaderField[] {
  return message.headers.filter((header) => header.key === key);
}

/** The request with long header names only: drachtio-srf does not know every compact form. */
export function longNames(request: SipRequest): SipRequest {
  if (request.headers.every((header) => header.name.length > 1)) {
    return request;
  }
  const headers = request.headers.map((header) =>
    header.name.length > 1 ? header : { ...header, name: header.key },
  );
  return { ...request, headers };
}

/** The start line, without its line end. */
export function startLineOf(message: SipMessage): string {
  return message.kind === "request"
    ? `${message.method} ${message.uri} SIP/2.0`
    : `SIP/2.0 ${message.status} ${message.reason}`;
}

/** The bytes on the wire; Content-Length always tells the body's true length, in its place or at the end. */
export function serialise(message: SipMessage): Buffer {
  let head = `${startLineOf(message)}\r\n`;
  let lengthWritten = false;
  for (const header of message.headers) {
    if (header.key !== "content-length") {
      head += `${header.name}: ${header.value}\r\n`;
    } else if (!lengthWritten) {
      lengthWritten = true;
      head += `${header.name}: ${message.body.length}\r\n`;
    }
  }
  head += lengthWritten ? "\r\n" : `Content-Length: ${message.body.length}\r\n\r\n`;
  const headBytes = Buffer.from(head, "latin1");
  return message.body.length === 0 ? headBytes : Buffer.concat([headBytes, message.body]);
}
