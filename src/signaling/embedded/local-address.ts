/** Which address of ours a peer is told: in Via, Contact, and towards the application. */
import { isIP, isIPv6 } from "node:net";
import { networkInterfaces } from "node:os";
import type { Clock } from "../../core/clock.ts";
import type { Hop, SipTransport } from "./transport.ts";
import { formatHostPort } from "./uri.ts";

/** Whether the address means "all interfaces". */
export function isUnspecified(host: string): boolean {
  return host === "0.0.0.0" || host === "::";
}

/** RFC 1918 section 3, Private Address Space. */
export function isPrivateAddress(host: string): boolean {
  const [first = 0, second = 0] = host.split(".").map(Number);
  const inTwenty = first === 172 && second >= 16 && second <= 31;
  return isIP(host) === 4 && (first === 10 || inTwenty || (first === 192 && second === 168));
}

function commonPrefixBits(left: string, right: string): number {
  const leftParts = left.split(".").map(Number);
  const rightParts = right.split(".").map(Number);
  let bits = 0;
  for (let index = 0; index < 4; index += 1) {
    const different = (leftParts[index] ?? 0) ^ (rightParts[index] ?? 0);
    if (different !== 0) {
      return bits + Math.clz32(different) - 24;
    }
    bits += 8;
  }
  return bits;
}

/** The one of our `addresses` that shares the longest prefix with `peer`. */
function nearest(addresses: readonly string[], peer: string): string {
  let best = "127.0.0.1";
  let bestBits = peer.startsWith("127.") ? 33 : -1;
  for (const address of addresses) {
    const bits = commonPrefixBits(address, peer);
    if (bits > bestBits) {
      best = address;
      bestBits = bits;
    }
  }
  return best;
}

/** How long the list of interfaces is believed. */
const INTERFACES_MS = 5000;

/** Knows the bound address and what to advertise instead. */
export class LocalAddress {
  readonly #clock: Clock;
  readonly #host: string;
  readonly #advertised: string | undefined;
  #interfaces: readonly string[] = [];
  #readUs = Number.NEGATIVE_INFINITY;

  /** @param host the bound address. @param advertised replaces it towards everybody, for a public address behind NAT. */
  constructor(clock: Clock, host: string, advertised: string | undefined) {
    this.#clock = clock;
    this.#host = host;
    this.#advertised = advertised;
  }

  /** The address to name towards the application: the advertised or bound one, else the first of the machine. */
  get primary(): string {
    return this.#advertised ?? (isUnspecified(this.#host) ? this.#firstInterface() : this.#host);
  }

  /** Whether a socket of ours can send to an address of this family: one bound to `::` to both. */
  reaches(address: string): boolean {
    return this.#host === "::" || isIPv6(this.#host) === isIPv6(address);
  }

  /** The address to name towards `peer`, an IP address. */
  hostFor(peer: string): string {
    if (this.#advertised !== undefined) {
      return this.#advertised;
    }
    return isUnspecified(this.#host) ? nearest(this.#addresses(), peer) : this.#host;
  }

  /** Whether an IP address and port are our own. */
  isOurs(host: string, port: number, transport: SipTransport): boolean {
    const own = [this.#host, this.#advertised, this.hostFor(host)];
    return port === transport.port && own.includes(host);
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

  #firstInterface(): string {
    return this.#addresses()[0] ?? "127.0.0.1";
  }

  /** The machine's IPv4 addresses beside loopback. */
  #addresses(): readonly string[] {
    const nowUs = this.#clock.nowUs();
    if (nowUs - this.#readUs >= INTERFACES_MS * 1000) {
      this.#readUs = nowUs;
      this.#interfaces = Object.values(networkInterfaces())
        .flatMap((list) => list ?? [])
        .filter((address) => address.family === "IPv4" && !address.internal)
        .map((address) => address.address);
    }
    return this.#interfaces;
  }
}
