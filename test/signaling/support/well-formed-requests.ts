/** Odd requests that the grammar allows. */
import { oddMessage as message } from "./odd-message.ts";

const OPTIONS = "OPTIONS sip:bert@example.org SIP/2.0";
const INVITE = "INVITE sip:bert@example.org SIP/2.0";

/** What is odd, and the message. */
export const WELL_FORMED: readonly (readonly [string, string])[] = [
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
