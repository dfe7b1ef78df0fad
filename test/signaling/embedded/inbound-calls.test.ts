/** Calls from the network: 2xx and ACK, CANCEL races, matching of dialogs, glare. RFC 3261 sections 9, 12 to 15. */
import { describe, expect, it } from "vitest";
import { answerTo, headerIn, request, SDP, SipBench, tagIn } from "./support/sip-bench.ts";

interface Call {
  readonly bench: SipBench;
  readonly tag: string;
}

/** A call that was answered, and acknowledged unless told otherwise. */
function answered(
  options: { readonly acknowledge?: boolean; readonly headers?: string[] } = {},
): Call {
  const bench = new SipBench("invite");
  bench.receive(request("INVITE", { body: SDP, headers: options.headers ?? [] }));
  bench.app.respond(200, "", SDP);
  const tag = tagIn(headerIn(bench.udp.last, "To"));
  if (options.acknowledge !== false) {
    bench.receive(request("ACK", { branch: "z9hG4bK-ack", toTag: tag }));
  }
  bench.udp.take();
  return { bench, tag };
}

/** Lets what was ended run out. */
async function expectIdleSoon(bench: SipBench): Promise<void> {
  await bench.clock.advanceMs(64_000);
  bench.expectIdle();
}

describe("a 200 to an INVITE", () => {
  it("is told to the application before its ACK", () => {
    const { bench, tag } = answered();
    const [invite, echo, ack] = bench.app.frames;
    expect(invite?.fields.slice(9)).toEqual(["", "192.0.2.1", "5060", ""]);
    const dialogId = "call-1;from-tag=peer";
    expect(echo?.fields.slice(3, 5)).toEqual(["OK", "application"]);
    expect(echo?.fields.slice(10)).toEqual([invite?.fields[8], dialogId, "", "Msg sent:", ""]);
    expect(headerIn(echo?.message ?? "", "Contact")).toBe("<sip:192.0.2.1:5060>");
    expect(headerIn(echo?.message ?? "", "To")).toContain(`;tag=${tag}`);
    expect(ack?.fields.slice(8)).toEqual([invite?.fields[8], dialogId, ""]);
    bench.core.close();
    bench.expectIdle();
  });

  it("is repeated at 0.5, 1, 2, 4, 4 … s; without an ACK for 32 s the call ends with a BYE", async () => {
    const { bench } = answered({ acknowledge: false });
    await bench.clock.advanceMs(32_000);
    const lines = bench.udp.take();
    expect(lines.pop()).toBe("32000 BYE sip:peer@192.0.2.9:5070 SIP/2.0");
    expect(lines.map((line) => Number(line.split(" ")[0]))).toEqual([
      500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500,
    ]);
    const bye = bench.app.sip().at(-1);
    expect(bye?.fields[2]).toBe("application");
    expect(bye?.fields.slice(8)).toEqual(["unsolicited", "call-1;from-tag=peer", ""]);
    expect(headerIn(bye?.message ?? "", "Reason")).toBe('SIP;cause=200;text="ACK timeout"');
    await expectIdleSoon(bench);
  });

  it("is not repeated after its ACK; a second ACK is dropped", async () => {
    const { bench, tag } = answered();
    bench.receive(request("ACK", { branch: "z9hG4bK-again", toTag: tag }));
    await bench.clock.advanceMs(32_000);
    expect(bench.udp.take()).toEqual([]);
    expect(bench.app.delivered()).toHaveLength(2);
    expect(bench.core.counters.get("droppedStrayAck")).toBe(1);
    expect(bench.live).toMatchObject({ dialogs: 1, server: 0 });
    bench.core.close();
    bench.expectIdle();
  });

  it("accepts an ACK that bears the branch of the INVITE", () => {
    const { bench, tag } = answered({ acknowledge: false });
    bench.receive(request("ACK", { branch: "z9hG4bK-INVITE", toTag: tag }));
    expect(bench.app.delivered().at(-1)).toMatch(/^ACK /);
    bench.core.close();
    bench.expectIdle();
  });

  it("holds a BYE of the application until the ACK has come", async () => {
    const { bench, tag } = answered({ acknowledge: false });
    bench.app.send("sip||call-1;from-tag=peer", "BYE sip:placeholder SIP/2.0\r\n\r\n");
    expect(bench.udp.take()).toEqual([]);
    bench.receive(request("ACK", { branch: "z9hG4bK-ack", toTag: tag }));
    expect(bench.udp.take()).toEqual(["0 BYE sip:peer@192.0.2.9:5070 SIP/2.0"]);
    await expectIdleSoon(bench);
  });

  it("may bear a tag that the application chose, from the first ringing on", () => {
    const bench = new SipBench("invite");
    bench.receive(request("INVITE"));
    bench.app.respond(180, "To: <sip:x@y>;tag=mine\r\n");
    expect(headerIn(bench.udp.last, "To")).toBe("<sip:agent@192.0.2.1>;tag=mine");
    bench.app.respond(200, "To: <sip:x@y>;tag=other\r\n");
    expect(headerIn(bench.udp.last, "To")).toBe("<sip:agent@192.0.2.1>;tag=mine");
    bench.core.close();
  });
});

describe("a CANCEL", () => {
  it("before the answer gets 200, the INVITE 487, the application its INVITE's transaction id", async () => {
    const bench = new SipBench("invite");
    bench.receive(request("INVITE"));
    const id = bench.app.transactionId;
    bench.receive(request("CANCEL", { branch: "z9hG4bK-INVITE" }));
    expect(bench.udp.take()).toEqual([
      "0 SIP/2.0 100 Trying",
      "0 SIP/2.0 200 OK",
      "0 SIP/2.0 487 Request Terminated",
    ]);
    expect(bench.app.sip().at(-1)?.fields[8]).toBe(id);
    const late = bench.app.respond(200);
    expect(bench.app.reply(late).fields[3]).toBe("NOK");
    bench.receive(request("ACK", { branch: "z9hG4bK-INVITE" }));
    await expectIdleSoon(bench);
  });

  it("after the 200 gets 481 and changes nothing", async () => {
    const { bench } = answered({ acknowledge: false });
    bench.receive(request("CANCEL", { branch: "z9hG4bK-INVITE" }));
    expect(bench.udp.take()).toEqual(["0 SIP/2.0 481 Call/Transaction Does Not Exist"]);
    expect(bench.app.delivered()).toHaveLength(1);
    expect(bench.live).toMatchObject({ dialogs: 1 });
    await expectIdleSoon(bench);
  });

  it("after a refusal gets 200 and changes nothing", async () => {
    const bench = new SipBench("invite");
    bench.receive(request("INVITE"));
    bench.app.respond(486);
    bench.udp.take();
    bench.receive(request("CANCEL", { branch: "z9hG4bK-INVITE" }));
    expect(bench.udp.take()).toEqual(["0 SIP/2.0 200 OK"]);
    expect(bench.app.delivered()).toHaveLength(1);
    await expectIdleSoon(bench);
  });

  it("of nothing gets 481", async () => {
    const bench = new SipBench("invite");
    bench.receive(request("CANCEL"));
    expect(bench.udp.take()).toEqual(["0 SIP/2.0 481 Call/Transaction Does Not Exist"]);
    await expectIdleSoon(bench);
  });
});

describe("a request within a dialog", () => {
  it("must bear both tags and the Call-ID of the dialog", () => {
    const { bench, tag } = answered();
    const wrong = [
      { toTag: "other" },
      { toTag: tag, fromTag: "other" },
      { toTag: tag, callId: "other" },
    ];
    for (const [index, options] of wrong.entries()) {
      bench.receive(request("INFO", { ...options, sequence: 2, branch: `z9hG4bK-w${index}` }));
      expect(bench.udp.take()).toEqual(["0 SIP/2.0 481 Call/Transaction Does Not Exist"]);
    }
    bench.receive(request("INFO", { toTag: tag, sequence: 2 }));
    expect(bench.app.delivered().at(-1)).toMatch(/^INFO /);
    expect(bench.app.sip().at(-1)?.fields[9]).toBe("call-1;from-tag=peer");
    bench.core.close();
    bench.expectIdle();
  });

  it("with a lower CSeq gets 500", () => {
    const { bench, tag } = answered();
    bench.receive(request("INFO", { toTag: tag, sequence: 5 }));
    bench.receive(request("INFO", { toTag: tag, sequence: 4, branch: "z9hG4bK-low" }));
    expect(bench.udp.take()).toEqual(["0 SIP/2.0 500 Server Internal Error"]);
    bench.core.close();
  });

  it("BYE ends the dialog before the application answers, and a pending re-INVITE with 487", async () => {
    const { bench, tag } = answered();
    bench.receive(request("INVITE", { toTag: tag, sequence: 2, branch: "z9hG4bK-re" }));
    bench.receive(request("BYE", { toTag: tag, sequence: 3 }));
    expect(bench.udp.take()).toEqual(["0 SIP/2.0 100 Trying", "0 SIP/2.0 487 Request Terminated"]);
    expect(bench.live).toMatchObject({ dialogs: 0 });
    bench.app.respond(200);
    expect(bench.udp.take()).toEqual(["0 SIP/2.0 200 Whatever"]);
    await expectIdleSoon(bench);
  });

  it("BYE of an early dialog cancels the invitation", async () => {
    const bench = new SipBench("invite");
    bench.receive(request("INVITE"));
    bench.app.respond(180);
    const tag = tagIn(headerIn(bench.udp.last, "To"));
    bench.udp.take();
    bench.receive(request("BYE", { toTag: tag, sequence: 2 }));
    expect(bench.udp.take()).toEqual(["0 SIP/2.0 487 Request Terminated", "0 SIP/2.0 200 OK"]);
    expect(bench.app.delivered().at(-1)).toMatch(/^CANCEL /);
    await expectIdleSoon(bench);
  });

  it("a second re-INVITE gets 500 with Retry-After, one that meets ours 491", () => {
    const { bench, tag } = answered();
    bench.receive(request("INVITE", { toTag: tag, sequence: 2, branch: "z9hG4bK-r1" }));
    bench.receive(request("INVITE", { toTag: tag, sequence: 3, branch: "z9hG4bK-r2" }));
    expect(bench.udp.last).toMatch(/^SIP\/2\.0 500 [\s\S]*Retry-After: \d/);
    const reinvite = "INVITE sip:placeholder SIP/2.0\r\n\r\n";
    const answering = bench.app.transactionId;
    const refused = bench.app.send("sip||call-1;from-tag=peer", reinvite);
    expect(bench.app.reply(refused).fields[3]).toBe("OK");
    expect(bench.app.delivered().at(-1)).toBe("SIP/2.0 491 Request Pending");
    bench.app.send(`sip|${answering}|`, "SIP/2.0 488 No\r\n\r\n");
    bench.app.send("sip||call-1;from-tag=peer", reinvite);
    bench.receive(request("INVITE", { toTag: tag, sequence: 4, branch: "z9hG4bK-r3" }));
    expect(bench.udp.last).toMatch(/^SIP\/2\.0 491 /);
    bench.core.close();
    bench.expectIdle();
  });

  it("an UPDATE with an offer is refused like a re-INVITE, one without passes", () => {
    const { bench, tag } = answered();
    bench.app.send("sip||call-1;from-tag=peer", "INVITE sip:placeholder SIP/2.0\r\n\r\n");
    const own = bench.udp.last;
    const update = { toTag: tag, branch: "z9hG4bK-u1", sequence: 2 };
    bench.receive(request("UPDATE", { ...update, body: SDP }));
    expect(bench.udp.last).toMatch(/^SIP\/2\.0 491 /);
    bench.receive(request("UPDATE", { ...update, sequence: 3, branch: "z9hG4bK-u2" }));
    expect(bench.app.delivered().at(-1)).toMatch(/^UPDATE /);
    bench.receive(answerTo(own, 488));
    bench.receive(request("INVITE", { toTag: tag, sequence: 4, branch: "z9hG4bK-r1" }));
    bench.receive(request("UPDATE", { ...update, sequence: 5, branch: "z9hG4bK-u3", body: SDP }));
    expect(bench.udp.last).toMatch(/^SIP\/2\.0 500 [\s\S]*Retry-After: \d/);
    bench.core.close();
    bench.expectIdle();
  });

  it("moves the remote target with a re-INVITE that is accepted", () => {
    const { bench, tag } = answered();
    const moved = { toTag: tag, contact: "<sip:new@192.0.2.9:5070>" };
    bench.receive(request("INVITE", { ...moved, sequence: 2, branch: "z9hG4bK-r1" }));
    bench.app.respond(200);
    bench.app.send("sip||call-1;from-tag=peer", "INFO sip:placeholder SIP/2.0\r\n\r\n");
    expect(bench.udp.last).toMatch(/^INFO sip:new@192\.0\.2\.9:5070 SIP/);
    bench.core.close();
  });
});

describe("when the application's link is lost", () => {
  it("pending invitations get 503 and calls a BYE", async () => {
    const { bench } = answered();
    bench.receive(request("INVITE", { callId: "call-2", branch: "z9hG4bK-2" }));
    bench.udp.take();
    bench.app.close();
    bench.core.hub.onGone(bench.app.connection);
    expect(bench.udp.take()).toEqual([
      "0 SIP/2.0 503 Service Unavailable",
      "0 BYE sip:peer@192.0.2.9:5070 SIP/2.0",
    ]);
    bench.receive(request("INVITE", { callId: "call-3", branch: "z9hG4bK-3" }));
    expect(bench.udp.take()).toEqual(["0 SIP/2.0 503 Service Unavailable"]);
    await expectIdleSoon(bench);
  });
});
