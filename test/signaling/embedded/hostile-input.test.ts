/** What arrives from strangers: answered when it can be, counted when not, never fatal. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { headerIn, request, SipBench } from "./support/sip-bench.ts";

function replace(text: string, line: RegExp, by: string): string {
  return text.replace(line, by);
}

describe("a malformed request", () => {
  it.each([
    ["no Via parameters that make sense", /Via: .*/, "Via: nonsense", "400 Bad Via Header"],
    ["no From", /From: .*\r\n/, "", "400 Bad From Header"],
    ["a From without a tag", /;tag=peer/, "", "400 Bad From Header"],
    ["a From tag with a bar", /;tag=peer/, ";tag=a|b", "400 Bad From Header"],
    ["an unreadable To", /To: .*/, "To: ", "400 Bad To Header"],
    ["no Call-ID", /Call-ID: .*\r\n/, "", "400 Bad Call-ID Header"],
    ["a Call-ID with a bar", /Call-ID: .*/, "Call-ID: a|b", "400 Bad Call-ID Header"],
    ["a CSeq of another method", /1 INVITE/, "1 BYE", "400 Bad CSeq Header"],
    ["a CSeq beyond 2^31", /1 INVITE/, "4294967296 INVITE", "400 Bad CSeq Header"],
    ["too little body", /Content-Length: 0/, "Content-Length: 9", "400 Bad Content-Length Header"],
    ["a bad length", /Content-Length: 0/, "Content-Length: -1", "400 Bad Content-Length Header"],
    ["a line without a colon", /Max-Forwards: 70/, "Max-Forwards 70", "400 Bad Header Line"],
    ["a NUL", /Max-Forwards: 70/, "Subject: a\0b", "400 Bad Subject Header"],
    ["a bare line feed", /Max-Forwards: 70/, "Subject: a\nb", "400 Bad Subject Header"],
    ["a long line", /Max-Forwards: 70/, `X-A: ${"a".repeat(8192)}`, "400 X-A Header Too Long"],
    ["many headers", /Max-Forwards: 70/, "A: b\r\n".repeat(200).trimEnd(), "400 Too Many Headers"],
    ["a bad URI", /sip:agent@192\.0\.2\.1 /, "sip:agent@ ", "400 Bad Request-URI"],
    ["spaces in the URI", /sip:agent@192\.0\.2\.1 /, "sip:a b@192.0.2.1 ", "400 Bad Request-URI"],
    ["another version", /SIP\/2\.0\r\nVia/, "SIP/3.0\r\nVia", "505 Version Not Supported"],
    ["a Contact of *", /Contact: .*/, "Contact: *", "400 Bad Contact Header"],
    ["no hops left", /Max-Forwards: 70/, "Max-Forwards: 0", "483 Too Many Hops"],
    ["many Vias", /Max-Forwards: 70/, viaLines(70), "483 Too Many Hops"],
  ])("with %s is answered", (_what, line, by, status) => {
    const bench = new SipBench("invite");
    bench.receive(replace(request("INVITE"), line, by));
    expect(bench.udp.take()).toEqual([`0 SIP/2.0 ${status}`]);
    expect(bench.app.delivered()).toEqual([]);
    bench.expectIdle();
  });

  it("is not answered when it is an ACK", () => {
    const bench = new SipBench("invite");
    bench.receive(replace(request("ACK"), /Call-ID: .*/, "Call-ID: a|b"));
    expect(bench.udp.take()).toEqual([]);
    expect(bench.core.counters.get("droppedMalformed")).toBe(1);
    bench.expectIdle();
  });
});

function viaLines(count: number): string {
  return Array.from({ length: count }, (_, i) => `Via: SIP/2.0/UDP h${i}.example`).join("\r\n");
}

it("writes the true source into the top Via, whatever it claimed", () => {
  const bench = new SipBench("options");
  const claimed =
    "Via: SIP/2.0/UDP 10.0.0.1:5999;rport=1;received=6.6.6.6;branch=z9hG4bK-x, SIP/2.0/UDP b";
  bench.receive(replace(request("OPTIONS"), /Via: .*/, claimed));
  bench.app.respond(200);
  expect(headerIn(bench.udp.last, "Via")).toBe(
    "SIP/2.0/UDP 10.0.0.1:5999;branch=z9hG4bK-x;rport=5070;received=192.0.2.9, SIP/2.0/UDP b",
  );
  expect(bench.udp.sent[0]?.to).toBe("192.0.2.9:5070");
  bench.core.close();
});

it("gives the application long header names and a true Content-Length", () => {
  const bench = new SipBench("message");
  const text = [
    "MESSAGE sip:agent@192.0.2.1 SIP/2.0",
    "v: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK-c",
    "f: <sip:peer@192.0.2.9>;tag=1",
    "t: <sip:agent@192.0.2.1>",
    "i: compact",
    "CSeq: 1 MESSAGE",
    "r: <sip:x@y>",
    "Subject: folded",
    "  over two lines",
    "c: text/plain",
    "",
    "one\r\n\r\ntwo",
  ].join("\r\n");
  bench.receive(text);
  const message = bench.app.sip()[0]?.message ?? "";
  expect(message).toContain("\r\nrefer-to: <sip:x@y>\r\n");
  expect(message).toContain("\r\nSubject: folded over two lines\r\n");
  expect(message).toMatch(/Content-Length: 10\r\n\r\none\r\n\r\ntwo$/);
  bench.core.close();
});

describe("methods outside dialogs that no application took", () => {
  it.each([
    ["INVITE", "503 Service Unavailable"],
    ["OPTIONS", "503 Service Unavailable"],
    ["REGISTER", "405 Method Not Allowed"],
    ["XYZZY", "405 Method Not Allowed"],
    ["BYE", "481 Call/Transaction Does Not Exist"],
    ["PRACK", "481 Call/Transaction Does Not Exist"],
  ])("%s gets %s", async (method, status) => {
    const bench = new SipBench("message");
    bench.receive(request(method));
    expect(bench.udp.take()[0]).toBe(`0 SIP/2.0 ${status}`);
    await bench.clock.advanceMs(64_000);
    bench.expectIdle();
  });

  it("405 names the methods that are taken", () => {
    const bench = new SipBench("invite", "message");
    bench.receive(request("REGISTER"));
    expect(headerIn(bench.udp.last, "Allow")).toBe("INVITE, MESSAGE, ACK, BYE, CANCEL");
    bench.core.close();
  });
});

it("refuses new requests without remembering them when there are too many, but not old ones", async () => {
  const bench = new SipBench("options");
  for (let index = 0; index < 25; index += 1) {
    bench.receive(request("OPTIONS", { callId: `c${index}`, branch: `z9hG4bK${index}` }));
  }
  expect(bench.udp.take()).toEqual(Array(5).fill("0 SIP/2.0 503 Service Unavailable"));
  expect(bench.core.counters.get("refusedOverload")).toBe(5);
  bench.app.respond(200);
  bench.udp.take();
  bench.receive(request("OPTIONS", { callId: "c19", branch: "z9hG4bK19" }));
  expect(bench.udp.take()).toEqual(["0 SIP/2.0 200 Whatever"]);
  await bench.clock.advanceMs(64_000);
  bench.expectIdle();
});

it("contains a fault of its own: counted, and the next call works", () => {
  const bench = new SipBench("options");
  const pick = bench.core.hub.pick.bind(bench.core.hub);
  let faulty = true;
  Object.defineProperty(bench.core.hub, "pick", {
    value: (method: string) => {
      if (faulty) {
        throw new Error("bug");
      }
      return pick(method);
    },
  });
  bench.receive(request("OPTIONS", { callId: "a", branch: "z9hG4bK-a" }));
  faulty = false;
  bench.receive(request("OPTIONS", { callId: "b", branch: "z9hG4bK-b" }));
  expect(bench.core.counters.get("faults")).toBe(1);
  expect(bench.app.delivered()).toHaveLength(1);
  bench.core.close();
});

it("drops and counts what is no SIP message", () => {
  const bench = new SipBench();
  const inputs = ["", "\r\n\r\n", "hello\r\n\r\n", "INVITE sip:x SIP/2.0\r\n", "\0\0\0\0\r\n\r\n"];
  for (const text of [...inputs, "SIP/2.0 99 X\r\n\r\n", "SIP/2.0 200 OK\r\n\r\n"]) {
    bench.receive(text);
  }
  bench.receiveBytes(Buffer.alloc(70_000, 65));
  expect(bench.core.counters.toJSON()).toMatchObject({
    droppedEmpty: 2,
    droppedNotSip: 3,
    droppedUnterminated: 1,
    droppedMalformed: 1,
    droppedTooBig: 1,
    faults: 0,
  });
  expect(bench.udp.sent).toEqual([]);
  bench.expectIdle();
});

describe("no input throws, leaks or counts as a fault", () => {
  const survives = (bytes: Buffer): void => {
    const bench = new SipBench("invite", "options");
    bench.receiveBytes(bytes);
    bench.receiveBytes(bytes, { transport: bench.tcp });
    bench.core.close();
    bench.expectIdle();
  };

  it("random bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => survives(Buffer.from(bytes))),
    );
  });

  it("valid requests with bytes overwritten, removed or doubled", () => {
    const methods = fc.constantFrom("INVITE", "ACK", "BYE", "CANCEL", "OPTIONS");
    const edits = fc.array(fc.tuple(fc.nat(500), fc.nat(255), fc.nat(2)), { maxLength: 6 });
    const property = fc.property(methods, edits, (method, list) => {
      let bytes = Buffer.from(request(method, { toTag: "t", body: "v=0" }));
      for (const [position, value, kind] of list) {
        const at = position % bytes.length;
        const insert = kind === 0 ? [] : [Buffer.of(value)];
        const skip = kind === 2 ? 0 : 1;
        bytes = Buffer.concat([bytes.subarray(0, at), ...insert, bytes.subarray(at + skip)]);
      }
      survives(bytes);
    });
    fc.assert(property, { numRuns: 400 });
  });
});
