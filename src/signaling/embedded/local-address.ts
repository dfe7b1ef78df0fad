/** Which address of ours a peer is told: in Via, Contact, and towards the application. */
import { isIP, isIPv6 } from "node:net";
import type { Clock } from "../../core/clock.ts";
import { type Advertise, OwnAddresses } from "../../core/own-addresses.ts";
import type { Hop, SipTransport } from "./transport.ts";
import { formatHostPort } from "./uri.ts";

/** RFC 1918 section 3, Private Address Space. */
export function isPrivateAddress(host: string): boolean {
  const [first = 0, second = 0] = host.split(".").map(Number);
  const inTwenty = first === 172 && second >= 16 && second <= 31;
  return isIP(host) === 4 && (first === 10 || inTwenty || (first === 192 && second === 168));
}

/** Knows the bound address and what to advertise instead. */
export class LocalAddress {
  readonly #host: string;
  readonly #own: OwnAddresses;

  /** @param host the bound address. @param advertise replaces it, for a public address behind NAT. */
  constructor(clock: Clock, host: string, advertise: Advertise | undefined) {
    this.#host = host;
    this.#own = new OwnAddresses(clock, host, advertise);
  }

  /** The address to name towards the application: the advertised or bound one, else the first of the machine. */
  get primary(): string {
    return this.#own.primary;
  }

  /** Whether a socket of ours can send to an address of this family: one bound to `::` to both. */
  reaches(address: string): boolean {
    return this.#host === "::" || isIPv6(this.#host) === isIPv6(address);
  }

  /** The address to name towards `peer`, an IP address. */
  hostFor(peer: string): string {
    return this.#own.towards(peer);
  }

  /** Whether an IP address and port are our own. */
  isOurs(host: string, port: number, transport: SipTransport): boolean {
    return port === transport.port && this.#own.has(host);
  }

  /** `host:port` towards the peer at `hop`. */
  hostPortFor(hop: Hop): string {
    return formatHostPort(this.hostFor(hop.host), hop.transport.port);
  }

  /**
   * Our Contact value towards the peer at `hop`, in a message about `uri`: SIPS for SIPS, as RFC 3261 section 12.1
   * (Creation of a Dialog) demands. Peers that know TLS only as a transport, such as baresip 1.0, end a call that was
   * begun with `sip:…;transport=tls` when they are answered with a SIPS Contact.
   */
  contactFor(hop: Hop, uri: string): string {
    const { protocol } = hop.transport;
    const scheme = protocol === "tls" && /^sips:/i.test(uri) ? "sips" : "sip";
    const suffix = protocol === "udp" ? "" : `;transport=${protocol}`;
    return `<${scheme}:${this.hostPortFor(hop)}${suffix}>`;
  }
}
