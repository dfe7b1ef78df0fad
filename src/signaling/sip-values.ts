/** Reading and writing single SIP values: user parts, sources, and header values that are safe to send. */
import { GatewayError } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { MessageBody, SipHeaders, SipSource } from "../ports/signaling-server.ts";

const SIP_USER = /(?:^|<)\s*sips?:([^@>?\s]*)@/i;
const TEL_NUMBER = /(?:^|<)\s*tel:([^@;>?\s]*)/i;

/** The user part of a SIP or tel URI, or of a name-addr that holds one; empty when there is none. */
export function userOf(uri: string): string {
  const match = SIP_USER.exec(uri) ?? TEL_NUMBER.exec(uri);
  const user = (match?.[1] ?? "").split(/[:;]/)[0] ?? "";
  try {
    return decodeURIComponent(user);
  } catch {
    return user;
  }
}

/** The source a drachtio message names; an unknown transport counts as UDP. */
export function sourceOf(address: string, port: string, protocol: string): SipSource {
  const transport = protocol === "tcp" || protocol === "tls" ? protocol : "udp";
  return { address, port: Number.parseInt(port, 10) || 0, transport };
}

/** Headers without CR, LF or NUL in any name or value; throws SIP_MALFORMED naming the header otherwise. */
export function safeHeaders(headers: SipHeaders = {}): Record<string, string> {
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[A-Za-z0-9!%*_+`'~.-]+$/.test(name) || hasControlCharacter(value)) {
      throw new GatewayError("SIP_MALFORMED", {
        header: JSON.stringify(name),
        expected: "one line",
      });
    }
  }
  return { ...headers };
}

/** A BYE goes out even when its headers are wrong: then without them. */
export function byeHeaders(
  headers: SipHeaders | undefined,
  logger: Logger,
): Record<string, string> {
  try {
    return safeHeaders(headers);
  } catch (error) {
    logger.error("BYE sent without its headers", { error });
    return {};
  }
}

/** The statuses that drachtio-srf 5.0.29 sends; it throws for any other. */
const SENDABLE = new Set([
  100, 180, 181, 182, 183, 199, 200, 202, 204, 300, 301, 302, 305, 380, 400, 401, 402, 403, 404,
  405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 420, 421, 422, 423, 424, 428,
  429, 430, 433, 436, 437, 438, 439, 470, 480, 481, 482, 483, 484, 485, 486, 487, 488, 489, 491,
  493, 494, 500, 501, 502, 503, 504, 505, 513, 580, 600, 603, 604, 606,
]);

/** `status`, or what a peer has to take it for when it is not known (RFC 3261 "Unrecognized Responses"). */
export function sendableStatus(status: number): number {
  if (SENDABLE.has(status)) {
    return status;
  }
  return status < 200 ? 183 : Math.floor(status / 100) * 100;
}

const REASON_TEXT = /;\s*text\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;,\s]+))/i;

/** The text of a Reason header (RFC 3326), the whole of one without text; `undefined` when there is none. */
export function reasonText(header: string | undefined): string | undefined {
  if (header === undefined || header === "") {
    return undefined;
  }
  const [, quoted, token] = REASON_TEXT.exec(header) ?? [];
  return quoted?.replaceAll(/\\(.)/g, "$1") ?? token ?? header;
}

/** Whether a To names a dialog: such a request belongs to one that is over, or never was. */
export function hasTag(party: string | undefined): boolean {
  return party !== undefined && /;\s*tag\s*=/i.test(party);
}

const QUOTED_NAME = /^\s*"(?:[^"\\]|\\.)*"/;
const SIP_HOST = /^[^<,]*<?\s*sips?:(?:[^@<>,\s]*@)?(?:\[[0-9a-f:.]+\]|[\w.-]+)(?=[:;?>,\s]|$)/i;

/** Whether a Contact begins with a SIP URI that names a host, so that requests can be sent to it. */
export function isReachableContact(header: string): boolean {
  return SIP_HOST.test(header.replace(QUOTED_NAME, ""));
}

function hasControlCharacter(value: string): boolean {
  for (let index = 0; index < value.length; index += 1) {
    const code = value.charCodeAt(index);
    if ((code < 0x20 && code !== 0x09) || code === 0x7f) {
      return true;
    }
  }
  return false;
}

/** Whether a body is SDP, or not there at all; a body without a type is taken for SDP when it looks like it. */
export function isSdpOrEmpty(contentType: string | undefined, body: string | undefined): boolean {
  if (body === undefined || body === "") {
    return true;
  }
  return contentType === undefined
    ? body.startsWith("v=")
    : /^application\/sdp\s*(?:;|$)/i.test(contentType.trim());
}

/** RFC 7866 section 9.1, Registration of the application/rs-metadata content type; and what carries it beside SDP. */
const RECORDING_BODY = /^(?:multipart\/|application\/rs-metadata)/i;

/** Whether a body may be that of a recording client. */
export function isRecordingBody(contentType: string | undefined): boolean {
  return RECORDING_BODY.test((contentType ?? "").trim());
}

/** A body that is neither empty nor SDP alone. */
export function bodyBesideSdp(
  contentType: string | undefined,
  text: string | undefined,
): MessageBody | undefined {
  return text === undefined || isSdpOrEmpty(contentType, text) ? undefined : { contentType, text };
}

/** Whether a caller that sends this Accept header takes SDP; without the header it does. RFC 3261 section 20.1, Accept. */
export function acceptsSdp(accept: string | undefined): boolean {
  return (
    accept === undefined ||
    /(?:^|,)\s*(?:application\/(?:sdp|\*)|multipart\/\S+|\*\/\*)\s*(?:[;,]|$)/i.test(accept)
  );
}
