/** Which address is in which network. */
import { describe, expect, it } from "vitest";
import { addressBytes, isInNetwork, parseNetwork } from "../../src/core/network.ts";

function contains(network: string, address: string): boolean | undefined {
  const parsed = parseNetwork(network);
  const bytes = addressBytes(address);
  return parsed === undefined || bytes === undefined ? undefined : isInNetwork(parsed, bytes);
}

describe("networks", () => {
  it.each([
    ["10.0.0.0/8", "10.255.0.1", true],
    ["10.0.0.0/8", "11.0.0.1", false],
    ["3.80.16.0/23", "3.80.17.149", true],
    ["3.80.16.0/23", "3.80.18.0", false],
    ["0.0.0.0/0", "192.0.2.1", true],
    ["0.0.0.0/0", "2001:db8::1", false],
    ["192.0.2.7", "192.0.2.7", true],
    ["192.0.2.7", "::ffff:192.0.2.7", true],
    ["2600:f0f0:c040::/42", "2600:f0f0:c049:1::5", true],
    ["2600:f0f0:c040::/42", "2600:f0f0:c080::", false],
    ["::/0", "fe80::1%eth0", true],
    ["2001:db8::1:0:0:1/128", "2001:db8:0:0:1::1", true],
    ["64:ff9b::/96", "64:ff9b::192.0.2.33", true],
  ])("%s holds %s: %s", (network, address, expected) => {
    expect(contains(network, address)).toBe(expected);
  });

  it.each([
    "10.0.0.1/8",
    "10.0.0.0/33",
    "10.0.0/8",
    "2001:db8::1/32",
    "::/129",
    "a",
    "1.2.3.4/",
    "",
  ])("%s is no network", (text) => expect(parseNetwork(text)).toBeUndefined());
});
