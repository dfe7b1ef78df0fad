/** Odd requests that the grammar allows: each reaches the application whole, over a datagram and over a stream. */
import { describe, expect, it } from "vitest";
import { SipBench } from "./embedded/support/sip-bench.ts";
import { oddMessage as message } from "./support/odd-message.ts";

const OPTIONS = "OPTIONS sip:bert@example.org SIP/2.0";
const INVITE = "INVITE sip:bert@example.org SIP/2.0";

/** What is odd, and the message. */
const ACCEPTED: readonly (readonly [string, string])[] = [
  [
    "names in odd case, compact names, folds with spaces and tabs",
    message(INVITE, {
      via: "v  :  SIP  / 2.0 /\r\n\tUDP   pbx.example.org  ;  branch  =  z9hG4bKodd2",
      from: 'F: "Anna \\"the boss\\" \\\\"\r\n  <sip:anna@example.org>\r\n ; tag =\r\n\ta1',
      to: "tO :\r\n  sip:bert@example.org",
      hops: "mAX-fORWARDS: 0070",
      sequence: "CSEQ: 0007\r\n  INVITE",
      more: "s :\r\nX-Strange: ;;,,;;",
    }),
  ],
  [
    "a display name of every escape, with NUL and bell",
    message(OPTIONS, { to: 'To: "\\\0\\\x07\\"<>,;" <sip:bert@example.org>' }),
  ],
  [
    "a user part of every allowed character",
    message("OPTIONS sip:a-_.!~*'()&=+$,;?/:pa&=+$,ss@example.org;x=!~*() SIP/2.0"),
  ],
  [
    "escaped octets in the user part, NUL too",
    message("OPTIONS sip:b%00%40%c3%BC@h.example SIP/2.0"),
  ],
  [
    "a user part with a semicolon and an at sign, escaped",
    message("OPTIONS sip:b;p=u%40x@h SIP/2.0"),
  ],
  [
    "a display name of words without quotes",
    message(OPTIONS, { from: "From: Anna K. <sip:a@b>;tag=1" }),
  ],
  ["no space before the bracket", message(OPTIONS, { from: 'From: "Anna"<sip:a@b>;tag=1' })],
  [
    "non-ASCII text in a display name",
    message(OPTIONS, { from: 'From: "Ända 呼" <sip:a@b>;tag=1' }),
  ],
  [
    "a parameter of the URI inside the brackets, another outside",
    message(OPTIONS, { contact: "Contact: <sip:a@b;inside>;outside" }),
  ],
  [
    "headers in a bracketed Contact",
    message(OPTIONS, { contact: "Contact: <sip:a@b?Route=%3Csip:c%3E>" }),
  ],
  ["a tag of odd characters", message(OPTIONS, { from: "From: <sip:a@b>;tag=_!%*.+`'~-" })],
  ["a Call-ID of odd characters", message(OPTIONS, { callId: "i: %Z!.*+'@~)(><:\\/\"][?}{" })],
  [
    "an unknown transport in the Via",
    message(OPTIONS, { via: "Via: SIP/2.0/CARRIER-PIGEON h;branch=z9hG4bK3" }),
  ],
  [
    "many Vias in one line and in several, of all transports",
    message(OPTIONS, {
      via: "Via: SIP/2.0/UDP a;branch=z9hG4bK1, SIP/2.0/SCTP b\r\nv: SIP/2.0/TLS c, SIP/2.0/X d",
    }),
  ],
  [
    "a Via with an address that differs from the source",
    message(OPTIONS, { via: "Via: SIP/2.0/UDP h;received=[2001:db8::1];branch=z9hG4bK4" }),
  ],
  [
    "a Via of an IPv6 address with a port",
    message(OPTIONS, {
      via: "Via: SIP/2.0/UDP [2001:db8::9]:6050;branch=z9hG4bK5;received=2001:db8::7",
    }),
  ],
  ["an IPv6 address with a port", message("OPTIONS sip:[2001:db8::10]:5070 SIP/2.0")],
  [
    "an IPv6 address whose last group looks like a port",
    message("OPTIONS sip:[2001:db8::10:5070] SIP/2.0"),
  ],
  [
    "an IPv4 address mapped into IPv6",
    message(INVITE, { contact: "Contact: <sip:a@[::ffff:192.0.2.2]>" }),
  ],
  ["a Date of another time zone", message(INVITE, { more: "Date: Mon, 02 Feb 2026 08:00:00 CET" })],
  [
    "an authentication scheme nobody knows",
    message(OPTIONS, { more: "Authorization: Riddle answer=42" }),
  ],
  ["a tel URI", message("INVITE tel:+15550100 SIP/2.0")],
  ["the largest sequence number", message(OPTIONS, { sequence: "CSeq: 2147483647 OPTIONS" })],
  ["255 hops to go", message(OPTIONS, { hops: "Max-Forwards: 255" })],
  ["an extension that is supported", message(INVITE, { more: "Require: 100REL , timer" })],
  [
    "addresses of other schemes in From and To",
    message(OPTIONS, { from: "From: <urn:x:1>;tag=1", to: "To: mailto:x@y" }),
  ],
  [
    "a body of binary parts",
    message(
      OPTIONS,
      { more: "Content-Type: multipart/mixed; boundary=x" },
      "--x\r\n\r\n\0\x01\x02\xff\r\n--x--",
    ),
  ],
  ["a long value", message(OPTIONS, { more: `Subject: ${"long ".repeat(1600)}` })],
];

describe("a request of", () => {
  it.each(ACCEPTED)("%s reaches the application", (_what, text) => {
    for (const transport of ["udp", "tcp"] as const) {
      const bench = new SipBench("invite", "options");
      bench.receive(text, { transport: bench[transport] });
      const [delivered] = bench.app.sip();
      expect(bench[transport].sent.map((sent) => sent.text.slice(0, 11))).toEqual(
        text.startsWith("INVITE") ? ["SIP/2.0 100"] : [],
      );
      expect(delivered?.message.split("\r\n")[0]).toBe(text.split("\r\n")[0]);
      expect(delivered?.message.split("\r\n\r\n")[1]).toBe(text.split("\r\n\r\n")[1]);
      expect(bench.core.counters.get("faults")).toBe(0);
      bench.core.close();
    }
  });

  it("a method of odd characters is not taken, and its name comes back unchanged", () => {
    const bench = new SipBench("invite");
    bench.receive(message("!odd-Method0_*+`.%'~ sip:bert@example.org SIP/2.0"));
    expect(bench.udp.last).toContain("SIP/2.0 405 Method Not Allowed");
    expect(bench.udp.last).toContain("\r\nCSeq: 7 !odd-Method0_*+`.%'~\r\n");
    bench.core.close();
  });
});

it("two requests whose branch is only the cookie are two transactions", () => {
  const bench = new SipBench("options");
  const via = "Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK";
  bench.receive(message(OPTIONS, { via }));
  bench.receive(message(OPTIONS, { via, callId: "Call-ID: odd-2" }));
  expect(bench.app.delivered()).toHaveLength(2);
  bench.core.close();
});

it("what follows the body of a datagram is left alone", () => {
  const bench = new SipBench("options");
  bench.receive(message(OPTIONS) + message(INVITE));
  expect(bench.app.delivered()).toEqual([OPTIONS]);
  bench.core.close();
});

it("an INVITE with folds and a To tag, of no dialog, is stray", () => {
  const bench = new SipBench("invite");
  bench.receive(message(INVITE, { to: "To :\r\n <sip:bert@example.org> ;   tag    = 19181" }));
  expect(bench.udp.take()).toEqual(["0 SIP/2.0 481 Call/Transaction Does Not Exist"]);
  bench.core.close();
});
