/** Where webhooks may be: by name, and by address. */
import { describe, expect, it } from "vitest";
import { AllowedHosts, isPublicAddress } from "../../src/webhooks/allowed-hosts.ts";
import { AddressRefused, guardedLookup, type Resolver } from "../../src/webhooks/guarded-lookup.ts";

const allowed = new AllowedHosts(["CRM.example.com", "10.1.0.0/16", "127.0.0.1", "2001:db8::1"]);

describe("the list of hosts", () => {
  it.each([
    ["https://crm.example.com/x", true],
    ["https://CRM.EXAMPLE.COM:8443/", true],
    ["https://crm.example.com.evil.org/", false],
    ["https://evil-crm.example.com/", false],
    ["https://example.com/", false],
    ["http://10.1.2.3/", true],
    ["http://10.2.2.3/", false],
    ["http://127.0.0.1:8080/", true],
    ["http://127.1:8080/", true],
    ["http://2130706433/", true],
    ["http://0x7f000001/", true],
    ["http://127.0.0.2/", false],
    ["http://localhost/", false],
    ["http://[::ffff:127.0.0.1]/", true],
    ["http://[::1]/", false],
    ["http://[2001:db8::1]/", true],
    ["https://8.8.8.8/", false],
  ])("of %s says %s", (url, expected) => {
    expect(allowed.allows(new URL(url))).toBe(expected);
  });

  it("is empty unless somebody is listed", () => {
    expect(new AllowedHosts([]).allows(new URL("https://example.com/"))).toBe(false);
  });
});

describe("an address that a listed name leads to", () => {
  it.each([
    ["93.184.216.34", "https:", undefined],
    ["93.184.216.34", "http:", "plainHttp"],
    ["10.1.9.9", "http:", undefined],
    ["10.2.0.1", "https:", "addressRefused"],
    ["127.0.0.1", "http:", undefined],
    ["127.0.0.53", "https:", "addressRefused"],
    ["169.254.169.254", "http:", "addressRefused"],
    ["::ffff:169.254.169.254", "http:", "addressRefused"],
    ["fd00:ec2::254", "https:", "addressRefused"],
    ["2606:2800:220:1::1", "https:", undefined],
  ])("%s over %s: %s", (address, protocol, expected) => {
    expect(allowed.refusalOf(address, protocol)).toBe(expected);
  });

  it.each(
    (
      "0.0.0.0 10.0.0.1 100.64.0.1 127.0.0.1 169.254.1.1 172.16.0.1 172.31.255.255 192.0.0.1 192.168.1.1 " +
      "198.18.0.1 203.0.113.7 224.0.0.1 255.255.255.255 :: ::1 ::127.0.0.1 ::ffff:10.0.0.1 fe80::1 fc00::1 fec0::1 " +
      "ff02::1 64:ff9b::a00:1 2002:a00:1::1 2001::1 2001:db8::1 nonsense"
    ).split(" "),
  )("%s is not of the Internet at large", (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each(["1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450::1"])(
    "%s is",
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );
});

describe("the lookup of a client", () => {
  const resolving = (...addresses: readonly string[]): Resolver => {
    const found = addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
    return (_hostname, callback) => callback(null, found);
  };
  const look = (resolver: Resolver, all: boolean): unknown => {
    let found: unknown;
    guardedLookup(allowed, "https:", resolver)("crm.example.com", { all }, (error, address) => {
      found = error ?? address;
    });
    return found;
  };

  it("gives only what may be connected to", () => {
    const resolver = resolving("10.9.9.9", "93.184.216.34", "::1");
    expect(look(resolver, true)).toEqual([{ address: "93.184.216.34", family: 4 }]);
    expect(look(resolver, false)).toBe("93.184.216.34");
  });

  it("gives nothing when a name was pointed at the inside", () => {
    const refused = look(resolving("169.254.169.254"), true);
    expect(refused).toBeInstanceOf(AddressRefused);
    expect(refused).toMatchObject({ failure: "addressRefused" });
  });

  it("hands on that there is no such name, and that it has no address", () => {
    const error = Object.assign(new Error("no"), { code: "ENOTFOUND" });
    expect(look((_hostname, callback) => callback(error, []), false)).toBe(error);
    expect(look(resolving(), true)).toMatchObject({ failure: "unreachable" });
  });
});
