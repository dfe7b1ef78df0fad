/** Responses nobody waits for or nobody can read, and streams that cannot be cut: dropped, counted, never answered. */
import { describe, expect, it } from "vitest";
import type { CounterName } from "../../src/signaling/embedded/counters.ts";
import { StreamFramer } from "../../src/signaling/embedded/stream-framing.ts";
import { SipBench } from "./embedded/support/sip-bench.ts";
import { oddMessage as message } from "./support/odd-message.ts";

const OK = "SIP/2.0 200 OK";
const TO = "To: <sip:bert@example.org>;tag=b1";

const RESPONSES: readonly (readonly [string, string, CounterName])[] = [
  ["that answers nothing of ours", message(OK, { to: TO }), "droppedStrayResponse"],
  ["without a reason", message("SIP/2.0 100 ", { to: TO }), "droppedStrayResponse"],
  ["without even the space", message("SIP/2.0 100", { to: TO }), "droppedStrayResponse"],
  [
    "with a reason in another script",
    message("SIP/2.0 200 Всё", { to: TO }),
    "droppedStrayResponse",
  ],
  ["of an unknown status", message("SIP/2.0 299 Odd", { to: TO }), "droppedStrayResponse"],
  ["of a status beyond all", message("SIP/2.0 4294967301 Big"), "droppedNotSip"],
  ["of a status of two digits", message("SIP/2.0 20 Short"), "droppedNotSip"],
  ["of status 000", message("SIP/2.0 000 None"), "droppedNotSip"],
  ["of another version", message("SIP/3.0 200 OK"), "droppedNotSip"],
  [
    "for somebody else, two Vias",
    message(OK, { via: "Via: SIP/2.0/UDP a, SIP/2.0/UDP b" }),
    "droppedMalformed",
  ],
  ["without a Via", message(OK, { via: "" }), "droppedMalformed"],
  [
    "with numbers beyond all",
    message(OK, { sequence: "CSeq: 9292394834772304023312 OPTIONS" }),
    "droppedMalformed",
  ],
  [
    "with two sequence numbers",
    message(OK, { sequence: "CSeq: 1 A\r\nCSeq: 2 B" }),
    "droppedMalformed",
  ],
  ["with a NUL", message(OK, { more: "Server: a\0b" }), "droppedMalformed"],
  ["with too little body", message(OK, { length: "l: 5" }), "droppedMalformed"],
];

describe("a response", () => {
  it.each(RESPONSES)("%s is dropped and counted", (_what, text, counter) => {
    const bench = new SipBench("invite");
    bench.receive(text);
    expect(bench.core.counters.get(counter)).toBe(1);
    expect(bench.udp.sent).toEqual([]);
    bench.expectIdle();
  });
});

describe("a stream", () => {
  const framed = (text: string): { messages: number; fault: string | undefined } => {
    const result: { messages: number; fault: string | undefined } = {
      messages: 0,
      fault: undefined,
    };
    const framer = new StreamFramer({
      onMessage: () => {
        result.messages += 1;
      },
      onPing: () => undefined,
    });
    result.fault = framer.push(Buffer.from(text, "latin1"));
    return result;
  };
  const OPTIONS = "OPTIONS sip:b@h SIP/2.0";

  it.each([
    ["two messages", message(OPTIONS) + message(OPTIONS), 2, undefined],
    [
      "line ends between messages",
      `\r\n\r\n${message(OPTIONS)}\r\n${message(OPTIONS)}`,
      2,
      undefined,
    ],
    ["a negative length", message(OPTIONS, { length: "l: -1" }), 0, "badFraming"],
    ["a length of ten digits", message(OPTIONS, { length: "l: 1000000000" }), 0, "badFraming"],
    ["a length beyond the limit", message(OPTIONS, { length: "l: 999999999" }), 0, "tooBig"],
    ["two lengths that differ", message(OPTIONS, { length: "l: 3\r\nl: 0" }), 0, "badFraming"],
    ["headers without end", `${OPTIONS}\r\n${"X: y\r\n".repeat(50_000)}`, 0, "tooBig"],
    ["another protocol", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", 0, "badFraming"],
    ["line ends only", "\r\n".repeat(999), 0, undefined],
  ])("of %s", (_what, text, messages, fault) => {
    expect(framed(text)).toEqual({ messages, fault });
  });
});
