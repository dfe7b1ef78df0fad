/** Which of our addresses a peer is told: the one it can reach, which behind 1:1 NAT depends on where the peer is. */
import { networkInterfaces } from "node:os";
import type { Clock } from "./clock.ts";
import { isIpv4, isLoopback } from "./ip-address.ts";
import { addressBytes, isInNetwork, type Network, parseNetwork } from "./network.ts";

/** Peers of a network are told this address. */
export interface AdvertiseRule {
  readonly to: Network;
  readonly address: string;
}

/** What is advertised: one address to everybody, or the first rule that fits. */
export type Advertise =
  | string
  | {
      readonly rules: readonly AdvertiseRule[];
      /** For peers beyond our own networks when we are bound to all addresses, for example that of the default route. */
      readonly otherwise: string | undefined;
    };

/** An address of this machine and the network it is in. */
export interface OwnInterface {
  readonly address: string;
  readonly network: Network;
}

/** How long the list of interfaces is believed. */
const INTERFACES_MS = 5000;

/** Whether the address means "all interfaces". */
export function isUnspecified(host: string): boolean {
  return host === "0.0.0.0" || host === "::";
}

/** Knows the bound address and what to advertise instead. */
export class OwnAddresses {
  readonly #clock: Clock;
  readonly #host: string;
  readonly #advertise: Advertise | undefined;
  readonly #read: () => readonly OwnInterface[];
  #interfaces: readonly OwnInterface[] = [];
  #readUs = Number.NEGATIVE_INFINITY;

  /** @param host the bound address. @param read the interfaces of this machine, unless told otherwise. */
  constructor(
    clock: Clock,
    host: string,
    advertise: Advertise | undefined,
    read: () => readonly OwnInterface[] = systemInterfaces,
  ) {
    this.#clock = clock;
    this.#host = host;
    this.#advertise = advertise;
    this.#read = read;
  }

  /** For those who are nowhere in particular: the advertised or bound address, else the first of the machine. */
  get primary(): string {
    const advertise = this.#advertise;
    if (typeof advertise === "string") {
      return advertise;
    }
    const open = isUnspecified(this.#host);
    return open ? (advertise?.otherwise ?? this.#firstOf(this.#host)) : this.#host;
  }

  /** The address to name towards `peer`, an IP address. */
  towards(peer: string): string {
    const advertise = this.#advertise;
    if (typeof advertise === "string") {
      return advertise;
    }
    const open = isUnspecified(this.#host);
    const rules = advertise?.rules ?? [];
    const bytes = open || rules.length > 0 ? addressBytes(peer) : undefined;
    const rule = bytes === undefined ? undefined : rules.find(({ to }) => isInNetwork(to, bytes));
    if (rule !== undefined) {
      return rule.address;
    }
    return open ? this.#nearest(peer, bytes) : this.#host;
  }

  /** Whether peers may know us by this address. */
  has(address: string): boolean {
    const advertise = this.#advertise;
    const advertised =
      typeof advertise === "string"
        ? [advertise]
        : (advertise?.rules ?? []).map((rule) => rule.address);
    return (
      address === this.#host || advertised.includes(address) || address === this.towards(address)
    );
  }

  #nearest(peer: string, bytes: Uint8Array | undefined): string {
    if (isLoopback(peer)) {
      return isIpv4(peer) ? "127.0.0.1" : "::1";
    }
    const inside = this.#list().find(
      ({ network }) => bytes !== undefined && isInNetwork(network, bytes),
    );
    const { otherwise } = (this.#advertise ?? {}) as { readonly otherwise?: string | undefined };
    const fits = otherwise !== undefined && isIpv4(otherwise) === isIpv4(peer);
    return inside?.address ?? (fits ? otherwise : this.#firstOf(peer));
  }

  /** The machine's first address of the family of `like`. */
  #firstOf(like: string): string {
    const found = this.#list().find(({ address }) => isIpv4(address) === isIpv4(like));
    return found?.address ?? (isIpv4(like) ? "127.0.0.1" : "::1");
  }

  #list(): readonly OwnInterface[] {
    const nowUs = this.#clock.nowUs();
    if (nowUs - this.#readUs >= INTERFACES_MS * 1000) {
      this.#readUs = nowUs;
      this.#interfaces = this.#read();
    }
    return this.#interfaces;
  }
}

/** The machine's addresses beside loopback and link-local ones. */
function systemInterfaces(): readonly OwnInterface[] {
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ internal, address }) => !internal && !/^fe80:/i.test(address))
    .flatMap(({ address, cidr }) => {
      const network = networkOf(address, cidr);
      return network === undefined ? [] : [{ address, network }];
    });
}

/** The network that an interface's address with its prefix length is in. */
export function networkOf(address: string, cidr: string | null): Network | undefined {
  const bytes = addressBytes(address);
  const prefixBits = Number(cidr?.split("/")[1] ?? Number.NaN);
  if (bytes === undefined || !(prefixBits >= 0 && prefixBits <= bytes.length * 8)) {
    return parseNetwork(address);
  }
  const bare = bytes.map((byte, index) => {
    const fixedBits = Math.min(8, Math.max(0, prefixBits - index * 8));
    return byte & (0xff << (8 - fixedBits)) & 0xff;
  });
  return { text: cidr ?? address, bytes: bare, prefixBits };
}
