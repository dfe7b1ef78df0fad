/** A request whose first address does not serve goes to the next. RFC 3263 section 4.3. */
import { describe, expect, it } from "vitest";
import { answerTo, headerIn, SDP, SipBench } from "./support/sip-bench.ts";

const NAME = "far.example";

/** A bench that knows `count` addresses of one name. */
function bench(count: number): SipBench {
  const made = new SipBench();
  made.dns.services["_sip._udp.far.example"] = Array.from({ length: count }, (_, index) => ({
    name: `a${index}.${NAME}`,
    priority: index,
    weight: 0,
    port: 5060,
  }));
  for (let index = 0; index < count; index += 1) {
    made.dns.addresses[`a${index}.${NAME}`] = [
      { address: `192.0.2.${100 + index}`, ttlSeconds: 60 },
    ];
  }
  return made;
}

async function send(one: SipBench, method: string): Promise<string> {
  const body = method === "INVITE" ? SDP : "";
  const text = `${method} sip:far@${NAME} SIP/2.0\r\ncall-id: out-1\r\nfrom: <sip:me@localhost>;tag=me\r\n\r\n${body}`;
  const id = one.app.send("sip||", text);
  await one.clock.advanceMs(0);
  return id;
}

const statuses = (one: SipBench): string[] =>
  one.app.delivered().map((line) => line.split(" ").slice(0, 2).join(" "));
const hosts = (one: SipBench): string[] => [...new Set(one.udp.sent.map(({ to }) => to))];

/** The last request that went to an address. */
function sentTo(one: SipBench, host: string, method: string): string {
  const isIt = ({ to, text }: { to: string; text: string }): boolean =>
    to === `${host}:5060` && text.startsWith(`${method} `);
  return one.udp.sent.filter(isIt).at(-1)?.text ?? "";
}

describe.each(["INVITE", "OPTIONS"])("%s", (method) => {
  it("goes to the next address on 503, with a branch of its own, and the application hears only the end", async () => {
    const one = bench(3);
    await send(one, method);
    const first = one.udp.last;
    one.receive(answerTo(first, 503));
    const second = one.udp.last;
    expect(hosts(one)).toEqual(["192.0.2.100:5060", "192.0.2.101:5060"]);
    for (const name of ["Call-ID", "CSeq", "From", "To"]) {
      expect(headerIn(second, name)).toBe(headerIn(first, name));
    }
    expect(headerIn(second, "Via")).not.toBe(headerIn(first, "Via"));
    one.receive(answerTo(second, 486));
    expect(statuses(one)).toEqual(["SIP/2.0 486"]);
    expect(one.core.counters.get("failovers")).toBe(1);
    await one.clock.advanceMs(100_000);
    one.expectIdle();
  });

  it("goes to the next address when one cannot be sent to", async () => {
    const one = bench(2);
    one.udp.unreachable.add("192.0.2.100");
    await send(one, method);
    await one.clock.advanceMs(0);
    expect(hosts(one)).toEqual(["192.0.2.100:5060", "192.0.2.101:5060"]);
    one.receive(answerTo(one.udp.last, 486));
    expect(statuses(one)).toEqual(["SIP/2.0 486"]);
    await one.clock.advanceMs(100_000);
    one.expectIdle();
  });

  it("leaves an address that says nothing for 4 s, and repeats nothing there any more", async () => {
    const one = bench(2);
    await send(one, method);
    await one.clock.advanceMs(4_100);
    expect(hosts(one)).toEqual(["192.0.2.100:5060", "192.0.2.101:5060"]);
    const before = one.udp.sent.filter(({ to }) => to.startsWith("192.0.2.100")).length;
    await one.clock.advanceMs(20_000);
    expect(one.udp.sent.filter(({ to }) => to.startsWith("192.0.2.100"))).toHaveLength(before);
    await one.clock.advanceMs(100_000);
    expect(statuses(one)).toEqual(["SIP/2.0 408"]);
    one.expectIdle();
  });

  it("tells the application of the last failure when no address serves", async () => {
    const one = bench(2);
    await send(one, method);
    one.receive(answerTo(one.udp.last, 503));
    one.receive(answerTo(one.udp.last, 503));
    expect(statuses(one)).toEqual(["SIP/2.0 503"]);
    await one.clock.advanceMs(100_000);
    one.expectIdle();
  });

  it("begins elsewhere the next time", async () => {
    const one = bench(2);
    await send(one, method);
    one.receive(answerTo(one.udp.last, 503));
    one.receive(answerTo(one.udp.last, 486));
    one.udp.sent.length = 0;
    await send(one, "OPTIONS");
    expect(one.udp.sent[0]?.to).toBe("192.0.2.101:5060");
    one.core.close();
  });
});

describe("an INVITE", () => {
  it("stays where somebody answered 100", async () => {
    const one = bench(2);
    await send(one, "INVITE");
    one.receive(answerTo(one.udp.last, 100));
    await one.clock.advanceMs(10_000);
    expect(hosts(one)).toEqual(["192.0.2.100:5060"]);
    one.core.close();
  });

  it("is cancelled at an address that rings after it was given up", async () => {
    const one = bench(2);
    await send(one, "INVITE");
    await one.clock.advanceMs(4_100);
    const late = sentTo(one, "192.0.2.100", "INVITE");
    one.receive(answerTo(late, 180));
    const cancel = sentTo(one, "192.0.2.100", "CANCEL");
    expect(headerIn(cancel, "Via")).toBe(headerIn(late, "Via"));
    one.receive(answerTo(late, 487));
    one.receive(answerTo(sentTo(one, "192.0.2.101", "INVITE"), 200));
    expect(statuses(one)).toEqual(["SIP/2.0 200"]);
    one.core.close();
  });

  it("is taken where it was answered after it was given up, and cancelled where it rings", async () => {
    const one = bench(2);
    await send(one, "INVITE");
    await one.clock.advanceMs(4_100);
    const current = sentTo(one, "192.0.2.101", "INVITE");
    one.receive(answerTo(current, 180, { tag: "ringing" }));
    one.receive(answerTo(sentTo(one, "192.0.2.100", "INVITE"), 200, { tag: "late" }));
    expect(statuses(one)).toEqual(["SIP/2.0 180", "SIP/2.0 200"]);
    expect(headerIn(sentTo(one, "192.0.2.101", "CANCEL"), "Via")).toBe(headerIn(current, "Via"));
    one.receive(answerTo(current, 487, { tag: "ringing" }));
    expect(statuses(one)).toHaveLength(2);
    one.core.close();
  });

  it("that is cancelled goes nowhere else", async () => {
    const one = bench(2);
    const id = await send(one, "INVITE");
    const transactionId = one.app.reply(id).fields[10] ?? "";
    one.app.send(`sip|${transactionId}|`, "CANCEL sip:x SIP/2.0\r\n\r\n");
    await one.clock.advanceMs(10_000);
    expect(hosts(one)).toEqual(["192.0.2.100:5060"]);
    one.receive(answerTo(one.udp.last, 503));
    expect(hosts(one)).toEqual(["192.0.2.100:5060"]);
    expect(statuses(one)).toEqual(["SIP/2.0 503"]);
    one.core.close();
  });

  it("is cancelled at the address it went to last", async () => {
    const one = bench(2);
    const id = await send(one, "INVITE");
    one.receive(answerTo(one.udp.last, 503));
    one.receive(answerTo(sentTo(one, "192.0.2.101", "INVITE"), 180));
    const transactionId = one.app.reply(id).fields[10] ?? "";
    one.app.send(`sip|${transactionId}|`, "CANCEL sip:x SIP/2.0\r\n\r\n");
    const invite = sentTo(one, "192.0.2.101", "INVITE");
    expect(headerIn(sentTo(one, "192.0.2.101", "CANCEL"), "Via")).toBe(headerIn(invite, "Via"));
    one.core.close();
  });
});
