/** From names to addresses: what is asked for, in which order they are tried, how long they are believed. */
import { describe, expect, it } from "vitest";
import type { DnsAddress, DnsService } from "../../../src/signaling/embedded/dns-resolver.ts";
import { Locator } from "../../../src/signaling/embedded/locator.ts";
import type { Target } from "../../../src/signaling/embedded/next-hop.ts";
import { NextHop } from "../../../src/signaling/embedded/next-hop.ts";
import type { SipProtocol, SipTransport } from "../../../src/signaling/embedded/transport.ts";
import { SeededRandom } from "../../support/seeded-random.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";
import { MemoryTransport } from "./support/sip-bench.ts";

class Lab {
  readonly clock = new VirtualClock();
  readonly asked: string[] = [];
  readonly addresses: Record<string, readonly (string | DnsAddress)[]> = {};
  readonly services: Record<string, readonly DnsService[]> = {};
  readonly locator: Locator;
  readonly #nextHop: NextHop;
  failing = false;
  /** Questions for services are not answered. */
  withoutServices = false;

  constructor(reaches: (address: string) => boolean = () => true) {
    const protocols = ["udp", "tcp", "tls"] as const;
    const transports = new Map<SipProtocol, SipTransport>(
      protocols.map((protocol) => [protocol, new MemoryTransport(protocol, this.clock)]),
    );
    this.locator = new Locator({
      clock: this.clock,
      random: new SeededRandom(3),
      transports,
      reaches,
      resolver: {
        addresses: (host) => this.#answer(host, this.addresses[host]?.map(addressOf)),
        services: (name) =>
          this.withoutServices
            ? Promise.reject(new Error("refused"))
            : this.#answer(name, this.services[name]),
      },
    });
    this.#nextHop = new NextHop(transports, this.locator);
  }

  target(uri: string): Target {
    const target = this.#nextHop.targetOf(uri, "udp");
    if (typeof target === "string") {
      throw new Error(target);
    }
    return target;
  }

  async hops(uri: string): Promise<string[]> {
    const hops = await this.locator.locate(this.target(uri));
    return hops.map(({ transport, host, port }) => `${transport.protocol} ${host} ${port}`);
  }

  async #answer<T>(name: string, found: readonly T[] | undefined): Promise<readonly T[]> {
    this.asked.push(name);
    if (this.failing) {
      throw new Error("no name server");
    }
    return found ?? [];
  }
}

function addressOf(record: string | DnsAddress): DnsAddress {
  return typeof record === "string" ? { address: record, ttlSeconds: 60 } : record;
}

function service(name: string, priority: number, weight = 0, port = 5060): DnsService {
  return { name, priority, weight, port };
}

describe("a name leads to", () => {
  it("its services before its own address, by the transport that the URI names", async () => {
    const lab = new Lab();
    lab.services["_sips._tcp.example.org"] = [service("a.example.org", 1, 0, 5071)];
    lab.addresses["a.example.org"] = ["192.0.2.1"];
    expect(await lab.hops("sips:x@example.org")).toEqual(["tls 192.0.2.1 5071"]);
    expect(lab.asked).toEqual(["example.org", "_sips._tcp.example.org", "a.example.org"]);
    const [hop] = await lab.locator.locate(lab.target("sips:x@example.org"));
    expect(hop?.serverName).toBe("example.org");
  });

  it("services over UDP, else over TCP, when the URI names no transport", async () => {
    const lab = new Lab();
    lab.services["_sip._tcp.example.org"] = [service("a.example.org", 1)];
    lab.addresses["a.example.org"] = ["192.0.2.1"];
    expect(await lab.hops("sip:x@example.org")).toEqual(["tcp 192.0.2.1 5060"]);
    expect(await lab.hops("sip:x@example.org;transport=udp")).toEqual([]);
  });

  it("its addresses alone when the URI names a port, or there are no services", async () => {
    const lab = new Lab();
    lab.addresses["example.org"] = ["192.0.2.1", "2001:db8::1"];
    expect(await lab.hops("sip:x@example.org:5080")).toEqual([
      "udp 192.0.2.1 5080",
      "udp 2001:db8::1 5080",
    ]);
    expect(lab.asked).toEqual(["example.org"]);
    expect(await lab.hops("sips:x@example.org")).toHaveLength(2);
  });

  it("nothing that our sockets cannot reach", async () => {
    const lab = new Lab((address) => !address.includes(":"));
    lab.addresses["example.org"] = ["2001:db8::1", "192.0.2.1"];
    lab.addresses["six.example.org"] = ["2001:db8::1"];
    expect(await lab.hops("sip:x@example.org:5060")).toEqual(["udp 192.0.2.1 5060"]);
    expect(await lab.hops("sip:x@six.example.org:5060")).toEqual([]);
  });

  it("its addresses when services cannot be asked for", async () => {
    const lab = new Lab();
    lab.withoutServices = true;
    lab.addresses["example.org"] = ["192.0.2.1"];
    expect(await lab.hops("sip:x@example.org")).toEqual(["udp 192.0.2.1 5060"]);
  });

  it("nothing when the domain says that it has no such service", async () => {
    const lab = new Lab();
    lab.services["_sip._udp.example.org"] = [service(".", 0)];
    lab.addresses["example.org"] = ["192.0.2.1"];
    expect(await lab.hops("sip:x@example.org")).toEqual([]);
  });
});

describe("the order of addresses", () => {
  it("is by priority, and within one by weight, drawn anew each time", async () => {
    const lab = new Lab();
    lab.services["_sip._udp.example.org"] = [
      service("last", 20, 100),
      service("light", 10, 10),
      service("heavy", 10, 90),
    ];
    for (const [index, name] of ["last", "light", "heavy"].entries()) {
      lab.addresses[name] = [`192.0.2.${index}`];
    }
    let heavyFirst = 0;
    for (let round = 0; round < 500; round += 1) {
      const hops = await lab.hops("sip:x@example.org");
      expect(hops[2]).toBe("udp 192.0.2.0 5060");
      heavyFirst += hops[0] === "udp 192.0.2.2 5060" ? 1 : 0;
    }
    expect(heavyFirst).toBeGreaterThan(400);
    expect(heavyFirst).toBeLessThan(490);
  });

  it("spreads calls over the addresses of one name", async () => {
    const lab = new Lab();
    lab.addresses["example.org"] = ["192.0.2.1", "192.0.2.2", "192.0.2.3"];
    const firsts = new Set<string | undefined>();
    for (let round = 0; round < 50; round += 1) {
      firsts.add((await lab.hops("sip:x@example.org:5060"))[0]);
    }
    expect(firsts.size).toBe(3);
  });

  it("puts what failed last, for 30 seconds", async () => {
    const lab = new Lab();
    lab.addresses["example.org"] = ["192.0.2.1", "192.0.2.2"];
    const [hop] = await lab.locator.locate(lab.target("sip:x@example.org:5060"));
    lab.locator.shun(hop ?? expect.fail("no hop"));
    for (let round = 0; round < 20; round += 1) {
      const hops = await lab.locator.locate(lab.target("sip:x@example.org:5060"));
      expect(hops[1]?.host).toBe(hop?.host);
    }
    await lab.clock.advanceMs(30_001);
    const later = new Set<string | undefined>();
    for (let round = 0; round < 20; round += 1) {
      later.add((await lab.hops("sip:x@example.org:5060"))[0]);
    }
    expect(later.size).toBe(2);
  });
});

describe("an answer is believed", () => {
  it.each([
    [10, 9_000, 10_500],
    [0, 900, 1_100],
    [86_400, 299_000, 301_000],
    [undefined, 29_000, 31_000],
  ])("with a time to live of %s s", async (ttlSeconds, beforeMs, afterMs) => {
    const lab = new Lab();
    lab.addresses["example.org"] = [{ address: "192.0.2.1", ttlSeconds }];
    await lab.hops("sip:x@example.org:5060");
    await lab.clock.advanceMs(beforeMs);
    await lab.hops("sip:x@example.org:5060");
    expect(lab.asked).toHaveLength(1);
    await lab.clock.advanceMs(afterMs - beforeMs);
    await lab.hops("sip:x@example.org:5060");
    expect(lab.asked).toHaveLength(2);
  });

  it("is asked for once by many at a time, and a question that failed is asked again", async () => {
    const lab = new Lab();
    lab.addresses["example.org"] = ["192.0.2.1"];
    lab.failing = true;
    await expect(lab.hops("sip:x@example.org:5060")).rejects.toThrow("no name server");
    lab.failing = false;
    await Promise.all([1, 2, 3].map(() => lab.hops("sip:x@example.org:5060")));
    expect(lab.asked).toHaveLength(2);
  });

  it("for a dialog even when it is old, and then asked for anew", async () => {
    const lab = new Lab();
    lab.addresses["example.org"] = ["192.0.2.1"];
    const target = lab.target("sip:x@example.org:5060");
    expect(lab.locator.peek(target)).toBe(undefined);
    await lab.clock.advanceMs(3_600_000);
    expect(lab.locator.peek(target)?.host).toBe("192.0.2.1");
    expect(lab.asked).toHaveLength(2);
  });
});
