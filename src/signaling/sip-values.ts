/** Reading and writing single SIP values: user parts, sources, and header values that are safe to send. */
import { GatewayError } from "../core/errors.ts";
import type { SipHeaders, SipSource } from "../ports/signaling-server.ts";

const SIP_USER = /(?:^|<)\s*sips?:([^@;>?\s]*)@/i;
const TEL_NUMBER = /(?:^|<)\s*tel:([^@;>?\s]*)/i;

/** The user part of a SIP or tel URI, or of a name-addr that holds one; empty when there is none. */
export function userOf(uri: string): string {
  const match = SIP_USER.exec(uri) ?? TEL_NUMBER.exec(uri);
  const user = (match?.[1] ?? "").split(":")[0] ?? "";
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

function hasControlCharacter(value: string): boolean {
  for (let index = 0; index < value.length; index += 1) {
    const code = value.charCodeAt(index);
    if ((code < 0x20 && code !== 0x09) || code === 0x7f) {
      return true;
    }
  }
  return false;
}
