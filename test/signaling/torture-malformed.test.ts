/** Requests that break the grammar or ask for the impossible: each gets its class of answer, statelessly, and nobody else hears of it. */
import { describe, expect, it } from "vitest";
import { parseMessage } from "../../src/signaling/embedded/message-parser.ts";
import { checkRequest } from "../../src/signaling/embedded/request-check.ts";
import { headerIn, SipBench } from "./embedded/support/sip-bench.ts";
import { MALFORMED } from "./support/malformed-requests.ts";
import { oddMessage as message } from "./support/odd-message.ts";

const OPTIONS = "OPTIONS sip:bert@example.org SIP/2.0";
const INVITE = "INVITE sip:bert@example.org SIP/2.0";

describe("a request with", () => {
  it.each(MALFORMED)("%s is answered", (_what, text, answer, counter) => {
    for (const transport of ["udp", "tcp"] as const) {
      const bench = new SipBench("invite", "options", "register");
      bench.receive(text, { transport: bench[transport] });
      expect(bench[transport].take()).toEqual([`0 SIP/2.0 ${answer}`]);
      expect(bench.core.counters.get(counter)).toBe(1);
      expect(bench.app.delivered()).toEqual([]);
      bench.expectIdle();
    }
  });

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
