/** Requests that break the grammar or ask for the impossible, with the answer each gets. */
import type { CounterName } from "../../../src/signaling/embedded/counters.ts";
import { oddMessage as message } from "./odd-message.ts";

const OPTIONS = "OPTIONS sip:bert@example.org SIP/2.0";
const INVITE = "INVITE sip:bert@example.org SIP/2.0";
const REGISTER = "REGISTER sip:example.org SIP/2.0";
const SDP = "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\n";

/** What is wrong, the message, the answer, and what it counts as. */
export type MalformedRow = readonly [string, string, string, CounterName];

const START_LINES: readonly MalformedRow[] = [
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

const LENGTHS: readonly MalformedRow[] = [
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

const HEADERS: readonly MalformedRow[] = (
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

const OTHERS: readonly MalformedRow[] = [
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

/** All of them. */
export const MALFORMED: readonly MalformedRow[] = [
  ...START_LINES,
  ...LENGTHS,
  ...HEADERS,
  ...OTHERS,
];
