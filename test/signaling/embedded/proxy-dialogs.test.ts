/** Calls in whose path the server stayed: their requests go through it, and nobody else's do. */
import { describe, expect, it } from "vitest";
import {
  A,
  answer,
  CALLER,
  lastTo,
  linesTo,
  proxied,
  sentTo,
  viasOf,
} from "./support/proxy-bench.ts";
import { answerTo, headerIn, request, SDP, SipBench } from "./support/sip-bench.ts";

describe("a call in whose path we stayed", () => {
  /** The call of the caller to A is answered; what A was sent. */
  function answered(bench: SipBench): string {
    proxied(bench, [A], { remain: true });
    const invite = lastTo(bench, "192.0.2.11", "INVITE");
    const route = headerIn(invite, "Record-Route");
    const contact = "Contact: <sip:a@192.0.2.11>";
    answer(bench, "192.0.2.11", 200, [contact, `Record-Route: ${route}`]);
    bench.udp.sent.length = 0;
    return route;
  }

  /** A request of the caller to A. */
  function inDialog(
    method: string,
    route: string,
    more: Parameters<typeof request>[1] = {},
  ): string {
    const text = request(method, {
      toTag: "at-192.0.2.11",
      sequence: 2,
      headers: [`Route: ${route}`],
      ...more,
    });
    return text.replace("sip:agent@192.0.2.1 SIP", "sip:a@192.0.2.11 SIP");
  }

  it("gets the ACK, further requests and the BYE through us, both ways", async () => {
    const bench = new SipBench("invite");
    const route = answered(bench);
    expect(route).toMatch(/^<sip:192\.0\.2\.1:5060;lr;proof=[0-9a-f]{16}>$/);
    bench.receive(inDialog("ACK", route, { sequence: 1 }));
    expect(linesTo(bench, "192.0.2.11")).toEqual(["ACK sip:a@192.0.2.11 SIP/2.0"]);
    expect(sentTo(bench, "192.0.2.11")[0]).not.toContain("Route:");
    bench.receive(inDialog("INVITE", route, { branch: "z9hG4bK-re", body: SDP }));
    expect(headerIn(lastTo(bench, "192.0.2.11", "INVITE"), "Record-Route")).toBe(route);
    answer(bench, "192.0.2.11", 488);
    expect(linesTo(bench, CALLER)).toEqual(["SIP/2.0 100 Trying", "SIP/2.0 488 Whatever"]);
    const bye = inDialog("BYE", route).replace(
      "sip:a@192.0.2.11 SIP",
      `sip:peer@${CALLER}:5070 SIP`,
    );
    bench.receive(bye, { host: "192.0.2.11", port: 5060 });
    const passed = lastTo(bench, CALLER, "BYE");
    bench.receive(answerTo(passed, 200).replace(/^Via: .*$/m, viasOf(passed)));
    expect(linesTo(bench, "192.0.2.11").at(-1)).toBe("SIP/2.0 200 Whatever");
    await bench.clock.advanceMs(64_000);
    bench.expectIdle();
  });

  it("has its re-INVITE cancelled through us", () => {
    const bench = new SipBench("invite");
    const route = answered(bench);
    bench.receive(inDialog("INVITE", route, { branch: "z9hG4bK-re" }));
    answer(bench, "192.0.2.11", 180);
    bench.receive(inDialog("CANCEL", route, { branch: "z9hG4bK-re" }));
    expect(lastTo(bench, "192.0.2.11", "CANCEL")).not.toBe("");
    bench.core.close();
  });

  it.each([
    ["of another call", "call-2", (route: string) => route],
    ["with another proof", "call-1", (route: string) => route.replace(/proof=./, "proof=x")],
    ["without a proof", "call-1", (route: string) => route.replace(/;proof=\w+/, "")],
  ])("is no way through us for a request %s", (_what, callId, bend) => {
    const bench = new SipBench("invite");
    const route = bend(answered(bench));
    bench.receive(inDialog("BYE", route, { callId }));
    bench.receive(inDialog("ACK", route, { callId, sequence: 1 }));
    expect(linesTo(bench, "192.0.2.11")).toEqual([]);
    expect(linesTo(bench, CALLER)).toEqual(["SIP/2.0 481 Call/Transaction Does Not Exist"]);
    bench.core.close();
  });

  it("shows both of our sides where the transports differ", () => {
    const bench = new SipBench("invite");
    proxied(bench, [`${A};transport=tcp`], { remain: true });
    const [sent] = bench.tcp.sent;
    const routes = sent?.text.match(/^Record-Route: .*$/gm) ?? [];
    expect(routes.map((line) => line.replace(/;proof=\w+/, ""))).toEqual([
      "Record-Route: <sip:192.0.2.1:5060;transport=tcp;lr>",
      "Record-Route: <sip:192.0.2.1:5060;lr>",
    ]);
    bench.core.close();
  });

  it("passes nothing on that has no hops left", () => {
    const bench = new SipBench("invite");
    const route = answered(bench);
    const spent = (text: string): string => text.replace("Max-Forwards: 70", "Max-Forwards: 0");
    bench.receive(spent(inDialog("BYE", route)));
    bench.receive(spent(inDialog("ACK", route)));
    expect(linesTo(bench, "192.0.2.11")).toEqual([]);
    expect(linesTo(bench, CALLER)).toEqual(["SIP/2.0 483 Too Many Hops"]);
    bench.core.close();
  });
});
