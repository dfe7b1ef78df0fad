/** How a challenged request is sent again: the same Call-ID and From, the next CSeq, the server that challenged. */
import { isIpAddress } from "../core/ip-address.ts";
import type { DrachtioMessage, DrachtioResponse } from "./drachtio-types.ts";

/** One request, and at most one answer to a challenge of the server and one of a proxy. */
export const MAX_ATTEMPTS = 3;

const URI = /^(sips?):(?:[^@;?]*@)?(\[[^\]]*\]|[^:;?]+)/i;

/** Headers of the next attempt (RFC 3261 "User-to-User Authentication"). */
export function retryHeaders(sent: DrachtioMessage): Record<string, string> {
  return {
    "Call-ID": sent.get("Call-ID") ?? "",
    From: sent.get("From") ?? "",
    CSeq: `${sequenceOf(sent) + 1} ${methodOf(sent)}`,
  };
}

function sequenceOf(message: DrachtioMessage): number {
  return Number.parseInt(message.get("CSeq") ?? "", 10) || 0;
}

/**
 * Where the next attempt goes; `undefined`: to the request's own URI. A name of several hosts may lead to another one,
 * which knows nothing of the nonce. Over TLS the name stays, for it is what the certificate is checked against.
 */
export function retryHop(uri: string, response: DrachtioResponse): string | undefined {
  const [, scheme = "", host = ""] = URI.exec(uri) ?? [];
  const transport = /;transport=([a-z]+)/i.exec(uri)?.[1]?.toLowerCase();
  const { source_address: address, source_port: port } = response;
  const isSecure = transport === "tls" || scheme.toLowerCase() === "sips";
  if (isSecure || isIpAddress(host.replace(/^\[|\]$/g, "")) || !isIpAddress(address)) {
    return undefined;
  }
  const where = address.includes(":") ? `[${address}]` : address;
  return `sip:${where}:${port};transport=${transport ?? "udp"}`;
}

function methodOf(message: DrachtioMessage): string {
  return (message.get("CSeq") ?? "").trim().split(/\s+/)[1] ?? "";
}
