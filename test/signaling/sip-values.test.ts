/** Single SIP values. */
import { describe, expect, it } from "vitest";
import { safeHeaders, sourceOf, userOf } from "../../src/signaling/sip-values.ts";

describe("userOf", () => {
  it.each([
    ["sip:agent@127.0.0.1", "agent"],
    ['"Ann, of Bath" <sip:+15551230001@10.0.0.1:5060;user=phone>;tag=1', "+15551230001"],
    ["<sips:alice%20b@example.com>", "alice b"],
    ["sip:127.0.0.1:5060", ""],
    ["tel:+15551230001;phone-context=x", "+15551230001"],
    ["sip:user:secret@example.com", "user"],
    ["sip:50%@example.com", "50%"],
    ["", ""],
  ])("reads %s as %s", (uri, user) => {
    expect(userOf(uri)).toBe(user);
  });
});

describe("safeHeaders", () => {
  it("refuses a value that would start a new line", () => {
    expect(() => safeHeaders({ "X-Note": "a\r\nVia: b" })).toThrow(/X-Note/);
  });

  it("passes ordinary headers", () => {
    expect(safeHeaders({ "Retry-After": "5" })).toEqual({ "Retry-After": "5" });
  });
});

describe("sourceOf", () => {
  it("takes an empty protocol for UDP", () => {
    expect(sourceOf("127.0.0.1", "5070", "")).toEqual({
      address: "127.0.0.1",
      port: 5070,
      transport: "udp",
    });
  });
});
