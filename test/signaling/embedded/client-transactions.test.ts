/** Client transactions: timers A, B, D, E, F, K and M. RFC 3261 section 17.1, Client Transaction. */
import { describe, expect, it } from "vitest";
import { answerTo, SDP, SipBench } from "./support/sip-bench.ts";

const UDP = "sip:far@192.0.2.9:5070;transport=udp";
const TCP = "sip:far@192.0.2.9:5070;transport=tcp";

function send(bench: SipBench, method: string, uri = UDP): string {
  const body = method === "INVITE" ? SDP : "";
  return bench.app.send("sip||", `${method} ${uri} SIP/2.0\r\ncall-id: c-${method}\r\n\r\n${body}`);
}

function times(lines: readonly string[]): number[] {
  return lines.map((line) => Number(line.split(" ")[0]));
}

describe("an INVITE over UDP", () => {
  it("is repeated with timer A and gets 408 by timer B", async () => {
    const bench = new SipBench();
    send(bench, "INVITE");
    await bench.clock.advanceMs(31_999);
    expect(times(bench.udp.take())).toEqual([0, 500, 1500, 3500, 7500, 15_500, 31_500]);
    expect(bench.app.delivered()).toEqual([]);
    await bench.clock.advanceMs(1);
    expect(bench.app.delivered()).toEqual(["SIP/2.0 408 Request Timeout"]);
    expect(bench.app.sip()[0]?.fields.slice(2, 7)).toEqual([
      "network",
      expect.any(String),
      "",
      "",
      "",
    ]);
    bench.expectIdle();
  });

  it("is not repeated once provisionally answered, and may ring for ever", async () => {
    const bench = new SipBench();
    send(bench, "INVITE");
    const invite = bench.udp.last;
    bench.receive(answerTo(invite, 100));
    bench.receive(answerTo(invite, 183));
    bench.udp.take();
    await bench.clock.advanceMs(600_000);
    expect(bench.udp.take()).toEqual([]);
    expect(bench.app.delivered()).toEqual(["SIP/2.0 183 Whatever"]);
    bench.core.close();
    bench.expectIdle();
  });

  it("acknowledges each copy of a failure until timer D", async () => {
    const bench = new SipBench();
    send(bench, "INVITE");
    const invite = bench.udp.last;
    bench.receive(answerTo(invite, 486));
    const ack = bench.udp.last;
    expect(ack).toMatch(/^ACK sip:far@192\.0\.2\.9:5070;transport=udp SIP\/2\.0\r\n/);
    expect(ack).toContain(";tag=far");
    await bench.clock.advanceMs(31_999);
    bench.receive(answerTo(invite, 486));
    expect(bench.udp.last).toBe(ack);
    expect(bench.app.delivered()).toEqual(["SIP/2.0 486 Whatever"]);
    await bench.clock.advanceMs(1);
    bench.expectIdle();
    bench.receive(answerTo(invite, 486));
    expect(bench.core.counters.get("droppedStrayResponse")).toBe(1);
  });

  it("waits for copies of a 200 until timer M", async () => {
    const bench = new SipBench();
    send(bench, "INVITE");
    bench.receive(answerTo(bench.udp.last, 200));
    await bench.clock.advanceMs(31_999);
    expect(bench.live).toMatchObject({ client: 1, dialogs: 1 });
    await bench.clock.advanceMs(1);
    expect(bench.live).toMatchObject({ client: 0, dialogs: 1, outgoingRequests: 0 });
    bench.core.close();
    bench.expectIdle();
  });
});

describe("another request over UDP", () => {
  it("is repeated with timer E and gets 408 by timer F", async () => {
    const bench = new SipBench();
    send(bench, "OPTIONS");
    await bench.clock.advanceMs(32_000);
    expect(times(bench.udp.take())).toEqual([
      0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500,
    ]);
    expect(bench.app.delivered()).toEqual(["SIP/2.0 408 Request Timeout"]);
    bench.expectIdle();
  });

  it("is repeated every T2 once provisionally answered", async () => {
    const bench = new SipBench();
    send(bench, "OPTIONS");
    bench.receive(answerTo(bench.udp.last, 100));
    await bench.clock.advanceMs(13_000);
    expect(times(bench.udp.take())).toEqual([0, 500, 4500, 8500, 12_500]);
    bench.core.close();
    bench.expectIdle();
  });

  it("absorbs copies of its final response until timer K", async () => {
    const bench = new SipBench();
    send(bench, "OPTIONS");
    const options = bench.udp.last;
    bench.receive(answerTo(options, 200));
    bench.receive(answerTo(options, 200));
    await bench.clock.advanceMs(4999);
    bench.receive(answerTo(options, 404));
    expect(bench.live).toMatchObject({ client: 1 });
    await bench.clock.advanceMs(1);
    expect(bench.app.delivered()).toEqual(["SIP/2.0 200 Whatever"]);
    bench.expectIdle();
  });
});

describe("over TCP", () => {
  it("nothing is repeated, and final responses end the transaction at once", async () => {
    const bench = new SipBench();
    send(bench, "INVITE", TCP);
    send(bench, "OPTIONS", TCP);
    await bench.clock.advanceMs(20_000);
    expect(times(bench.tcp.sent.map(({ text, atMs }) => `${atMs} ${text}`))).toEqual([0, 0]);
    const [invite, options] = bench.tcp.sent;
    bench.receive(answerTo(invite?.text ?? "", 404), { transport: bench.tcp });
    bench.receive(answerTo(options?.text ?? "", 200), { transport: bench.tcp });
    expect(bench.app.delivered()).toEqual(["SIP/2.0 404 Whatever", "SIP/2.0 200 Whatever"]);
    bench.expectIdle();
  });

  it("timers B and F still run", async () => {
    const bench = new SipBench();
    send(bench, "INVITE", TCP);
    send(bench, "OPTIONS", TCP);
    await bench.clock.advanceMs(32_000);
    expect(bench.app.delivered()).toEqual([
      "SIP/2.0 408 Request Timeout",
      "SIP/2.0 408 Request Timeout",
    ]);
    bench.expectIdle();
  });
});

it("gives 503 when nothing could be sent", async () => {
  const bench = new SipBench();
  bench.tcp.failing = true;
  send(bench, "INVITE", TCP);
  send(bench, "OPTIONS", TCP);
  expect(bench.app.delivered()).toEqual([]);
  await bench.clock.advanceMs(1);
  expect(bench.app.delivered()).toEqual([
    "SIP/2.0 503 Service Unavailable",
    "SIP/2.0 503 Service Unavailable",
  ]);
  bench.expectIdle();
});

it("looks names up, and gives 503 for those without an address", async () => {
  const bench = new SipBench();
  send(bench, "OPTIONS", "sip:known.example:5090");
  send(bench, "OPTIONS", "sip:unknown.example");
  await bench.clock.advanceMs(1);
  expect(bench.udp.sent.map(({ to }) => to)).toEqual(["192.0.2.77:5090"]);
  expect(bench.app.delivered()).toEqual(["SIP/2.0 503 DNS Error"]);
  bench.receive(answerTo(bench.udp.last, 200));
  await bench.clock.advanceMs(5000);
  bench.expectIdle();
});
