/** Which of our addresses peers are told, and where URIs lead. */
import { describe, expect, it } from "vitest";
import { LocalAddress } from "../../../src/signaling/embedded/local-address.ts";
import { NextHop } from "../../../src/signaling/embedded/next-hop.ts";
import type { SipProtocol, SipTransport } from "../../../src/signaling/embedded/transport.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";
import { MemoryTransport } from "./support/sip-bench.ts";

const clock = new VirtualClock();
const udp = new MemoryTransport("udp", clock);
const tcp = new MemoryTransport("tcp", clock);
const tls = new MemoryTransport("tls", clock);

describe("our address", () => {
  it("is the bound one, unless another is advertised", () => {
    expect(new LocalAddress(clock, "192.0.2.1", undefined).hostFor("10.0.0.1")).toBe("192.0.2.1");
    const advertised = new LocalAddress(clock, "192.0.2.1", "203.0.113.5");
    expect([advertised.hostFor("127.0.0.1"), advertised.primary]).toEqual([
      "203.0.113.5",
      "203.0.113.5",
    ]);
  });

  it("is loopback towards loopback when bound to everything", () => {
    const all = new LocalAddress(clock, "0.0.0.0", undefined);
    expect(all.hostFor("127.0.0.1")).toBe("127.0.0.1");
    expect(all.isOurs("127.0.0.1", 5060, udp)).toBe(true);
    expect(all.isOurs("127.0.0.1", 5061, udp)).toBe(false);
    expect(all.primary).not.toBe("0.0.0.0");
  });

  it("names its transport in the Contact, except UDP", () => {
    const local = new LocalAddress(clock, "2001:db8::1", undefined);
    const hop = { host: "2001:db8::2", port: 1, connection: undefined };
    const contactOver = (transport: SipTransport, uri: string): string =>
      local.contactFor({ ...hop, transport }, uri);
    expect(contactOver(udp, "sip:a")).toBe("<sip:[2001:db8::1]:5060>");
    expect(contactOver(tcp, "sip:a")).toBe("<sip:[2001:db8::1]:5060;transport=tcp>");
    expect(contactOver(tls, "sip:a")).toBe("<sip:[2001:db8::1]:5060;transport=tls>");
    expect(contactOver(tls, "sips:a")).toBe("<sips:[2001:db8::1]:5060;transport=tls>");
  });
});

describe("a URI leads to", () => {
  const transports = new Map<SipProtocol, SipTransport>([
    ["udp", udp],
    ["tcp", tcp],
  ]);
  const nextHop = new NextHop(transports, { peek: () => undefined });

  it.each([
    ["sip:a@192.0.2.9", "udp 192.0.2.9:5060"],
    ["sip:192.0.2.9:5070;transport=TCP", "tcp 192.0.2.9:5070"],
    ["<sip:a@192.0.2.9;lr;transport=udp>;x=y", "udp 192.0.2.9:5060"],
    ["sip:a@localhost:5090", "udp 127.0.0.1:5090"],
    ["sips:a@192.0.2.9", "noTransport"],
    ["sip:a@192.0.2.9;transport=ws", "noTransport"],
    ["tel:+1", "invalidUri"],
  ])("%s: %s", (uri, expected) => {
    const target = nextHop.targetOf(uri, "udp");
    const text =
      typeof target === "string"
        ? target
        : `${target.transport.protocol} ${target.host}:${target.port}`;
    expect(text).toBe(expected);
  });
});
