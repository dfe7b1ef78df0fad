/** Single SIP values. */
import { describe, expect, it } from "vitest";
import {
  acceptsSdp,
  bodyBesideSdp,
  isReachableContact,
  isRecordingBody,
  isSdpOrEmpty,
  reasonText,
  safeHeaders,
  sendableStatus,
  sourceOf,
  userOf,
} from "../../src/signaling/sip-values.ts";

describe("userOf", () => {
  it.each([
    ["sip:agent@127.0.0.1", "agent"],
    ['"Ann, of Bath" <sip:+15551230001@10.0.0.1:5060;user=phone>;tag=1', "+15551230001"],
    ["<sips:alice%20b@example.com>", "alice b"],
    ["sip:127.0.0.1:5060", ""],
    ["tel:+15551230001;phone-context=x", "+15551230001"],
    ["sip:user:secret@example.com", "user"],
    ["<sip:030123;phone-context=+49@example.com;user=phone>", "030123"],
    ["sip:example.com;lr", ""],
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

describe("isSdpOrEmpty", () => {
  it.each([
    ["application/sdp", "v=0"],
    ["Application/SDP ; charset=utf-8", "v=0"],
    [undefined, "v=0"],
    [undefined, ""],
    ["multipart/mixed;boundary=x", undefined],
  ])("takes %s with %s", (type, body) => {
    expect(isSdpOrEmpty(type, body)).toBe(true);
  });

  it.each([
    ["multipart/mixed;boundary=x", "--x"],
    ["text/plain", "v=0"],
    ["application/sdpx", "v=0"],
    [undefined, "<xml/>"],
  ])("refuses %s with %s", (type, body) => {
    expect(isSdpOrEmpty(type, body)).toBe(false);
  });
});

describe("bodies of recording clients", () => {
  it.each([
    ["multipart/mixed;boundary=x", true],
    [" Multipart/Related; boundary=x", true],
    ["application/rs-metadata+xml", true],
    ["application/rs-metadata", true],
    ["application/sdp", false],
    ["text/plain", false],
    [undefined, false],
  ])("are told by %s: %s", (type, expected) => {
    expect(isRecordingBody(type)).toBe(expected);
  });

  it("are handed over as they came, SDP alone and nothing are not", () => {
    expect(bodyBesideSdp("multipart/mixed;boundary=x", "--x")).toEqual({
      contentType: "multipart/mixed;boundary=x",
      text: "--x",
    });
    expect(bodyBesideSdp("application/sdp", "v=0")).toBeUndefined();
    expect(bodyBesideSdp("multipart/mixed;boundary=x", "")).toBeUndefined();
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

describe("sendableStatus", () => {
  it.each([
    [486, 486],
    [499, 400],
    [607, 600],
    [150, 183],
  ])("sends %i as %i", (status, sent) => {
    expect(sendableStatus(status)).toBe(sent);
  });
});

describe("reasonText", () => {
  it.each([
    ['Q.850;cause=16;text="Terminated"', "Terminated"],
    ['SIP ;cause=200 ;text="say \\"no\\""', 'say "no"'],
    ["SIP;text=gone;cause=1", "gone"],
    ["SIP;cause=481", "SIP;cause=481"],
    ["", undefined],
    [undefined, undefined],
  ])("reads %s as %s", (header, text) => {
    expect(reasonText(header)).toBe(text);
  });
});

describe("isReachableContact", () => {
  it.each([
    "<sip:peer@127.0.0.1:5060;transport=tcp>",
    '"Ann <of> Bath" <sip:127.0.0.1>;q=0.5, <sip:b@c>',
    "sip:peer@host.example",
    "<sips:a:b@[::1]:5061>",
  ])("takes %s", (contact) => {
    expect(isReachableContact(contact)).toBe(true);
  });

  it.each(["*", "<tel:+4930123456>", "<sip:>", "peer", "<sip:@>", "<sip:a@>", "", "<sip:a@ >"])(
    "refuses %s",
    (contact) => {
      expect(isReachableContact(contact)).toBe(false);
    },
  );
});

describe("acceptsSdp", () => {
  it.each([
    [undefined, true],
    ["application/sdp", true],
    ["text/plain, Application/SDP;level=1", true],
    ["application/*;q=0.1", true],
    ["*/*", true],
    ["multipart/mixed", true],
    ["text/riddle", false],
    ["application/sdpx", false],
    ["", false],
  ])("says of %s: %s", (accept, accepts) => {
    expect(acceptsSdp(accept)).toBe(accepts);
  });
});
