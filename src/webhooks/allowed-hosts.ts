/** Which hosts a webhook may be at, and which addresses are nobody's business but the machine's and its network's. */
import { isIpAddress } from "../core/ip-address.ts";
import { addressBytes, isInNetwork, type Network, parseNetwork } from "../core/network.ts";
import type { WebhookFailure } from "../ports/tool-webhook.ts";

/** IANA IPv4 Special-Purpose Address Registry, multicast and reserved. */
const SPECIAL_IPV4 = networks(
  "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24",
  "192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4",
);
/** Global unicast is 2000::/3; within it the tunnels that lead to IPv4 addresses, and documentation. */
const GLOBAL_IPV6 = networks("2000::/3");
const SPECIAL_IPV6 = networks("2001::/23 2001:db8::/32 2002::/16 3fff::/20");

/** The operator's list. */
export class AllowedHosts {
  readonly #names: ReadonlySet<string>;
  readonly #networks: readonly Network[];

  /** @param entries host names, and addresses or networks (`10.1.0.0/16`), which alone open private addresses. */
  constructor(entries: readonly string[]) {
    const parsed = entries.map((entry) => parseNetwork(entry));
    this.#networks = parsed.filter((network) => network !== undefined);
    this.#names = new Set(
      entries
        .filter((_entry, index) => parsed[index] === undefined)
        .map((name) => name.toLowerCase()),
    );
  }

  /** Whether a URL may name this host; of an address, whether it is listed. */
  allows({ hostname }: Pick<URL, "hostname">): boolean {
    const host = numericHost(hostname);
    return host === undefined ? this.#names.has(hostname) : this.#isListed(host);
  }

  /** Why nothing may be sent to this address; `undefined`: it may. Plain HTTP leaves no private network. */
  refusalOf(address: string, protocol: string): WebhookFailure | undefined {
    if (this.#isListed(address)) {
      return undefined;
    }
    if (!isPublicAddress(address)) {
      return "addressRefused";
    }
    return protocol === "https:" ? undefined : "plainHttp";
  }

  #isListed(address: string): boolean {
    const bytes = addressBytes(address);
    return bytes !== undefined && this.#networks.some((network) => isInNetwork(network, bytes));
  }
}

/** The address that a URL names as its host; `undefined`: a name. */
export function numericHost(hostname: string): string | undefined {
  const plain = hostname.replace(/^\[|\]$/g, "");
  return isIpAddress(plain) ? plain : undefined;
}

/** Whether an address belongs to the Internet at large. */
export function isPublicAddress(address: string): boolean {
  const bytes = addressBytes(address);
  if (bytes === undefined) {
    return false;
  }
  const isIn = (network: Network): boolean => isInNetwork(network, bytes);
  return bytes.length === 4
    ? !SPECIAL_IPV4.some(isIn)
    : GLOBAL_IPV6.some(isIn) && !SPECIAL_IPV6.some(isIn);
}

function networks(...lists: readonly string[]): readonly Network[] {
  return lists
    .flatMap((list) => list.split(" "))
    .map((text) => parseNetwork(text))
    .filter((network) => network !== undefined);
}
