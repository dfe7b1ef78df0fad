/** Sessions that end when nobody refreshes them. RFC 4028. */
import { describe, expect, it } from "vitest";
import { answerTo, headerIn, request, SDP, SipBench, tagIn } from "./support/sip-bench.ts";

const TIMER = "Supported: timer";
const INBOUND = "call-1;from-tag=peer";

interface Inbound {
  readonly bench: SipBench;
  readonly tag: string;
  readonly answer: string;
}

/** A call from the network that was answered and acknowledged. */
function inbound(headers: readonly string[], answer = ""): Inbound {
  const bench = new SipBench("invite");
  bench.receive(request("INVITE", { headers, body: SDP }));
  bench.app.respond(200, answer, SDP);
  const sent = bench.udp.last;
  const tag = tagIn(headerIn(sent, "To"));
  bench.receive(request("ACK", { branch: "z9hG4bK-ack", toTag: tag }));
  bench.udp.take();
  return { bench, tag, answer: sent };
}

/** A call of ours that was answered with `headers` and acknowledged. */
function outbound(...headers: string[]): SipBench {
  const bench = new SipBench();
  const own =
    "from: <sip:me@localhost>;tag=me\r\ncall-id: out-1\r\ncontact: <sip:me@localhost>\r\n";
  const uri = "sip:far@192.0.2.9:5070;transport=udp";
  bench.app.send("sip||", `INVITE ${uri} SIP/2.0\r\n${own}\r\n${SDP}`);
  const contact = "Contact: <sip:far@192.0.2.9:5070>";
  bench.receive(answerTo(bench.udp.last, 200, { headers: [contact, ...headers] }));
  bench.app.send("sip||out-1;from-tag=me", "ACK sip:placeholder SIP/2.0\r\n\r\n");
  bench.udp.take();
  return bench;
}

async function expectIdleSoon(bench: SipBench): Promise<void> {
  await bench.clock.advanceMs(64_000);
  bench.expectIdle();
}

describe("the answer to an INVITE with Session-Expires", () => {
  it.each([
    ["the peer, as it says", [TIMER, "Session-Expires: 1800;refresher=uac"], "1800;refresher=uac"],
    ["us, as it says", [TIMER, "Session-Expires: 1800;refresher=uas"], "1800;refresher=uas"],
    ["the peer, when it does not say", [TIMER, "x: 1800"], "1800;refresher=uac"],
    ["us, when a proxy asks for the peer", ["Session-Expires: 1800"], "1800;refresher=uas"],
    ["nobody, when it is too short and cannot be refused", ["Session-Expires: 30"], ""],
    ["nobody, when it is malformed", [TIMER, "Session-Expires: soon"], ""],
  ])("names as refresher %s", (_who, headers, expected) => {
    const { bench, answer } = inbound(headers);
    expect(headerIn(answer, "Session-Expires")).toBe(expected);
    expect(headerIn(answer, "Require")).toBe(expected.endsWith("uac") ? "timer" : "");
    bench.core.close();
    bench.expectIdle();
  });

  it("may name more than a timer can wait for, which is then not timed", async () => {
    const { bench, answer } = inbound([TIMER, "Session-Expires: 999999999;refresher=uac"]);
    expect(headerIn(answer, "Session-Expires")).toBe("999999999;refresher=uac");
    await bench.clock.advanceMs(64_000);
    expect([bench.udp.take(), bench.clock.pending]).toEqual([[], 0]);
    bench.core.close();
  });

  it("is what the application says, if it says something", () => {
    const headers = [TIMER, "Session-Expires: 1800;refresher=uac"];
    const { bench, answer } = inbound(headers, "Session-Expires: 600;refresher=uas\r\n");
    expect(headerIn(answer, "Session-Expires")).toBe("600;refresher=uas");
    bench.core.close();
  });

  it("is 422 with Min-SE when the sessions are too short", async () => {
    const bench = new SipBench("invite");
    bench.receive(request("INVITE", { headers: [TIMER, "Session-Expires: 30"] }));
    expect(bench.udp.last).toMatch(/^SIP\/2\.0 422 Session Interval Too Small/);
    expect(headerIn(bench.udp.last, "Min-SE")).toBe("90");
    expect(bench.app.delivered()).toEqual([]);
    bench.receive(request("ACK", { branch: "z9hG4bK-INVITE" }));
    await expectIdleSoon(bench);
  });
});

describe("a session that the peer refreshes", () => {
  const headers = [TIMER, "Session-Expires: 90;refresher=uac"];

  it("ends with a BYE half a minute before it expires; short ones after two thirds", async () => {
    const { bench } = inbound(headers);
    await bench.clock.advanceMs(60_000);
    expect(bench.udp.take()).toEqual(["60000 BYE sip:peer@192.0.2.9:5070 SIP/2.0"]);
    const bye = bench.app.sip().at(-1);
    expect([bye?.fields[2], bye?.fields[8], bye?.fields[9]]).toEqual([
      "application",
      "unsolicited",
      INBOUND,
    ]);
    expect(headerIn(bye?.message ?? "", "Reason")).toContain('text="Session timer expired"');
    expect(bench.core.counters.get("sessionsExpired")).toBe(1);
    await expectIdleSoon(bench);
  });

  it.each(["INVITE", "UPDATE"])("goes on with every %s", async (method) => {
    const { bench, tag } = inbound(headers);
    for (const sequence of [2, 3, 4]) {
      await bench.clock.advanceMs(45_000);
      const branch = `z9hG4bK-r${sequence}`;
      bench.receive(request(method, { toTag: tag, sequence, headers, branch }));
      bench.app.respond(200);
      expect(headerIn(bench.udp.last, "Session-Expires")).toBe("90;refresher=uac");
      bench.receive(request("ACK", { toTag: tag, sequence, branch: `z9hG4bK-a${sequence}` }));
    }
    expect(bench.core.counters.get("sessionsExpired")).toBe(0);
    bench.core.close();
    bench.expectIdle();
  });

  it("refuses to be refreshed more often than every 45 s", () => {
    const { bench, tag } = inbound(headers);
    const short = [TIMER, "Session-Expires: 40;refresher=uac"];
    bench.receive(request("UPDATE", { toTag: tag, sequence: 2, headers: short }));
    expect(bench.udp.last).toMatch(/^SIP\/2\.0 422 /);
    bench.core.close();
  });
});

describe("a session that we refresh", () => {
  const agreed = "Session-Expires: 1800;refresher=uac";

  it("gets a re-INVITE with our last description after half its time, unseen by the application", async () => {
    const bench = outbound(agreed);
    const seen = bench.app.frames.length;
    await bench.clock.advanceMs(900_000);
    const sent = bench.udp.last;
    expect(sent).toMatch(/^INVITE sip:far@192\.0\.2\.9:5070 /);
    expect(sent.endsWith(SDP)).toBe(true);
    expect(headerIn(sent, "Session-Expires")).toBe("1800;refresher=uac");
    expect(headerIn(sent, "Contact")).toBe("<sip:me@192.0.2.1:5060>");
    const headers = ["Contact: <sip:far@192.0.2.9:5070>", agreed];
    bench.receive(answerTo(sent, 200, { headers }));
    bench.receive(answerTo(sent, 200, { headers }));
    expect(bench.udp.take().map((line) => line.split(" ")[1])).toEqual(["INVITE", "ACK", "ACK"]);
    expect(bench.app.frames).toHaveLength(seen);
    await bench.clock.advanceMs(900_000);
    expect(bench.udp.last).toMatch(/^INVITE /);
    bench.core.close();
    bench.expectIdle();
  });

  it("is one we answered, too", async () => {
    const { bench, tag } = inbound([TIMER, "Session-Expires: 90;refresher=uas"]);
    await bench.clock.advanceMs(45_000);
    expect(bench.udp.last).toMatch(/^INVITE sip:peer@192\.0\.2\.9:5070 /);
    expect(tagIn(headerIn(bench.udp.last, "From"))).toBe(tag);
    bench.core.close();
    bench.expectIdle();
  });

  it.each([408, 481])("ends when the refresh is answered %i", async (status) => {
    const bench = outbound(agreed);
    await bench.clock.advanceMs(900_000);
    bench.receive(answerTo(bench.udp.last, status));
    expect(bench.udp.last).toMatch(/^BYE /);
    expect(bench.app.sip().at(-1)?.fields[8]).toBe("unsolicited");
    await expectIdleSoon(bench);
  });

  it("is refreshed again after a 491, and less often after a 422", async () => {
    const bench = outbound("Session-Expires: 90;refresher=uac");
    await bench.clock.advanceMs(45_000);
    bench.receive(answerTo(bench.udp.last, 491));
    await bench.clock.advanceMs(4100);
    expect(bench.udp.last).toMatch(/^INVITE /);
    bench.receive(answerTo(bench.udp.last, 422, { headers: ["Min-SE: 3600"] }));
    await bench.clock.advanceMs(1000);
    expect(headerIn(bench.udp.last, "Session-Expires")).toBe("3600;refresher=uac");
    bench.core.close();
    bench.expectIdle();
  });

  it("expires when every refresh is refused", async () => {
    const bench = outbound("Session-Expires: 90;refresher=uac");
    for (let round = 0; round < 4; round += 1) {
      await bench.clock.advanceMs(round === 0 ? 45_000 : 11_250);
      expect(bench.udp.last).toMatch(/^INVITE /);
      bench.receive(answerTo(bench.udp.last, 500));
    }
    await bench.clock.advanceMs(11_250);
    expect(bench.udp.last).toMatch(/^BYE /);
    await expectIdleSoon(bench);
  });

  it("lets a re-INVITE of the application wait for the refresh, and refresh in its turn", async () => {
    const bench = outbound(agreed);
    await bench.clock.advanceMs(900_000);
    const refresh = bench.udp.last;
    const reinvite = "INVITE sip:placeholder SIP/2.0\r\n\r\n";
    const id = bench.app.send("sip||out-1;from-tag=me", reinvite);
    expect(bench.app.reply(id).fields).toEqual([]);
    bench.receive(answerTo(refresh, 200, { headers: [agreed] }));
    expect(bench.app.reply(id).fields[3]).toBe("OK");
    expect(headerIn(bench.udp.last, "Session-Expires")).toBe("1800;refresher=uac");
    bench.core.close();
    bench.expectIdle();
  });

  it("is over with the call", async () => {
    const bench = outbound(agreed);
    bench.app.send("sip||out-1;from-tag=me", "BYE sip:placeholder SIP/2.0\r\n\r\n");
    bench.receive(answerTo(bench.udp.last, 200));
    await expectIdleSoon(bench);
  });
});
