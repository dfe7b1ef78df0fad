/** Requests that an application has passed on: to one place or several, and the way their responses take back. */
import { describe, expect, it } from "vitest";
import {
  A,
  answer,
  B,
  CALLER,
  lastTo,
  linesTo,
  passOn,
  proxied,
  sentTo,
  told,
} from "./support/proxy-bench.ts";
import { headerIn, request, SDP, SipBench } from "./support/sip-bench.ts";

describe("a request that is passed on", () => {
  it("keeps what it is, and shows the way back and one hop less", () => {
    const bench = new SipBench("invite");
    proxied(bench, [A], { headers: "X-Note: from the app\r\nsubject: new\r\n" });
    const sent = lastTo(bench, "192.0.2.11", "INVITE");
    expect(sent.split("\r\n")[0]).toBe(`INVITE ${A} SIP/2.0`);
    expect(sent).toMatch(/Via: SIP\/2\.0\/UDP 192\.0\.2\.1:5060;rport;branch=z9hG4bK\w+\r\n/);
    expect(sent).toContain("rport=5070;received=192.0.2.9");
    expect(headerIn(sent, "Max-Forwards")).toBe("69");
    expect(headerIn(sent, "X-Note")).toBe("from the app");
    expect(headerIn(sent, "Call-ID")).toBe("call-1");
    expect(sent).not.toContain("Record-Route");
    expect(sent.endsWith(`\r\n\r\n${SDP}`)).toBe(true);
    bench.core.close();
    bench.expectIdle();
  });

  it("is answered: progress, then the 200, both without our Via", async () => {
    const bench = new SipBench("invite");
    const id = proxied(bench, [A]);
    answer(bench, "192.0.2.11", 100);
    answer(bench, "192.0.2.11", 183);
    answer(bench, "192.0.2.11", 200);
    answer(bench, "192.0.2.11", 200);
    expect(linesTo(bench, CALLER)).toEqual([
      "SIP/2.0 183 Whatever",
      "SIP/2.0 200 Whatever",
      "SIP/2.0 200 Whatever",
    ]);
    const [, ok = ""] = sentTo(bench, CALLER);
    expect(ok.match(/^Via: /gm)).toHaveLength(1);
    expect(told(bench, id)).toEqual(["200", "OK|done"]);
    await bench.clock.advanceMs(64_000);
    bench.expectIdle();
  });

  it("that nobody answers is 408, and 503 where nothing can be sent", async () => {
    const bench = new SipBench("invite");
    const id = proxied(bench, [A]);
    await bench.clock.advanceMs(32_000);
    expect(linesTo(bench, CALLER)).toEqual(["SIP/2.0 408 Request Timeout"]);
    expect(told(bench, id)).toEqual(["408", "OK|done"]);
    await bench.clock.advanceMs(64_000);
    bench.expectIdle();
  });

  it("is not sent back to us, nor to a place without a transport", () => {
    const bench = new SipBench("invite");
    const id = proxied(bench, ["sip:x@192.0.2.1:5060", "sip:x@h;transport=sctp", "tel:+1"]);
    expect(told(bench, id)).toEqual(["482", "503", "416", "OK|done"]);
    expect(linesTo(bench, CALLER)).toEqual(["SIP/2.0 482 Loop Detected"]);
    bench.core.close();
  });

  it("is refused with 420 when it wants more of a proxy than we know", async () => {
    const bench = new SipBench("invite");
    bench.receive(request("INVITE", { headers: ["Proxy-Require: magic, more"] }));
    bench.udp.take();
    const id = passOn(bench, [A], {});
    const refused = lastTo(bench, CALLER, "SIP/2.0");
    expect(refused).toContain("SIP/2.0 420 Bad Extension");
    expect(headerIn(refused, "Unsupported")).toBe("magic, more");
    expect(linesTo(bench, "192.0.2.11")).toEqual([]);
    expect(told(bench, id)).toEqual(["OK|done"]);
    await bench.clock.advanceMs(64_000);
    bench.expectIdle();
  });

  it("goes to a name when that is known, and to the next target when it is not", async () => {
    const bench = new SipBench("options");
    proxied(bench, ["sip:a@unknown.example", "sip:a@known.example"], { method: "OPTIONS" });
    await bench.clock.advanceMs(1);
    expect(linesTo(bench, "192.0.2.77")).toEqual(["OPTIONS sip:a@known.example SIP/2.0"]);
    bench.core.close();
  });

  it.each([
    ["no place to go", [], {}, "proxy needs 1 to 32 destinations"],
    ["a timeout in words", [A], { final: "soon" }, "proxy timeouts are written like 2s or 1500ms"],
  ])("is refused with %s, and can still be answered", (_what, targets, wish, reason) => {
    const bench = new SipBench("invite");
    const id = proxied(bench, targets, wish);
    expect(told(bench, id)).toEqual([`NOK|${reason}`]);
    bench.app.respond(486);
    expect(linesTo(bench, CALLER)).toEqual(["SIP/2.0 486 Whatever"]);
    expect(told(bench, passOn(bench, [A], {}))[0]).toContain("NOK|unknown transaction id");
    bench.core.close();
  });
});

describe("several targets", () => {
  it("one after the other: the next when one refuses", () => {
    const bench = new SipBench("invite");
    const id = proxied(bench, [A, B]);
    expect(linesTo(bench, "192.0.2.12")).toEqual([]);
    answer(bench, "192.0.2.11", 486);
    expect(linesTo(bench, "192.0.2.11").map((line) => line.split(" ")[0])).toEqual([
      "INVITE",
      "ACK",
    ]);
    answer(bench, "192.0.2.12", 200);
    expect(linesTo(bench, CALLER)).toEqual(["SIP/2.0 200 Whatever"]);
    expect(told(bench, id)).toEqual(["486", "200", "OK|done"]);
    bench.core.close();
  });

  it("one after the other: the next when one says nothing in time", async () => {
    const bench = new SipBench("invite");
    proxied(bench, [A, B], { provisional: "1500ms" });
    await bench.clock.advanceMs(1500);
    expect(linesTo(bench, "192.0.2.12")).toEqual([`INVITE ${B} SIP/2.0`]);
    answer(bench, "192.0.2.11", 180);
    expect(lastTo(bench, "192.0.2.11", "CANCEL")).not.toBe("");
    expect(linesTo(bench, CALLER)).toEqual([]);
    bench.core.close();
  });

  it("one after the other: the next when one rings too long", async () => {
    const bench = new SipBench("invite");
    proxied(bench, [A, B], { final: "5s" });
    answer(bench, "192.0.2.11", 180);
    await bench.clock.advanceMs(5000);
    expect(lastTo(bench, "192.0.2.11", "CANCEL")).not.toBe("");
    expect(linesTo(bench, "192.0.2.12")).toEqual([`INVITE ${B} SIP/2.0`]);
    bench.core.close();
  });

  it("at once: the first that answers gets the call, the others a CANCEL", () => {
    const bench = new SipBench("invite");
    const id = proxied(bench, [A, B], { parallel: true });
    answer(bench, "192.0.2.11", 180);
    answer(bench, "192.0.2.12", 180);
    answer(bench, "192.0.2.12", 200);
    const cancel = lastTo(bench, "192.0.2.11", "CANCEL");
    expect(headerIn(cancel, "Via")).toBe(headerIn(lastTo(bench, "192.0.2.11", "INVITE"), "Via"));
    answer(bench, "192.0.2.11", 487);
    expect(linesTo(bench, CALLER).at(-1)).toBe("SIP/2.0 200 Whatever");
    expect(told(bench, id)).toEqual(["200", "OK|done"]);
    bench.core.close();
  });

  it("at once: both answer, and the caller hears of both", () => {
    const bench = new SipBench("invite");
    proxied(bench, [A, B], { parallel: true });
    answer(bench, "192.0.2.11", 200);
    answer(bench, "192.0.2.12", 200);
    const tags = sentTo(bench, CALLER).map((text) => headerIn(text, "To").split("tag=")[1]);
    expect(tags).toEqual(["at-192.0.2.11", "at-192.0.2.12"]);
    bench.core.close();
  });

  it.each([
    [[486, 404], 486, "of the same class the first one wins"],
    [[503, 480], 480, "unreachable says least"],
    [[404, 302], 302, "a lower class wins"],
    [[486, 401], 401, "a challenge helps"],
    [[500, 603], 603, "6xx wins"],
  ])("when all refuse with %j the caller gets %s: %s", (statuses, best) => {
    const bench = new SipBench("invite");
    proxied(bench, [A, B], { parallel: true });
    answer(bench, "192.0.2.11", statuses[0] ?? 0);
    answer(bench, "192.0.2.12", statuses[1] ?? 0);
    expect(linesTo(bench, CALLER)).toEqual([`SIP/2.0 ${best} Whatever`]);
    bench.core.close();
  });

  it("a 6xx of one ends the others", () => {
    const bench = new SipBench("invite");
    proxied(bench, [A, B], { parallel: true });
    answer(bench, "192.0.2.11", 180);
    answer(bench, "192.0.2.12", 603);
    expect(lastTo(bench, "192.0.2.11", "CANCEL")).not.toBe("");
    answer(bench, "192.0.2.11", 487);
    expect(linesTo(bench, CALLER).at(-1)).toBe("SIP/2.0 603 Whatever");
    bench.core.close();
  });
});

describe("a redirect", () => {
  const contact = [`Contact: <${B}>;q=0.5, <tel:+1>`];

  it("is followed when the application wants it, each place once", () => {
    const bench = new SipBench("invite");
    proxied(bench, [A], { follow: true });
    answer(bench, "192.0.2.11", 302, contact);
    expect(linesTo(bench, "192.0.2.12")).toEqual([`INVITE ${B} SIP/2.0`]);
    answer(bench, "192.0.2.12", 302, contact);
    expect(linesTo(bench, CALLER)).toEqual(["SIP/2.0 302 Whatever"]);
    bench.core.close();
  });

  it("goes back to the caller otherwise", () => {
    const bench = new SipBench("invite");
    proxied(bench, [A]);
    answer(bench, "192.0.2.11", 302, contact);
    expect(linesTo(bench, CALLER)).toEqual(["SIP/2.0 302 Whatever"]);
    bench.core.close();
  });
});

describe("a CANCEL of the caller", () => {
  it("cancels what rings and what waits, and the 487 comes back", async () => {
    const bench = new SipBench("invite");
    const id = proxied(bench, [A, B]);
    answer(bench, "192.0.2.11", 180);
    bench.receive(request("CANCEL", { branch: "z9hG4bK-INVITE" }));
    expect(lastTo(bench, "192.0.2.11", "CANCEL")).not.toBe("");
    answer(bench, "192.0.2.11", 487);
    expect(linesTo(bench, CALLER)).toEqual([
      "SIP/2.0 180 Whatever",
      "SIP/2.0 200 OK",
      "SIP/2.0 487 Whatever",
    ]);
    expect(linesTo(bench, "192.0.2.12")).toEqual([]);
    expect(told(bench, id)).toEqual(["487", "OK|done"]);
    await bench.clock.advanceMs(64_000);
    bench.expectIdle();
  });

  it("ends with 487 also when the target does not react", async () => {
    const bench = new SipBench("invite");
    proxied(bench, [A]);
    answer(bench, "192.0.2.11", 180);
    bench.receive(request("CANCEL", { branch: "z9hG4bK-INVITE" }));
    await bench.clock.advanceMs(32_000);
    expect(linesTo(bench, CALLER).at(-1)).toBe("SIP/2.0 487 Request Terminated");
    await bench.clock.advanceMs(200_000);
    bench.core.close();
  });
});
