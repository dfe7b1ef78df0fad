/** What can be called. */
import { describe, expect, it } from "vitest";
import { hostOfSipUri } from "../../src/cli/call-uri.ts";

describe("hostOfSipUri", () => {
  it.each([
    ["sip:agent@127.0.0.1", "127.0.0.1"],
    ["sip:agent@gw.example.com:5070;transport=tcp", "gw.example.com"],
    ["sip:127.0.0.1:5060", "127.0.0.1"],
    ["sips:+15551230001@[2001:db8::1]", "[2001:db8::1]"],
  ])("finds the host of %s", (uri, host) => {
    expect(hostOfSipUri(uri)).toBe(host);
  });

  it.each(["nonsense", "sip:", "sip:a b@c", "http://127.0.0.1", "sip:a@", ""])(
    "refuses %j",
    (text) => {
      expect(hostOfSipUri(text)).toBeUndefined();
    },
  );
});
