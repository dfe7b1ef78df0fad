/** Odd requests that the grammar allows: each reaches the application whole, over a datagram and over a stream. */
import { describe, expect, it } from "vitest";
import { SipBench } from "./embedded/support/sip-bench.ts";
import { oddMessage as message } from "./support/odd-message.ts";
import { WELL_FORMED } from "./support/well-formed-requests.ts";

const OPTIONS = "OPTIONS sip:bert@example.org SIP/2.0";
const INVITE = "INVITE sip:bert@example.org SIP/2.0";

describe("a request of", () => {
  it.each(WELL_FORMED)("%s reaches the application", (_what, text) => {
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
