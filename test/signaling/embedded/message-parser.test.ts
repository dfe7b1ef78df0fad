/** Parsing and printing of SIP messages, and the values inside their headers. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  listOf,
  parameterOf,
  parseCommandSequence,
  parseNameAddress,
  parseVia,
  splitList,
  tagOf,
} from "../../../src/signaling/embedded/header-values.ts";
import type { SipMessage } from "../../../src/signaling/embedded/message.ts";
import { field, headerKey, serialise, usualName } from "../../../src/signaling/embedded/message.ts";
import { parseMessage } from "../../../src/signaling/embedded/message-parser.ts";
import { formatHostPort, parseUri } from "../../../src/signaling/embedded/uri.ts";

const LIMIT = 65_535;

function parsed(text: string): SipMessage {
  const outcome = parseMessage(Buffer.from(text, "latin1"), LIMIT);
  if (!outcome.ok) {
    throw new Error(outcome.refusal);
  }
  return outcome.message;
}

describe("parsing", () => {
  it("keeps headers in their order, names as written, keys in long form", () => {
    const message = parsed("OPTIONS sip:a SIP/2.0\r\nv: 1\r\nX-Odd : 2 \r\nVIA: 3\r\n\r\n");
    expect(message.headers).toEqual([
      { key: "via", name: "v", value: "1" },
      { key: "x-odd", name: "X-Odd", value: "2" },
      { key: "via", name: "VIA", value: "3" },
    ]);
  });

  it("joins folded lines", () => {
    const message = parsed("OPTIONS sip:a SIP/2.0\r\nSubject: a\r\n  b\r\n\tc\r\nTo: d\r\n\r\n");
    expect(message.headers.map((header) => header.value)).toEqual(["a b c", "d"]);
  });

  it("takes bytes beyond ASCII through unchanged", () => {
    const bytes = Buffer.from(
      "MESSAGE sip:a SIP/2.0\r\nSubject: Grüße 🎉\r\nl: 4\r\n\r\nü€",
      "utf8",
    );
    const outcome = parseMessage(bytes, LIMIT);
    expect(outcome.ok && serialise(outcome.message).equals(bytes.subarray(0, -1))).toBe(true);
  });

  it("takes a datagram's whole body without Content-Length, and no more than the declared one with it", () => {
    expect(parsed("OPTIONS sip:a SIP/2.0\r\nTo: x\r\n\r\nbody").body.toString()).toBe("body");
    expect(parsed("OPTIONS sip:a SIP/2.0\r\nl: 2\r\n\r\nbody").body.toString()).toBe("bo");
  });

  it("reads status lines, also without a reason", () => {
    expect(parsed("SIP/2.0 180 Ringing now\r\n\r\n")).toMatchObject({
      status: 180,
      reason: "Ringing now",
    });
    expect(parsed("SIP/2.0 200\r\n\r\n")).toMatchObject({ status: 200, reason: "" });
  });
});

const TOKEN = fc
  .stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,12}$/)
  .filter((t) => headerKey(t) !== "content-length");
const VALUE = fc.stringMatching(/^[\x21-\x7e]([\x20-\x7e]{0,30}[\x21-\x7e])?$/);

describe("printing and parsing again", () => {
  it("keeps every header and the body", () => {
    const headers = fc.array(fc.tuple(TOKEN, VALUE), { maxLength: 30 });
    const body = fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes));
    const property = fc.property(headers, body, (list, bytes) => {
      const fields = list.map(([name, value]) => field(name, value));
      const message: SipMessage = {
        kind: "request",
        method: "INFO",
        uri: "sip:a@b",
        headers: fields,
        body: bytes,
      };
      const outcome = parseMessage(serialise(message), LIMIT);
      expect(outcome.ok && outcome.fault).toBe(undefined);
      if (outcome.ok) {
        expect(outcome.message.headers.slice(0, -1)).toEqual(fields);
        expect(outcome.message.headers.at(-1)?.value).toBe(String(bytes.length));
        expect(outcome.message.body.equals(bytes)).toBe(true);
        expect(serialise(outcome.message).equals(serialise(message))).toBe(true);
      }
    });
    fc.assert(property);
  });

  it("gives a message or a reason for any bytes", () => {
    const property = fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
      const outcome = parseMessage(Buffer.from(bytes), LIMIT);
      expect(outcome.ok ? outcome.message.kind : outcome.refusal).toEqual(expect.any(String));
    });
    fc.assert(property, { numRuns: 500 });
  });

  it("gives values or undefined for any header text", () => {
    const property = fc.property(fc.string(), (text) => {
      for (const read of [
        parseVia,
        parseNameAddress,
        parseCommandSequence,
        tagOf,
        splitList,
        parseUri,
      ]) {
        read(text);
      }
      parameterOf(text, "tag");
    });
    fc.assert(property, { numRuns: 1000 });
  });

  it("cannot be made to add a line", () => {
    expect(field("Subject", "a\r\nVia: b\0c").value).toBe("a Via: b c");
  });

  it("takes time in proportion to the length", () => {
    const folds = Buffer.from(`OPTIONS sip:a SIP/2.0\r\nA: ${"\r\n ".repeat(20_000)}x\r\n\r\n`);
    const commas = `<sip:a>${",".repeat(60_000)}`;
    const startedMs = performance.now();
    parseMessage(folds, LIMIT);
    splitList(commas);
    parameterOf(";".repeat(60_000), "tag");
    expect(performance.now() - startedMs).toBeLessThan(1000);
  });
});

describe("header values", () => {
  it.each([
    ["SIP/2.0/UDP a.example:5070;branch=z9;rport", { host: "a.example", port: 5070, branch: "z9" }],
    [
      "SIP / 2.0 / tcp [2001:db8::1];branch=x",
      { protocol: "TCP", host: "2001:db8::1", branch: "x" },
    ],
    ["SIP/2.0/UDP a, SIP/2.0/UDP b", { host: "a", port: undefined, branch: undefined }],
  ])("Via %s", (text, expected) => {
    expect(parseVia(text)).toMatchObject(expected);
  });

  it.each(["", "SIP/1.0/UDP a", "SIP/2.0/UDP", "SIP/2.0/UDP a:99999", "a b c", ";branch=x"])(
    "no Via: %s",
    (text) => {
      expect(parseVia(text)).toBe(undefined);
    },
  );

  it.each([
    ['"A, <b>" <sip:x@y;lr>;tag=1', "sip:x@y;lr", "1"],
    ["sip:x@y;tag=2", "sip:x@y", "2"],
    ["<sip:x@y>", "sip:x@y", undefined],
    ['"quote\\" <" <tel:+1>;tag="a;b"', "tel:+1", '"a;b"'],
  ])("address %s", (text, uri, tag) => {
    expect(parseNameAddress(text)?.uri).toBe(uri);
    expect(tagOf(text)).toBe(tag);
  });

  it.each(["", "*", "x", "<>", "<sip:x", "<sip:x> y", '"a" b'])("no address: %s", (text) => {
    expect(parseNameAddress(text)).toBe(undefined);
  });

  it.each([
    [
      "sip:u:pw@h:5070;transport=tcp?a=b@c",
      { user: "u", host: "h", port: 5070, parameters: ";transport=tcp" },
    ],
    ["SIPS:[::1]:5061", { scheme: "sips", host: "::1", port: 5061, user: undefined }],
    ["sip:h", { host: "h", port: undefined }],
  ])("URI %s", (text, expected) => {
    expect(parseUri(text)).toMatchObject(expected);
  });

  it.each([
    "",
    "sip:",
    "sip:@",
    "sip:u@",
    "tel:+1",
    "sip:h:",
    "sip:h:x",
    "sip:[::1",
    "sip:a b",
    "h",
  ])("no URI: %s", (text) => {
    expect(parseUri(text)).toBe(undefined);
  });

  it("lists run over several fields", () => {
    const message = parsed(
      'OPTIONS sip:a SIP/2.0\r\nRoute: <sip:a,b>, "x,y" <sip:c>\r\nRoute: <sip:d>\r\n\r\n',
    );
    expect(listOf(message, "route")).toEqual(["<sip:a,b>", '"x,y" <sip:c>', "<sip:d>"]);
  });

  it("names are spelt the usual way", () => {
    const names = ["call-id", "cseq", "www-authenticate", "x-Foo-bar", "p-asserted-identity", "m"];
    expect(names.map(usualName)).toEqual([
      "Call-ID",
      "CSeq",
      "WWW-Authenticate",
      "x-Foo-bar",
      "P-Asserted-Identity",
      "Contact",
    ]);
    expect(formatHostPort("::1", 5060)).toBe("[::1]:5060");
  });
});
