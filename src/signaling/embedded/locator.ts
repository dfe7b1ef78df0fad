/** From a target to the addresses to try, in order: SRV, then A and AAAA. RFC 3263 section 4, Client Usage. */
import { isIP, isIPv4 } from "node:net";
import type { Clock } from "../../core/clock.ts";
import type { Random } from "../../core/random.ts";
import { DnsCache } from "./dns-cache.ts";
import type { DnsResolver, DnsService } from "./dns-resolver.ts";
import type { Target } from "./next-hop.ts";
import type { Hop, SipProtocol, SipTransport } from "./transport.ts";
import { formatHostPort } from "./uri.ts";

/** What the locator is made of. */
export interface LocatorOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly resolver: DnsResolver;
  readonly transports: ReadonlyMap<SipProtocol, SipTransport>;
  /** Whether our sockets can send to an address of this family. */
  readonly reaches: (address: string) => boolean;
}

/** More addresses are not tried for one request. */
const MOST_HOPS = 8;
/** An address that failed is tried last for so long. */
const SHUNNED_SECONDS = 30;
const MOST_SHUNNED = 1000;

const SERVICES: Readonly<Record<SipProtocol, string>> = {
  udp: "_sip._udp",
  tcp: "_sip._tcp",
  tls: "_sips._tcp",
};

interface Place {
  readonly transport: SipTransport;
  readonly host: string;
  readonly port: number;
}

/** One per server. */
export class Locator {
  readonly #options: LocatorOptions;
  readonly #cache: DnsCache;
  /** Until when, by protocol and address. */
  readonly #shunned = new Map<string, number>();

  constructor(options: LocatorOptions) {
    this.#options = options;
    this.#cache = new DnsCache(options.clock, options.resolver);
  }

  /** The addresses to try, best first; empty when there is none. Rejects when the name could not be looked up. */
  async locate(target: Target): Promise<readonly Hop[]> {
    const hops: Hop[] = [];
    for (const { transport, host, port } of await this.#placesOf(target)) {
      const addresses = isIP(host) === 0 ? await this.#addressesOf(host) : [host];
      const { serverName } = target;
      hops.push(
        ...addresses.map((one) => ({
          transport,
          host: one,
          port,
          serverName,
          connection: undefined,
        })),
      );
    }
    return this.#shunnedLast(hops).slice(0, MOST_HOPS);
  }

  /** An address known without asking, even an old one; it is asked for anew, to be known next time. */
  peek({ transport, host, port, serverName }: Target): Hop | undefined {
    void this.#cache.addresses.get(host).catch(() => undefined);
    const addresses = this.#cache.addresses.last(host) ?? [];
    const first = addresses.find(({ address }) => this.#options.reaches(address));
    return first === undefined
      ? undefined
      : { transport, host: first.address, port, serverName, connection: undefined };
  }

  /** Takes note that an address did not serve. */
  shun(hop: Hop): void {
    const [oldest] = this.#shunned.keys();
    if (this.#shunned.size >= MOST_SHUNNED && oldest !== undefined) {
      this.#shunned.delete(oldest);
    }
    const untilUs = this.#options.clock.nowUs() + SHUNNED_SECONDS * 1_000_000;
    this.#shunned.set(keyOf(hop), untilUs);
  }

  async #placesOf(target: Target): Promise<readonly Place[]> {
    const { transport, host, port } = target;
    if (target.hasPort) {
      return [{ transport, host, port }];
    }
    const tcp = target.namesTransport ? undefined : this.#options.transports.get("tcp");
    const candidates = [...new Set([transport, tcp ?? transport])];
    // All questions at once: where no name server answers, the hosts file still may, and soon.
    void this.#cache.addresses.get(host).catch(() => undefined);
    const found = await Promise.all(
      candidates.map((candidate) => this.#servicesOf(candidate, host)),
    );
    for (const [index, services] of found.entries()) {
      if (services.length > 0) {
        const usable = services.filter(({ name }) => name !== "" && name !== ".");
        return this.#drawn(usable).map((service) => ({
          transport: candidates[index] ?? transport,
          host: service.name,
          port: service.port,
        }));
      }
    }
    return [{ transport, host, port }];
  }

  /** A domain whose services cannot be asked for is called by its address. */
  async #servicesOf({ protocol }: SipTransport, host: string): Promise<readonly DnsService[]> {
    try {
      return await this.#cache.services.get(`${SERVICES[protocol]}.${host}`);
    } catch {
      return [];
    }
  }

  /** By priority, then drawn by weight. RFC 2782, Usage rules. */
  #drawn(services: readonly DnsService[]): DnsService[] {
    const left = [...services].sort((a, b) => a.priority - b.priority || a.weight - b.weight);
    const drawn: DnsService[] = [];
    while (left.length > 0) {
      const equals = left.filter(({ priority }) => priority === left[0]?.priority);
      const total = equals.reduce((sum, { weight }) => sum + weight, 0);
      let rest = this.#options.random.uint32() % (total + 1);
      const chosen = equals.find(({ weight }) => {
        rest -= weight;
        return rest <= 0;
      });
      drawn.push(...left.splice(left.indexOf(chosen ?? (equals[0] as DnsService)), 1));
    }
    return drawn;
  }

  /** In an order of their own each time, so that several calls share them; IPv4 first. */
  async #addressesOf(host: string): Promise<string[]> {
    const records = await this.#cache.addresses.get(host);
    const addresses = records
      .map(({ address }) => address)
      .filter((address) => this.#options.reaches(address));
    for (let index = addresses.length - 1; index > 0; index -= 1) {
      const other = this.#options.random.uint32() % (index + 1);
      const moved = addresses[index] as string;
      addresses[index] = addresses[other] as string;
      addresses[other] = moved;
    }
    return addresses.sort((a, b) => Number(isIPv4(b)) - Number(isIPv4(a)));
  }

  #shunnedLast(hops: readonly Hop[]): Hop[] {
    const nowUs = this.#options.clock.nowUs();
    const isShunned = (hop: Hop): boolean => (this.#shunned.get(keyOf(hop)) ?? 0) > nowUs;
    return [...hops.filter((hop) => !isShunned(hop)), ...hops.filter(isShunned)];
  }
}

function keyOf({ transport, host, port }: Hop): string {
  return `${transport.protocol} ${formatHostPort(host, port)}`;
}
