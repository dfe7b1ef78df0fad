/** Which address of ours a peer is told. */
import { describe, expect, it } from "vitest";
import type { Network } from "../../src/core/network.ts";
import { parseNetwork } from "../../src/core/network.ts";
import { type Advertise, networkOf, OwnAddresses } from "../../src/core/own-addresses.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

function network(text: string): Network {
  return parseNetwork(text) ?? expect.fail(text);
}

const INTERFACES = [
  { address: "192.0.2.2", network: network("192.0.2.0/24") },
  { address: "10.1.2.3", network: network("10.1.0.0/16") },
  { address: "2001:db8:1::2", network: network("2001:db8:1::/64") },
];

function own(host: string, advertise?: Advertise): OwnAddresses {
  return new OwnAddresses(new VirtualClock(), host, advertise, () => INTERFACES);
}

const RULES: Advertise = {
  rules: [
    { to: network("10.0.0.0/8"), address: "10.0.0.5" },
    { to: network("0.0.0.0/0"), address: "203.0.113.5" },
  ],
  otherwise: undefined,
};

describe("towards a peer we are", () => {
  it.each([
    ["the bound address", "10.0.0.5", undefined, "198.51.100.1", "10.0.0.5"],
    ["the one that is advertised", "10.0.0.5", "203.0.113.5", "10.9.9.9", "203.0.113.5"],
    ["the private one of 1:1 NAT", "10.0.0.5", RULES, "10.9.9.9", "10.0.0.5"],
    ["the same for a mapped address", "10.0.0.5", RULES, "::ffff:10.9.9.9", "10.0.0.5"],
    ["the public one of 1:1 NAT", "10.0.0.5", RULES, "198.51.100.1", "203.0.113.5"],
    ["the bound one where no rule fits", "2001:db8::5", RULES, "2001:db8::9", "2001:db8::5"],
    ["the interface of its network", "0.0.0.0", undefined, "10.1.200.1", "10.1.2.3"],
    ["the first interface beyond", "0.0.0.0", undefined, "198.51.100.1", "192.0.2.2"],
    ["loopback on this machine", "0.0.0.0", undefined, "127.0.0.1", "127.0.0.1"],
    ["loopback on this machine", "::", undefined, "::1", "::1"],
    ["of its family", "::", undefined, "2001:db8:1::77", "2001:db8:1::2"],
    ["of its family, beyond", "::", undefined, "2001:db8:9::9", "2001:db8:1::2"],
    ["of its family", "::", undefined, "198.51.100.1", "192.0.2.2"],
    [
      "that of the default route",
      "0.0.0.0",
      { rules: [], otherwise: "10.1.2.3" },
      "8.8.8.8",
      "10.1.2.3",
    ],
    [
      "the near one before it",
      "0.0.0.0",
      { rules: [], otherwise: "10.1.2.3" },
      "192.0.2.9",
      "192.0.2.2",
    ],
  ] as const)("%s (%s)", (_what, host, advertise, peer, expected) => {
    expect(own(host, advertise).towards(peer)).toBe(expected);
  });

  it("named towards nobody in particular", () => {
    expect(own("10.0.0.5", RULES).primary).toBe("10.0.0.5");
    expect(own("0.0.0.0").primary).toBe("192.0.2.2");
    expect(own("0.0.0.0", { rules: [], otherwise: "10.1.2.3" }).primary).toBe("10.1.2.3");
    expect(own("0.0.0.0", "203.0.113.5").primary).toBe("203.0.113.5");
  });

  it("known by every address that some peer is told", () => {
    const addresses = own("10.0.0.5", RULES);
    const asked = ["10.0.0.5", "203.0.113.5", "198.51.100.1"];
    expect(asked.map((address) => addresses.has(address))).toEqual([true, true, false]);
  });
});

describe("the network of an interface", () => {
  it.each([
    ["10.1.2.3", "10.1.2.3/12", [10, 0, 0, 0]],
    ["10.1.2.3", "10.1.2.3/32", [10, 1, 2, 3]],
    ["10.1.2.3", null, [10, 1, 2, 3]],
  ])("%s %s", (address, cidr, expected) => {
    expect([...(networkOf(address, cidr)?.bytes ?? [])]).toEqual(expected);
  });
});
