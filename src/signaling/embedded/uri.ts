/** SIP and SIPS URIs: the parts that routing needs. */
import { digitsOf, isHostText } from "./characters.ts";

/** RFC 3261 section 19.1, SIP and SIPS Uniform Resource Indicators. */
export interface SipUri {
  readonly scheme: "sip" | "sips";
  /** Without the password; undefined when the URI names only a host. */
  readonly user: string | undefined;
  /** A name, an IPv4 address, or an IPv6 address without its brackets. */
  readonly host: string;
  readonly port: number | undefined;
  /** `;name=value…` as written, or an empty string. */
  readonly parameters: string;
}

/** Parses a SIP or SIPS URI; anything else (`tel:`, `*`, a URI without a host) gives undefined. */
export function parseUri(text: string): SipUri | undefined {
  const colon = text.indexOf(":");
  const scheme = text.slice(0, Math.max(colon, 0)).toLowerCase();
  if (scheme !== "sip" && scheme !== "sips") {
    return undefined;
  }
  const at = text.indexOf("@");
  const user = at === -1 ? undefined : text.slice(colon + 1, at).split(":")[0];
  const question = text.indexOf("?", at + 1);
  const end = question === -1 ? text.length : question;
  const rest = text.slice(at === -1 ? colon + 1 : at + 1, end);
  const semicolon = rest.indexOf(";");
  const hostPort = parseHostPort(semicolon === -1 ? rest : rest.slice(0, semicolon));
  if (hostPort === undefined) {
    return undefined;
  }
  const parameters = semicolon === -1 ? "" : rest.slice(semicolon);
  return { scheme, user, ...hostPort, parameters };
}

/** Splits `host`, `host:port`, `[v6]` or `[v6]:port`; undefined when it is none of them. */
export function parseHostPort(
  text: string,
): { readonly host: string; readonly port: number | undefined } | undefined {
  const bracket = text.startsWith("[") ? text.indexOf("]") : -1;
  const colon = text.indexOf(":", bracket + 1);
  const hostText = colon === -1 ? text : text.slice(0, colon);
  const host = bracket === -1 ? hostText : hostText.slice(1, -1);
  const validHost =
    bracket === -1 ? isHostText(host) : hostText.endsWith("]") && /^[0-9a-fA-F:.]+$/.test(host);
  if (!validHost) {
    return undefined;
  }
  if (colon === -1) {
    return { host, port: undefined };
  }
  const port = digitsOf(text.slice(colon + 1), 5);
  return port === undefined || port > 65_535 ? undefined : { host, port };
}

/** `host:port` as written in headers: IPv6 in brackets. */
export function formatHostPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** An address as the system reports it, without the IPv6 wrapping of an IPv4 one. */
export function plainAddress(address: string): string {
  return address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
}
