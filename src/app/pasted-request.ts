/** Makes a SIP request of what somebody pasted: a log, a trace, a file with other line ends. */
import { isIpAddress } from "../core/ip-address.ts";
import type { SipSource } from "../ports/signaling-server.ts";
import { listOf, parameterOf, parseVia } from "../signaling/embedded/header-values.ts";
import { SIP_LIMITS } from "../signaling/embedded/limits.ts";
import type { SipRequest } from "../signaling/embedded/message.ts";
import { parseMessage } from "../signaling/embedded/message-parser.ts";
import { checkRequest, type Extensions } from "../signaling/embedded/request-check.ts";
import { SUPPORTED_EXTENSIONS } from "../signaling/supported-extensions.ts";
import { findMessages, type PastedMessage } from "./pasted-messages.ts";

/** A request, and where it seems to come from. */
export interface PastedRequest {
  readonly request: SipRequest;
  readonly source: SipSource;
  /** How the source is known. */
  readonly sourceFrom: "given" | "trace" | "via" | "assumed";
  /** What the SIP server answers before it asks anybody, if it does. */
  readonly fault: { readonly status: number; readonly reason: string } | undefined;
}

/** As tools for traces write it: `203.0.113.9:5060 -> 198.51.100.1:5060`. */
const ARROW = /(\d{1,3}(?:\.\d{1,3}){3}):(\d{1,5})\s*(?:->|→|-->)/;
const ENDPOINT =
  /^(?:\[([^\]]+)\]|([^:]+|[0-9A-Fa-f:]*:[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*))(?::(\d{1,5}))?$/;
const DEFAULT_PORT = 5060;

/** `undefined`: there is no SIP request in the text. `from` is an address, with a port or not. */
export function readPasted(text: string, from: string | undefined): PastedRequest | undefined {
  const [pasted] = findMessages(Buffer.from(text).toString("latin1")).filter(
    ({ kind }) => kind === "request",
  );
  const request = pasted === undefined ? undefined : parsePasted(pasted, SUPPORTED_EXTENSIONS);
  if (pasted === undefined || request === undefined || request.isTooLarge) {
    return undefined;
  }
  const { fault } = request;
  return { request: request.request, fault, ...sourceOf(request.request, pasted.before, from) };
}

/** A request alone. */
export interface ParsedPaste extends Pick<PastedRequest, "request" | "fault"> {
  /** The SIP server takes no message of this size, and does not answer it either. */
  readonly isTooLarge: boolean;
}

/** The request of a pasted message, and what the SIP server would answer before it asks anybody; `extensions` as it has them. */
export function parsePasted(
  pasted: PastedMessage,
  extensions: Extensions,
): ParsedPaste | undefined {
  const bytes = bytesOf(pasted);
  const outcome = parseMessage(bytes, bytes.length);
  if (!outcome.ok || outcome.message.kind !== "request") {
    return undefined;
  }
  const request = outcome.message;
  const check = checkRequest(request, extensions);
  const fault = outcome.fault ?? (check.ok ? undefined : check);
  return { request, fault, isTooLarge: bytes.length > SIP_LIMITS.streamMessageBytes };
}

/** Whether text is an address, with a port or not. */
export function isEndpoint(text: string): boolean {
  return endpointOf(text) !== undefined;
}

/** The message on the wire, without Content-Length: other line ends have changed it. */
function bytesOf({ head, body }: PastedMessage): Buffer {
  const kept = head.filter((line) => !/^(?:Content-Length|l)[ \t]*:/i.test(line));
  return Buffer.from(`${kept.join("\r\n")}\r\n\r\n${body}`, "latin1");
}

function sourceOf(
  request: SipRequest,
  before: string,
  from: string | undefined,
): Pick<PastedRequest, "source" | "sourceFrom"> {
  const via = parseVia(listOf(request, "via")[0] ?? "");
  const protocol = via?.protocol.toLowerCase();
  const transport = protocol === "tcp" || protocol === "tls" ? protocol : "udp";
  const arrow = ARROW.exec(before);
  const host = parameterOf(via?.parameters ?? "", "received") ?? via?.host ?? "";
  const port = via?.port ?? DEFAULT_PORT;
  const given = from === undefined ? undefined : endpointOf(from);
  if (given !== undefined) {
    return { source: { ...given, transport }, sourceFrom: "given" };
  }
  if (arrow !== null) {
    const address = arrow[1] as string;
    return { source: { address, port: Number(arrow[2]), transport }, sourceFrom: "trace" };
  }
  return isIpAddress(host)
    ? { source: { address: host, port, transport }, sourceFrom: "via" }
    : { source: { address: "127.0.0.1", port, transport }, sourceFrom: "assumed" };
}

function endpointOf(text: string): { readonly address: string; readonly port: number } | undefined {
  const match = ENDPOINT.exec(text);
  const address = match?.[1] ?? match?.[2] ?? "";
  const port = match?.[3] === undefined ? DEFAULT_PORT : Number(match[3]);
  return isIpAddress(address) && port <= 65_535 ? { address, port } : undefined;
}
