/** Requests that break the grammar or ask for the impossible: each gets its class of answer, statelessly, and nobody else hears of it. */
import { describe, expect, it } from "vitest";
import type { CounterName } from "../../src/signaling/embedded/counters.ts";
import { parseMessage } from "../../src/signaling/embedded/message-parser.ts";
import { checkRequest } from "../../src/signaling/embedded/request-check.ts";
import { headerIn, SipBench } from "./embedded/support/sip-bench.ts";
import { oddMessage as message } from "./support/odd-message.ts";

const OPTIONS = "OPTIONS sip:bert@example.org SIP/2.0";
const INVITE = "INVITE sip:bert@example.org SIP/2.0";
const REGISTER = "REGISTER sip:example.org SIP/2.0";
const SDP = "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\n";

/** What is wrong, the message, the answer, and what it counts as. */
type Row = readonly [string, string, string, CounterName];

const START_LINES: readonly Row[] = [
  ["brackets around the URI", "INVITE <sip:b@h> SIP/2.0"],
  ["a space within the URI", "INVITE sip:b@h; lr SIP/2.0"],
  ["two spaces before the URI", "INVITE  sip:b@h SIP/2.0"],
  ["two spaces after the URI", "INVITE sip:b@h  SIP/2.0"],
  ["headers in the URI", "INVITE sip:b@h?Route=%3Csip:c%3E SIP/2.0"],
  ["headers in a URI without a user", "INVITE sip:h?x=y SIP/2.0"],
  ["an IPv6 address without brackets", "REGISTER sip:2001:db8::10 SIP/2.0"],
  ["an IPv6 address without its end", "INVITE sip:b@[2001:db8::10 SIP/2.0"],
  ["a host of nothing", "INVITE sip:b@ SIP/2.0"],
  ["a port beyond all ports", "INVITE sip:b@h:65536 SIP/2.0"],
  ["a NUL in the URI", "INVITE sip:b\0c@h SIP/2.0"],
  ["no URI at all", "INVITE  SIP/2.0"],
].map(([what = "", line = ""]) => [what, message(line), "400 Bad Request-URI", "refusedMalformed"]);

const LENGTHS: readonly Row[] = [
  ["a body shorter than declared", "Content-Length: 9999"],
  ["a negative length", "Content-Length: -999"],
  ["a length that is no number", "Content-Length: ten"],
  ["a length of twenty digits", "Content-Length: 99999999999999999999"],
  ["two lengths", "Content-Length: 10\r\nl: 20"],
  ["the same length twice", `l: ${SDP.length}\r\nl: ${SDP.length}`],
].map(([what = "", length = ""]) => [
  what,
  message(INVITE, { length }, SDP),
  "400 Bad Content-Length Header",
  "refusedMalformed",
]);

const HEADERS: readonly Row[] = (
  [
    ["empty Via parameters", { via: "Via: SIP/2.0/UDP 192.0.2.9;;,;,," }, "Via"],
    ["a Via of another version", { via: "Via: SIP/7.0/UDP h;branch=z9hG4bK1" }, "Via"],
    ["a Via of no host", { via: "Via: SIP/2.0/UDP ;branch=z9hG4bK1" }, "Via"],
    ["empty Contact parameters", { contact: "Contact: <sip:a@b>;;;;" }, "Contact"],
    [
      "headers in a Contact without brackets",
      { contact: "m: sip:a@b?Route=%3Csip:c%3E" },
      "Contact",
    ],
    ["a Contact of *", { contact: "Contact: *" }, "Contact"],
    ["a Contact without a host", { contact: "Contact: <sip:@>" }, "Contact"],
    ["a Contact of tel", { contact: "Contact: <tel:+15550100>" }, "Contact"],
    ["a Contact without a scheme", { contact: "Contact: anna" }, "Contact"],
    ["no Contact", { contact: "" }, "Contact"],
    ["an unfinished quote", { to: 'To: "Bert <sip:bert@example.org>' }, "To"],
    ["an unfinished bracket", { to: "To: <sip:bert@example.org" }, "To"],
    ["a From of another century", { from: "From: <sip:anna@example.org>" }, "From"],
    ["two Froms", { from: "From: <sip:a@b>;tag=1\r\nf: <sip:c@d>;tag=2" }, "From"],
    ["two Tos", { to: "To: <sip:a@b>\r\nt: <sip:c@d>" }, "To"],
    ["two Call-IDs", { callId: "Call-ID: 1\r\nCall-ID: 2" }, "Call-ID"],
    ["no Call-ID, From and To", { callId: "", from: "", to: "" }, "Call-ID"],
    ["two sequence numbers", { sequence: "CSeq: 1 INVITE\r\nCSeq: 2 INVITE" }, "CSeq"],
    ["a sequence number beyond 32 bits", { sequence: "CSeq: 36893488147419103232 INVITE" }, "CSeq"],
    ["a negative sequence number", { sequence: "CSeq: -1 INVITE" }, "CSeq"],
    ["the sequence of another method", { sequence: "CSeq: 7 OPTIONS" }, "CSeq"],
    ["300 hops to go", { hops: "Max-Forwards: 300" }, "Max-Forwards"],
    ["hops in words", { hops: "Max-Forwards: many" }, "Max-Forwards"],
    ["hops twice", { hops: "Max-Forwards: 7\r\nMax-Forwards: 5" }, "Max-Forwards"],
    ["a NUL outside quotes", { more: "Subject: a\0b" }, "Subject"],
    ["a NUL in quotes, not escaped", { more: 'Subject: "a\0b"' }, "Subject"],
    ["a bare carriage return", { more: "Subject: a\rb" }, "Subject"],
  ] as const
).map(([what, replacing, header]) => [
  what,
  message(INVITE, replacing),
  `400 Bad ${header} Header`,
  "refusedMalformed",
]);

const OTHERS: readonly Row[] = [
  [
    "a version of the future",
    message("OPTIONS sip:b@h SIP/7.0"),
    "505 Version Not Supported",
    "refusedMalformed",
  ],
  [
    "spaces at the end of its line",
    message(`${OPTIONS}  `),
    "400 Bad Request-Line",
    "refusedMalformed",
  ],
  [
    "a URI scheme nobody knows",
    message("OPTIONS nobody:knows SIP/2.0"),
    "416 Unsupported URI Scheme",
    "refusedScheme",
  ],
  [
    "a URI scheme of other protocols",
    message("OPTIONS http://192.0.2.103:3002 SIP/2.0"),
    "416 Unsupported URI Scheme",
    "refusedScheme",
  ],
  [
    "no hops left",
    message(OPTIONS, { hops: "Max-Forwards: 00" }),
    "483 Too Many Hops",
    "refusedTooManyHops",
  ],
  [
    "a bad Contact to register",
    message(REGISTER, { contact: "Contact: sip:a@b?Route=%3Csip:c%3E" }),
    "400 Bad Contact Header",
    "refusedMalformed",
  ],
  [
    "a line of endless folds",
    message(OPTIONS, { more: `Subject: x${"\r\n y".repeat(5000)}` }),
    "400 Subject Header Too Long",
    "refusedMalformed",
  ],
];

describe("a request with", () => {
  it.each([...START_LINES, ...LENGTHS, ...HEADERS, ...OTHERS])(
    "%s is answered",
    (_what, text, answer, counter) => {
      for (const transport of ["udp", "tcp"] as const) {
        const bench = new SipBench("invite", "options", "register");
        bench.receive(text, { transport: bench[transport] });
        expect(bench[transport].take()).toEqual([`0 SIP/2.0 ${answer}`]);
        expect(bench.core.counters.get(counter)).toBe(1);
        expect(bench.app.delivered()).toEqual([]);
        bench.expectIdle();
      }
    },
  );

  it.each(["INVITE", "OPTIONS", "BYE"])(
    "extensions that are not known is told which (%s)",
    (method) => {
      const bench = new SipBench("invite", "options");
      const more = "Require: timer, telepathy\r\nRequire: timeTravel\r\nProxy-Require: magic";
      bench.receive(message(`${method} sip:bert@example.org SIP/2.0`, { more }));
      expect(bench.udp.last).toContain("SIP/2.0 420 Bad Extension");
      expect(headerIn(bench.udp.last, "Unsupported")).toBe("telepathy, timeTravel");
      expect(bench.core.counters.get("refusedExtension")).toBe(1);
      bench.expectIdle();
    },
  );

  it("extensions that are not known passes where the applications judge", () => {
    const parsed = parseMessage(
      Buffer.from(message(OPTIONS, { more: "Require: telepathy" })),
      9999,
    );
    const request = parsed.ok && parsed.message.kind === "request" ? parsed.message : undefined;
    expect(request === undefined ? undefined : checkRequest(request, undefined).ok).toBe(true);
  });

  it("the same Call-ID, From and CSeq by two paths is merged once", () => {
    const bench = new SipBench("invite");
    bench.receive(message(INVITE));
    bench.receive(
      message(INVITE, { via: "Via: SIP/2.0/UDP other.example.org;branch=z9hG4bKother" }),
    );
    expect(bench.udp.take()).toEqual(["0 SIP/2.0 100 Trying", "0 SIP/2.0 482 Loop Detected"]);
    expect(bench.core.counters.get("refusedMerged")).toBe(1);
    bench.core.close();
  });
});

describe("an ACK or CANCEL", () => {
  it.each([
    ["an unknown scheme", "ACK nobody:knows SIP/2.0", {}],
    ["an unknown extension", "ACK sip:b@h SIP/2.0", { more: "Require: telepathy" }],
    ["no hops left", "ACK sip:b@h SIP/2.0", { hops: "Max-Forwards: 0" }],
    ["a bad Contact", "ACK sip:b@h SIP/2.0", { contact: "Contact: <" }],
  ])("with %s is judged by its transaction alone", (_what, line, replacing) => {
    const bench = new SipBench("invite");
    bench.receive(message(line, replacing));
    expect(bench.core.counters.get("droppedStrayAck")).toBe(1);
    bench.receive(message(line.replace("ACK", "CANCEL"), replacing));
    expect(bench.udp.take()).toEqual(["0 SIP/2.0 481 Call/Transaction Does Not Exist"]);
    bench.core.close();
  });
});
