/** Provisional responses with RSeq and their PRACK, both ways. RFC 3262. */
import { describe, expect, it } from "vitest";
import { answerTo, headerIn, request, SDP, SipBench, tagIn } from "./support/sip-bench.ts";

const RELIABLE = "Require: 100rel\r\n";

async function expectIdleSoon(bench: SipBench): Promise<void> {
  await bench.clock.advanceMs(100_000);
  bench.expectIdle();
}

/** An INVITE of a peer that knows 100rel, and a 183 to it. */
function ringing(supported = "Supported: timer, 100rel"): SipBench {
  const bench = new SipBench("invite");
  bench.receive(request("INVITE", { headers: [supported], body: SDP }));
  bench.app.respond(183, RELIABLE, SDP);
  return bench;
}

/** The last response that was told to the application, which knows RSeq and our tag. */
function lastEcho(bench: SipBench): string {
  return bench.app.frames.findLast(({ message }) => message.includes("\r\nRSeq: "))?.message ?? "";
}

/** The peer's PRACK of the last reliable response. */
function prack(bench: SipBench, sequence = 2, number = headerIn(lastEcho(bench), "RSeq")): void {
  const headers = [`RAck: ${number} 1 INVITE`];
  const toTag = tagIn(headerIn(lastEcho(bench), "To"));
  bench.receive(request("PRACK", { toTag, sequence, headers, branch: `z9hG4bK-p${sequence}` }));
}

describe("a provisional response that the application wants acknowledged", () => {
  it("bears RSeq, Require and Contact, and makes the dialog", () => {
    const bench = ringing();
    const sent = bench.udp.last;
    expect(Number(headerIn(sent, "RSeq"))).toBeGreaterThan(0);
    expect(headerIn(sent, "Require")).toBe("100rel");
    expect(headerIn(sent, "Contact")).toBe("<sip:192.0.2.1:5060>");
    bench.app.send("sip||call-1;from-tag=peer", "UPDATE sip:placeholder SIP/2.0\r\n\r\n");
    expect(bench.udp.last).toMatch(/^UPDATE sip:peer@192\.0\.2\.9:5070 /);
    bench.core.close();
    bench.expectIdle();
  });

  it("is repeated at 0.5, 1, 2 … s; a PRACK of something else gets 481", async () => {
    const bench = ringing();
    bench.udp.take();
    await bench.clock.advanceMs(4000);
    expect(bench.udp.take().map((line) => Number(line.split(" ")[0]))).toEqual([500, 1500, 3500]);
    prack(bench, 2, "1");
    expect(bench.udp.last).toMatch(/^SIP\/2\.0 481 /);
    bench.core.close();
    bench.expectIdle();
  });

  it("is not repeated after its PRACK, which the application answers; a second PRACK gets 481", async () => {
    const bench = ringing();
    prack(bench);
    expect(bench.app.delivered().at(-1)).toMatch(/^PRACK /);
    expect(bench.app.sip().at(-1)?.fields[9]).toBe("call-1;from-tag=peer");
    bench.app.respond(200);
    bench.udp.take();
    await bench.clock.advanceMs(20_000);
    expect(bench.udp.take()).toEqual([]);
    prack(bench, 3);
    expect(bench.udp.last).toMatch(/^SIP\/2\.0 481 /);
    bench.core.close();
    bench.expectIdle();
  });

  it("is refused when the peer does not know 100rel", () => {
    const bench = new SipBench("invite");
    bench.receive(request("INVITE", { headers: ["Supported: timer"] }));
    const refused = bench.app.respond(183, RELIABLE);
    expect(bench.app.reply(refused).fields.slice(3)).toEqual([
      "NOK",
      "Remote endpoint does not support 100rel",
    ]);
    bench.core.close();
    bench.expectIdle();
  });

  it("ends the invitation with 504 when no PRACK comes for 32 s", async () => {
    const bench = ringing("Require: 100rel");
    await bench.clock.advanceMs(32_000);
    expect(bench.udp.last).toMatch(/^SIP\/2\.0 504 /);
    expect(bench.app.delivered().at(-1)).toMatch(/^CANCEL /);
    expect(bench.core.counters.get("prackTimeouts")).toBe(1);
    await expectIdleSoon(bench);
  });
});

describe("while a PRACK is awaited", () => {
  it("the next reliable response and the 200 wait, each for its own", () => {
    const bench = ringing();
    const invite = bench.app.transactionId;
    const first = Number(headerIn(bench.udp.last, "RSeq"));
    const respond = (status: number, extra = ""): string =>
      bench.app.send(`sip|${invite}|`, `SIP/2.0 ${status} Yes\r\n${extra}\r\n`);
    bench.udp.take();
    const second = respond(180, RELIABLE);
    const final = respond(200);
    expect(bench.udp.take()).toEqual([]);
    expect(bench.app.reply(second).fields).toEqual([]);
    prack(bench);
    bench.app.respond(200);
    expect(bench.udp.sent.map(({ text }) => text.split(" ")[1])).toEqual(["200", "180"]);
    expect(headerIn(bench.udp.last, "RSeq")).toBe(String(first + 1));
    expect(bench.app.reply(second).fields[3]).toBe("OK");
    bench.udp.take();
    prack(bench, 3);
    bench.app.respond(200);
    expect(bench.udp.sent.map(({ text }) => headerIn(text, "CSeq"))).toEqual([
      "3 PRACK",
      "1 INVITE",
    ]);
    expect(bench.app.reply(final).fields[3]).toBe("OK");
    bench.core.close();
    bench.expectIdle();
  });

  it("a refusal goes at once, and what waited is dropped", async () => {
    const bench = ringing();
    const held = bench.app.respond(200);
    bench.app.respond(486);
    expect(bench.udp.last).toMatch(/^SIP\/2\.0 486 /);
    expect(bench.app.reply(held).fields[4]).toBe("Response not sent due to unknown transaction");
    await expectIdleSoon(bench);
  });

  it("a CANCEL ends the invitation, and the waiting 200 is told so", async () => {
    const bench = ringing();
    const held = bench.app.respond(200);
    bench.receive(request("CANCEL", { branch: "z9hG4bK-INVITE" }));
    expect(bench.udp.last).toMatch(/^SIP\/2\.0 487 /);
    expect(bench.app.reply(held).fields[3]).toBe("NOK");
    expect(bench.app.delivered().at(-1)).toMatch(/^CANCEL /);
    await expectIdleSoon(bench);
  });
});

describe("a reliable response to our INVITE", () => {
  const URI = "sip:far@192.0.2.9:5070;transport=udp";
  const DIALOG = "out-1;from-tag=me";
  const progress = (number: number): readonly string[] => [
    "Contact: <sip:far@192.0.2.9:5070>",
    "Require: 100rel",
    `RSeq: ${number}`,
  ];

  function invited(): { bench: SipBench; sent: string } {
    const bench = new SipBench();
    const headers = "from: <sip:me@localhost>;tag=me\r\ncall-id: out-1\r\n";
    bench.app.send("sip||", `INVITE ${URI} SIP/2.0\r\n${headers}\r\n${SDP}`);
    return { bench, sent: bench.udp.last };
  }

  it("reaches the application once, and only in its order", () => {
    const { bench, sent } = invited();
    for (const number of [7, 7, 9, 8, 8]) {
      bench.receive(answerTo(sent, 183, { headers: progress(number) }));
    }
    const numbers = bench.app.sip().map(({ message }) => headerIn(message, "RSeq"));
    expect(numbers).toEqual(["7", "8"]);
    bench.core.close();
    bench.expectIdle();
  });

  it("is acknowledged to the branch that sent it, with a RAck if the application gives none", () => {
    const { bench, sent } = invited();
    bench.receive(answerTo(sent, 183, { tag: "one", headers: progress(5) }));
    bench.receive(answerTo(sent, 183, { tag: "two", headers: progress(9) }));
    const sequence = headerIn(sent, "CSeq");
    const wanted = `PRACK sip:placeholder SIP/2.0\r\nRAck: 5 ${sequence}\r\n\r\n`;
    bench.app.send(`sip||${DIALOG}`, wanted);
    expect(tagIn(headerIn(bench.udp.last, "To"))).toBe("one");
    bench.app.send(`sip||${DIALOG}`, "PRACK sip:placeholder SIP/2.0\r\n\r\n");
    expect(tagIn(headerIn(bench.udp.last, "To"))).toBe("two");
    expect(headerIn(bench.udp.last, "RAck")).toBe(`9 ${sequence}`);
    bench.core.close();
    bench.expectIdle();
  });
});
