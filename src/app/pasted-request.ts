/** Makes a SIP request of what somebody pasted: a log, a trace, a file with other line ends. */
import { isIpAddress } from "../core/ip-address.ts";
import type { SipSource } from "../ports/signaling-server.ts";
import { listOf, parameterOf, parseVia } from "../signaling/embedded/header-values.ts";
import { SIP_LIMITS } from "../signaling/embedded/limits.ts";
import type { SipRequest } from "../signaling/embedded/message.ts";
import { parseMessage } from "../signaling/embedded/message-parser.ts";
import { checkRequest } from "../signaling/embedded/request-check.ts";
import { SUPPORTED_EXTENSIONS } from "../signaling/supported-extensions.ts";

/** A request, and where it seems to come from. */
export interface PastedRequest {
  readonly request: SipRequest;
  readonly source: SipSource;
  /** How the source is known. */
  readonly sourceFrom: "given" | "trace" | "via" | "assumed";
  /** What the SIP server answers before it asks anybody, if it does. */
  readonly fault: { readonly status: number; readonly reason: string } | undefined;
}

const REQUEST_LINE = /^([ \t>|]*)[A-Z]{3,16} \S+ SIP\/2\.0\s*$/;
/** As tools for traces write it: `203.0.113.9:5060 -> 198.51.100.1:5060`. */
const ARROW = /(\d{1,3}(?:\.\d{1,3}){3}):(\d{1,5})\s*(?:->|→|-->)/;
const ENDPOINT =
  /^(?:\[([^\]]+)\]|([^:]+|[0-9A-Fa-f:]*:[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*))(?::(\d{1,5}))?$/;
const DEFAULT_PORT = 5060;

/** `undefined`: there is no SIP request in the text. `from` is an address, with a port or not. */
export function readPasted(text: string, from: string | undefined): PastedRequest | undefined {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  const start = lines.findIndex((line) => REQUEST_LINE.test(line));
  if (start === -1) {
    return undefined;
  }
  const outcome = parseMessage(bytesOf(lines.slice(start)), SIP_LIMITS.streamMessageBytes);
  if (!outcome.ok || outcome.message.kind !== "request") {
    return undefined;
  }
  const request = outcome.message;
  const check = checkRequest(request, SUPPORTED_EXTENSIONS);
  const fault = outcome.fault ?? (check.ok ? undefined : check);
  return { request, fault, ...sourceOf(request, lines.slice(0, start), from) };
}

/** Whether text is an address, with a port or not. */
export function isEndpoint(text: string): boolean {
  return endpointOf(text) !== undefined;
}

/** Without Content-Length: other line ends have changed it. */
function bytesOf(lines: readonly string[]): Buffer {
  const margin = REQUEST_LINE.exec(lines[0] ?? "")?.[1] ?? "";
  const bare = lines.map((line) => (line.startsWith(margin) ? line.slice(margin.length) : line));
  const kept = bare.filter((line) => !/^(?:Content-Length|l)\s*:/i.test(line));
  const text = `${kept.join("\r\n").trimEnd()}\r\n`;
  return Buffer.from(text.includes("\r\n\r\n") ? text : `${text}\r\n`);
}

function sourceOf(
  request: SipRequest,
  before: readonly string[],
  from: string | undefined,
): Pick<PastedRequest, "source" | "sourceFrom"> {
  const via = parseVia(listOf(request, "via")[0] ?? "");
  const protocol = via?.protocol.toLowerCase();
  const transport = protocol === "tcp" || protocol === "tls" ? protocol : "udp";
  const arrow = ARROW.exec(before.join("\n"));
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
