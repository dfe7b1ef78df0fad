/** Responses nobody waits for or nobody can read, and streams that cannot be cut: dropped, counted, never answered. */
import { describe, expect, it } from "vitest";
import { StreamFramer } from "../../src/signaling/embedded/stream-framing.ts";
import { SipBench } from "./embedded/support/sip-bench.ts";
import { oddMessage as message } from "./support/odd-message.ts";
import { STRAY_RESPONSES } from "./support/stray-responses.ts";

describe("a response", () => {
  it.each(STRAY_RESPONSES)("%s is dropped and counted", (_what, text, counter) => {
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
      onOversized: () => undefined,
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
