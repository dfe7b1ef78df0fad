/** What an application that routed cdr:attempt, cdr:start and cdr:stop is told. */
import { describe, expect, it } from "vitest";
import { answerTo, headerIn, request, SDP, SipBench, tagIn } from "./support/sip-bench.ts";

const RECORDS = ["cdr:attempt", "cdr:start", "cdr:stop"];

/** The records so far: type, source, role or reason, start line of the message. */
function recordsOf(bench: SipBench): string[] {
  return bench.app.frames
    .filter(({ fields }) => fields[1]?.startsWith("cdr:") === true)
    .map(({ fields, message }) => {
      expect(fields[3]).toMatch(/^\d\d:\d\d:\d\d\.\d{6}$/);
      const [, type, source, , detail] = fields;
      const line = message.split("\r\n")[0]?.split(" ").slice(0, 2).join(" ");
      return [type, source, ...(detail === undefined ? [] : [detail]), line].join(" ");
    });
}

function invited(): SipBench {
  const bench = new SipBench("invite", ...RECORDS);
  bench.receive(request("INVITE", { body: SDP }));
  return bench;
}

const OWN = "INVITE sip:far@192.0.2.9:5070;transport=udp SIP/2.0\r\ncall-id: out-1\r\n";

function inviting(): { bench: SipBench; sent: string } {
  const bench = new SipBench("invite", ...RECORDS);
  bench.app.send("sip||", `${OWN}from: <sip:me@localhost>;tag=me\r\n\r\n${SDP}`);
  return { bench, sent: bench.udp.last };
}

const ATTEMPT = "cdr:attempt network INVITE sip:agent@192.0.2.1";

describe("a call from the network", () => {
  it("is recorded when it comes, is answered, and ended by the peer", () => {
    const bench = invited();
    bench.app.respond(200, "", SDP);
    const tag = tagIn(headerIn(bench.udp.last, "To"));
    bench.receive(request("ACK", { branch: "z9hG4bK-a", toTag: tag }));
    bench.receive(request("BYE", { toTag: tag, sequence: 2 }));
    expect(recordsOf(bench)).toEqual([
      ATTEMPT,
      "cdr:start application uas SIP/2.0 200",
      "cdr:stop network normal-release BYE sip:agent@192.0.2.1",
    ]);
    bench.core.close();
  });

  it("is recorded when it is refused", () => {
    const bench = invited();
    bench.app.respond(486);
    const stop = "cdr:stop application call-rejected SIP/2.0 486";
    expect(recordsOf(bench)).toEqual([ATTEMPT, stop]);
    bench.core.close();
  });

  it("is recorded when it is cancelled", () => {
    const bench = invited();
    bench.receive(request("CANCEL", { branch: "z9hG4bK-INVITE" }));
    expect(recordsOf(bench)).toEqual([ATTEMPT, "cdr:stop network call-canceled SIP/2.0 487"]);
    bench.core.close();
  });

  it("is recorded when its ACK never comes", async () => {
    const bench = invited();
    bench.app.respond(200);
    await bench.clock.advanceMs(32_000);
    expect(recordsOf(bench).at(-1)).toBe(
      "cdr:stop application system-initiated-termination BYE sip:peer@192.0.2.9:5070",
    );
    bench.core.close();
  });
});

describe("a call of ours", () => {
  it("is recorded when it goes out, is answered, and ended by us", () => {
    const { bench, sent } = inviting();
    bench.receive(answerTo(sent, 200));
    bench.app.send("sip||out-1;from-tag=me", "ACK sip:placeholder SIP/2.0\r\n\r\n");
    bench.app.send("sip||out-1;from-tag=me", "BYE sip:placeholder SIP/2.0\r\n\r\n");
    expect(recordsOf(bench)).toEqual([
      "cdr:attempt application INVITE sip:far@192.0.2.9:5070;transport=udp",
      "cdr:start network uac SIP/2.0 200",
      "cdr:stop application normal-release BYE sip:far@192.0.2.9:5070",
    ]);
    bench.core.close();
  });

  it.each([
    [486, "call-rejected"],
    [487, "call-canceled"],
  ])("is recorded when it is answered %i", (status, reason) => {
    const { bench, sent } = inviting();
    bench.receive(answerTo(sent, status));
    expect(recordsOf(bench).at(-1)).toBe(`cdr:stop network ${reason} SIP/2.0 ${status}`);
    bench.core.close();
  });
});

it("tells only those who asked, and offers no record as a method", () => {
  const bench = new SipBench("invite", "cdr:stop");
  bench.receive(request("INVITE"));
  expect(recordsOf(bench)).toEqual([]);
  bench.receive(request("PUBLISH"));
  expect(headerIn(bench.udp.last, "Allow")).toBe("INVITE, ACK, BYE, CANCEL");
  bench.core.close();
});
