/** Server transactions: timers G, H, I, J and L, retransmissions absorbed. RFC 3261 section 17.2, Server Transaction. */
import { describe, expect, it } from "vitest";
import { request, SipBench } from "./support/sip-bench.ts";

const TCP_PEER = { host: "192.0.2.9", port: 40_000, connection: 3 };

describe("an INVITE that is refused", () => {
  it("repeats the response at 0.5, 1, 2, 4, 4 … s until timer H", async () => {
    const bench = new SipBench("invite");
    bench.receive(request("INVITE"));
    bench.app.respond(486);
    expect(bench.udp.take()).toEqual(["0 SIP/2.0 100 Trying", "0 SIP/2.0 486 Whatever"]);
    await bench.clock.advanceMs(40_000);
    const times = bench.udp.take().map((line) => Number(line.split(" ")[0]));
    expect(times).toEqual([500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]);
    bench.expectIdle();
  });

  it("is silent after the ACK, and forgotten after timer I", async () => {
    const bench = new SipBench("invite");
    bench.receive(request("INVITE"));
    bench.app.respond(486);
    bench.receive(request("ACK", { branch: "z9hG4bK-INVITE" }));
    bench.udp.take();
    await bench.clock.advanceMs(4999);
    bench.receive(request("INVITE"));
    expect(bench.udp.take()).toEqual([]);
    expect(bench.live).toMatchObject({ server: 1 });
    await bench.clock.advanceMs(2);
    bench.expectIdle();
    expect(bench.app.delivered()).toEqual(["INVITE sip:agent@192.0.2.1 SIP/2.0"]);
  });

  it("over TCP is sent once, and forgotten with its ACK or after timer H", async () => {
    const bench = new SipBench("invite");
    const from = { ...TCP_PEER, transport: bench.tcp };
    bench.tcp.open.add(3);
    for (const branch of ["z9hG4bK-1", "z9hG4bK-2"]) {
      bench.receive(request("INVITE", { branch, callId: branch, protocol: "TCP" }), from);
      bench.app.respond(404);
    }
    bench.receive(request("ACK", { branch: "z9hG4bK-1", callId: "z9hG4bK-1" }), from);
    expect(bench.live).toMatchObject({ server: 1 });
    await bench.clock.advanceMs(31_999);
    expect(bench.tcp.take()).toHaveLength(4);
    await bench.clock.advanceMs(1);
    bench.expectIdle();
  });

  it("answers to the address of the Via when its connection has closed", () => {
    const bench = new SipBench("invite");
    const from = { ...TCP_PEER, transport: bench.tcp };
    bench.tcp.open.add(3);
    bench.receive(request("INVITE", { protocol: "TCP" }), from);
    bench.tcp.open.clear();
    bench.app.respond(404);
    expect(bench.tcp.sent.map((sent) => sent.to)).toEqual(["192.0.2.9:40000", "192.0.2.9:5070"]);
    bench.core.close();
    bench.expectIdle();
  });
});

describe("a repeated INVITE", () => {
  it("gets the last provisional response again", () => {
    const bench = new SipBench("invite");
    bench.receive(request("INVITE"));
    bench.receive(request("INVITE"));
    bench.app.respond(180);
    bench.receive(request("INVITE"));
    expect(bench.udp.take().map((line) => line.slice(2))).toEqual([
      "SIP/2.0 100 Trying",
      "SIP/2.0 100 Trying",
      "SIP/2.0 180 Whatever",
      "SIP/2.0 180 Whatever",
    ]);
    expect(bench.app.delivered()).toHaveLength(1);
    bench.core.close();
    bench.expectIdle();
  });

  it("is absorbed after a 200 until timer L", async () => {
    const bench = new SipBench("invite");
    bench.receive(request("INVITE"));
    bench.app.respond(200);
    bench.udp.take();
    bench.receive(request("INVITE"));
    expect(bench.udp.take()).toEqual([]);
    expect(bench.app.delivered()).toHaveLength(1);
    await bench.clock.advanceMs(64_000);
    bench.expectIdle();
  });
});

describe("a request other than INVITE", () => {
  it("gets its response again until timer J", async () => {
    const bench = new SipBench("options");
    bench.receive(request("OPTIONS"));
    bench.receive(request("OPTIONS"));
    expect(bench.udp.take()).toEqual([]);
    bench.app.respond(200);
    await bench.clock.advanceMs(31_999);
    bench.receive(request("OPTIONS"));
    expect(bench.udp.take()).toEqual(["0 SIP/2.0 200 Whatever", "31999 SIP/2.0 200 Whatever"]);
    await bench.clock.advanceMs(1);
    bench.expectIdle();
    expect(bench.app.delivered()).toHaveLength(1);
  });

  it("over TCP is forgotten with its response", () => {
    const bench = new SipBench("options");
    bench.tcp.open.add(3);
    bench.receive(request("OPTIONS", { protocol: "TCP" }), { ...TCP_PEER, transport: bench.tcp });
    bench.app.respond(200);
    bench.expectIdle();
  });

  it("gets 500 when the application says nothing for 64 × T1", async () => {
    const bench = new SipBench("options");
    bench.receive(request("OPTIONS"));
    await bench.clock.advanceMs(32_000);
    expect(bench.udp.take()).toEqual(["32000 SIP/2.0 500 Server Internal Error"]);
    const late = bench.app.respond(200);
    expect(bench.app.reply(late).fields.slice(3)).toEqual([
      "NOK",
      "Response not sent due to unknown transaction",
    ]);
    await bench.clock.advanceMs(32_000);
    bench.expectIdle();
  });
});

it("matches requests of RFC 2543, whose branch means nothing, by their other fields", async () => {
  const bench = new SipBench("options");
  bench.receive(request("OPTIONS", { branch: "1", callId: "a" }));
  bench.receive(request("OPTIONS", { branch: "1", callId: "a" }));
  bench.receive(request("OPTIONS", { branch: "1", callId: "b" }));
  expect(bench.app.delivered()).toHaveLength(2);
  bench.core.close();
  bench.expectIdle();
});

it("refuses an INVITE that came by two paths with 482", async () => {
  const bench = new SipBench("invite");
  bench.receive(request("INVITE", { branch: "z9hG4bK-a" }));
  bench.receive(request("INVITE", { branch: "z9hG4bK-b" }));
  expect(bench.udp.take()).toEqual(["0 SIP/2.0 100 Trying", "0 SIP/2.0 482 Loop Detected"]);
  bench.core.close();
  bench.expectIdle();
});

it("refuses an INVITE on which the application is silent, or rings for ever", async () => {
  const bench = new SipBench("invite");
  bench.receive(request("INVITE"));
  await bench.clock.advanceMs(63_999);
  bench.app.respond(180);
  await bench.clock.advanceMs(599_999);
  bench.udp.take();
  await bench.clock.advanceMs(1);
  expect(bench.udp.take()).toEqual(["663999 SIP/2.0 500 Server Internal Error"]);
  await bench.clock.advanceMs(32_000);
  bench.expectIdle();
});
