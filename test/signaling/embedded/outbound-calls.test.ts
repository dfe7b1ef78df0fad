/** Calls of the application: CANCEL, forks, dialogs, route sets, the NAT rule. RFC 3261 sections 9, 12 to 15. */
import { describe, expect, it } from "vitest";
import { answerTo, headerIn, request, SDP, SipBench, tagIn } from "./support/sip-bench.ts";

const URI = "sip:far@192.0.2.9:5070;transport=udp";

function invite(
  bench: SipBench,
  headers = "from: <sip:me@localhost>;tag=me\r\n",
  body = SDP,
): string {
  const text = `INVITE ${URI} SIP/2.0\r\ncall-id: out-1\r\n${headers}\r\n${body}`;
  return bench.app.send("sip||", text);
}

const DIALOG = "out-1;from-tag=me";

function inDialog(bench: SipBench, method: string, body = ""): string {
  const type = body === "" ? "" : "content-type: text/plain\r\n";
  const text = `${method} sip:placeholder SIP/2.0\r\n${type}\r\n${body}`;
  return bench.app.send(`sip||${DIALOG}`, text);
}

/** An answered and acknowledged call. */
function established(headers?: readonly string[]): SipBench {
  const bench = new SipBench();
  invite(bench);
  bench.receive(answerTo(bench.udp.last, 200, headers === undefined ? {} : { headers }));
  inDialog(bench, "ACK");
  return bench;
}

async function expectIdleSoon(bench: SipBench): Promise<void> {
  await bench.clock.advanceMs(100_000);
  bench.expectIdle();
}

describe("the request", () => {
  it("is completed, and shown to the application as sent", () => {
    const bench = new SipBench();
    const id = invite(
      bench,
      "from: <sip:me@localhost>\r\nX-Foo: 1\r\nvia: evil\r\nallow: INVITE\r\n",
    );
    const sent = bench.udp.last;
    expect(bench.app.reply(id).message).toBe(sent);
    expect(bench.app.reply(id).fields.slice(3, 5)).toEqual(["OK", "application"]);
    expect(headerIn(sent, "Via")).toMatch(/^SIP\/2\.0\/UDP 192\.0\.2\.1:5060;rport;branch=z9hG4bK/);
    expect(headerIn(sent, "From")).toMatch(/^<sip:me@192\.0\.2\.1:5060>;tag=/);
    expect(headerIn(sent, "To")).toBe(`<${URI}>`);
    expect(headerIn(sent, "Contact")).toBe("<sip:192.0.2.1:5060>");
    expect(headerIn(sent, "Content-Type")).toBe("application/sdp");
    expect([headerIn(sent, "X-Foo"), headerIn(sent, "Allow")]).toEqual(["1", "INVITE"]);
    expect(sent).not.toContain("evil");
    bench.core.close();
  });

  it("goes to the route URI instead of its own, which need not be a SIP URI then", () => {
    const bench = new SipBench();
    bench.app.send("sip|||sip:192.0.2.50:5080", "OPTIONS tel:+49301234 SIP/2.0\r\n\r\n");
    expect(bench.udp.sent[0]?.to).toBe("192.0.2.50:5080");
    expect(bench.udp.last).toMatch(/^OPTIONS tel:\+49301234 SIP/);
    bench.core.close();
  });

  it.each([
    ["OPTIONS tel:+49301234 SIP/2.0\r\n\r\n", "invalid request-uri: OPTIONS tel:+49301234 SIP/2.0"],
    ["OPTIONS sip: SIP/2.0\r\n\r\n", "invalid request-uri: OPTIONS sip: SIP/2.0"],
    [`OPTIONS ${URI} SIP/2.0\r\n\r\nhello`, "missing content-type"],
    ["OPTIONS sip:x@192.0.2.1:5060 SIP/2.0\r\n\r\n", "can not send request to myself"],
    ["OPTIONS sips:x@192.0.2.9 SIP/2.0\r\n\r\n", "requested protocol/transport not available"],
    [`OPTIONS ${URI} SIP/2.0\r\ncall-id: a b\r\n\r\n`, "invalid call-id header"],
    [`OPTIONS ${URI} SIP/2.0\r\nfrom: nobody\r\n\r\n`, "invalid from header"],
    ["nonsense", "invalid SIP message"],
  ])("%s is refused", (text, reason) => {
    const bench = new SipBench();
    const id = bench.app.send("sip||", text);
    expect(bench.app.reply(id).fields.slice(3)).toEqual(["NOK", reason]);
    expect(bench.udp.sent).toEqual([]);
    bench.expectIdle();
  });
});

describe("a CANCEL of the application", () => {
  it("waits for a provisional response", async () => {
    const bench = new SipBench();
    const id = invite(bench);
    const sent = bench.udp.last;
    const txnId = bench.app.reply(id).fields[10] ?? "";
    const cancelId = bench.app.send(`sip|${txnId}|`, `CANCEL ${URI} SIP/2.0\r\n\r\n`);
    expect(bench.app.reply(cancelId).message).toMatch(/^CANCEL sip:far@/);
    expect(bench.udp.sent).toHaveLength(1);
    bench.receive(answerTo(sent, 100));
    expect(headerIn(bench.udp.last, "CSeq")).toBe(
      headerIn(sent, "CSeq").replace("INVITE", "CANCEL"),
    );
    expect(headerIn(bench.udp.last, "Via")).toBe(headerIn(sent, "Via"));
    bench.receive(answerTo(bench.udp.last, 200));
    bench.receive(answerTo(sent, 487));
    expect(bench.app.delivered()).toEqual(["SIP/2.0 487 Whatever"]);
    await expectIdleSoon(bench);
  });

  it("that the peer ignores ends as 487 after 32 s", async () => {
    const bench = new SipBench();
    const id = invite(bench);
    bench.receive(answerTo(bench.udp.last, 180));
    const txnId = bench.app.reply(id).fields[10] ?? "";
    bench.app.send(`sip|${txnId}|`, `CANCEL ${URI} SIP/2.0\r\n\r\n`);
    await bench.clock.advanceMs(32_000);
    expect(bench.app.delivered()).toEqual([
      "SIP/2.0 180 Whatever",
      "SIP/2.0 487 Request Terminated",
    ]);
    bench.expectIdle();
  });

  it("that meets the answer ends the call after its ACK", async () => {
    const bench = new SipBench();
    const id = invite(bench);
    const sent = bench.udp.last;
    bench.receive(answerTo(sent, 180));
    const txnId = bench.app.reply(id).fields[10] ?? "";
    bench.app.send(`sip|${txnId}|`, `CANCEL ${URI} SIP/2.0\r\n\r\n`);
    bench.receive(answerTo(sent, 200));
    bench.udp.take();
    inDialog(bench, "ACK");
    expect(bench.udp.take().map((line) => line.split(" ")[1])).toEqual(["ACK", "BYE"]);
    expect(bench.app.sip().at(-1)?.fields[8]).toBe("unsolicited");
    await expectIdleSoon(bench);
  });

  it("of nothing is refused", () => {
    const bench = new SipBench();
    const id = bench.app.send("sip|nothing|", `CANCEL ${URI} SIP/2.0\r\n\r\n`);
    expect(bench.app.reply(id).fields[4]).toBe("unable to cancel unknown transaction id: nothing");
  });
});

describe("a dialog", () => {
  it("bears its id in every response to the INVITE, and is gone after a refusal", async () => {
    const bench = new SipBench();
    invite(bench);
    const sent = bench.udp.last;
    bench.receive(answerTo(sent, 180));
    bench.receive(answerTo(sent, 486));
    expect(bench.app.sip().map(({ fields }) => fields[9])).toEqual([DIALOG, DIALOG]);
    const ack = inDialog(bench, "ACK");
    expect(bench.app.reply(ack).fields[4]).toBe(
      "Server error: ACK for non-success final response is automatically generated by server",
    );
    const info = inDialog(bench, "INFO");
    expect(bench.app.reply(info).fields[4]).toBe(
      "Server error: unable to find dialog for dialog id provided",
    );
    await expectIdleSoon(bench);
  });

  it("sends no ACK until told, one as told, and the same again for a repeated 200", async () => {
    const bench = new SipBench();
    invite(bench);
    const sent = bench.udp.last;
    bench.receive(answerTo(sent, 200));
    bench.receive(answerTo(sent, 200));
    expect(bench.udp.sent).toHaveLength(1);
    expect(bench.app.delivered()).toHaveLength(1);
    inDialog(bench, "ACK");
    const ack = bench.udp.last;
    bench.receive(answerTo(sent, 200));
    expect(bench.udp.sent.map(({ text }) => text).slice(1)).toEqual([ack, ack]);
    expect(bench.app.reply(inDialog(bench, "ACK")).fields[3]).toBe("NOK");
    inDialog(bench, "BYE");
    bench.receive(answerTo(bench.udp.last, 200));
    await expectIdleSoon(bench);
  });

  it("is ended by the final response to a BYE, but not by a challenge", async () => {
    const bench = established();
    inDialog(bench, "BYE");
    bench.receive(answerTo(bench.udp.last, 407));
    expect(bench.live).toMatchObject({ dialogs: 1 });
    inDialog(bench, "BYE");
    bench.receive(answerTo(bench.udp.last, 481));
    expect(bench.live).toMatchObject({ dialogs: 0 });
    await expectIdleSoon(bench);
  });

  it("cancels our open re-INVITE before its BYE", () => {
    const bench = established();
    inDialog(bench, "INVITE");
    bench.receive(answerTo(bench.udp.last, 100));
    bench.udp.take();
    inDialog(bench, "BYE");
    expect(bench.udp.take().map((line) => line.split(" ")[1])).toEqual(["CANCEL", "BYE"]);
    bench.core.close();
    bench.expectIdle();
  });

  it("of a second branch is acknowledged and ended by the server", async () => {
    const bench = established();
    const sent = bench.udp.sent[0]?.text ?? "";
    bench.udp.take();
    bench.receive(answerTo(sent, 200, { tag: "second" }));
    bench.receive(answerTo(sent, 200, { tag: "second" }));
    const methods = bench.udp.take().map((line) => line.split(" ")[1]);
    expect(methods).toEqual(["ACK", "BYE", "ACK"]);
    expect(bench.app.delivered()).toHaveLength(1);
    inDialog(bench, "BYE");
    bench.receive(answerTo(bench.udp.last, 200));
    await expectIdleSoon(bench);
  });

  it("takes requests of the peer, with the tags the other way round", () => {
    const bench = established();
    const tags = { callId: "out-1", fromTag: "far", toTag: "me" };
    bench.receive(request("INFO", { ...tags, sequence: 9 }));
    expect(bench.app.delivered().at(-1)).toMatch(/^INFO /);
    expect(bench.app.sip().at(-1)?.fields[9]).toBe(DIALOG);
    bench.core.close();
  });

  it("needs an early tag to take an UPDATE while ringing", () => {
    const bench = new SipBench();
    invite(bench);
    const sent = bench.udp.last;
    const tags = { callId: "out-1", fromTag: "far", toTag: tagIn(headerIn(sent, "From")) };
    bench.receive(request("UPDATE", { ...tags, branch: "z9hG4bK-u1" }));
    expect(bench.udp.last).toMatch(/^SIP\/2\.0 481 /);
    bench.receive(answerTo(sent, 183));
    bench.receive(request("UPDATE", { ...tags, branch: "z9hG4bK-u2" }));
    expect(bench.app.delivered().at(-1)).toMatch(/^UPDATE /);
    bench.core.close();
    bench.expectIdle();
  });
});

describe("the next hop of a dialog", () => {
  const hopOf = (bench: SipBench): { to: string; uri: string; routes: number } => {
    inDialog(bench, "INFO");
    const sent = bench.udp.sent.at(-1);
    const uri = sent?.text.split(" ")[1] ?? "";
    const routes = (sent?.text.match(/\r\nRoute: /g) ?? []).length;
    bench.core.close();
    return { to: sent?.to ?? "", uri, routes };
  };

  it.each([
    ["the Contact", ["Contact: <sip:far@192.0.2.9:5080>"], "192.0.2.9:5080", 0],
    [
      "the source, of a Contact elsewhere",
      ["Contact: <sip:far@10.0.0.5:5080>"],
      "192.0.2.9:5070",
      0,
    ],
    ["the source, of a tel: Contact", ["Contact: <tel:+4930123>"], "192.0.2.9:5070", 0],
    [
      "the first route",
      [
        "Record-Route: <sip:198.51.100.2;lr>, <sip:198.51.100.1:5090;lr>",
        "Contact: <sip:far@10.0.0.5>",
      ],
      "198.51.100.1:5090",
      2,
    ],
    [
      "the source, of a private first route",
      ["Record-Route: <sip:10.0.0.1;lr>", "Contact: <sip:far@10.0.0.5>"],
      "192.0.2.9:5070",
      1,
    ],
    ["the source, of a name", ["Contact: <sip:far@pbx.example>"], "192.0.2.9:5070", 0],
  ])("is %s", (_what, headers, to, routes) => {
    const hop = hopOf(established(headers));
    expect({ to: hop.to, routes: hop.routes }).toEqual({ to, routes });
  });
});
