/** The gate in front of the SIP server: what is not let in leaves nothing behind. */
import { describe, expect, it } from "vitest";
import type { GateAnswer, SipGate } from "../../../src/ports/sip-gate.ts";
import { headerIn, request, SDP, SipBench, tagIn } from "./support/sip-bench.ts";

const STRANGER = { host: "203.0.113.9" };

/** Knows 192.0.2.9 and nobody else. */
function gate(forStrangers: GateAnswer, listens = true): SipGate & { asked: string[] } {
  const isKnown = (address: string): boolean => address === "192.0.2.9";
  const asked: string[] = [];
  return {
    asked,
    mayConnect: (address) => forStrangers.kind !== "drop" || isKnown(address),
    listensTo: (address) => listens || isKnown(address),
    mayAnswer: (address) => forStrangers.kind !== "drop" || isKnown(address),
    admit: ({ method, source, header }) => {
      asked.push(`${method} ${header("user-agent") ?? "-"}`);
      return isKnown(source.address) ? { kind: "admit" } : forStrangers;
    },
  };
}

const DROP = { kind: "drop" } as const;
const REFUSE = {
  kind: "refuse",
  status: 401,
  reason: "Unauthorized",
  headers: [
    ["WWW-Authenticate", "Digest a"],
    ["WWW-Authenticate", "Digest b"],
  ],
} as const;

function talking(bench: SipBench): { readonly callId: string; readonly toTag: string } {
  bench.receive(request("INVITE"));
  bench.app.respond(200, "Content-Type: application/sdp\r\n", SDP);
  const toTag = tagIn(headerIn(bench.udp.last, "To"));
  bench.receive(request("ACK", { toTag, branch: "z9hG4bK-ack" }));
  bench.udp.take();
  return { callId: "call-1", toTag };
}

describe("a stranger", () => {
  it("is refused without a transaction, a 100, or a word to the application", () => {
    const bench = new SipBench("invite");
    bench.gate = gate(REFUSE);
    bench.receive(request("INVITE", { headers: ["User-Agent: x"] }), STRANGER);
    expect(bench.udp.last).toContain("WWW-Authenticate: Digest a\r\nWWW-Authenticate: Digest b");
    expect(bench.udp.take()).toEqual(["0 SIP/2.0 401 Unauthorized"]);
    expect(bench.app.frames).toEqual([]);
    expect(bench.gate).toMatchObject({ asked: ["INVITE x"] });
    expect(bench.core.counters.get("refusedNotAdmitted")).toBe(1);
    bench.expectIdle();
  });

  it.each(["INVITE", "OPTIONS", "REGISTER", "BYE", "CANCEL", "NOTIFY", "FOO"])(
    "gets nothing for %s from a hidden server",
    (method) => {
      const bench = new SipBench("invite", "options");
      bench.gate = gate(DROP);
      for (const toTag of [undefined, "guess"]) {
        bench.receive(request(method, toTag === undefined ? {} : { toTag }), STRANGER);
      }
      bench.receive(request(method).replace(/From: .*/, "From: ?"), STRANGER);
      expect(bench.udp.take()).toEqual([]);
      expect(bench.app.frames).toEqual([]);
      expect(bench.core.counters.get("droppedNotAdmitted")).toBe(3);
      bench.expectIdle();
    },
  );

  it("may not even open a connection to a hidden server", () => {
    const bench = new SipBench("invite");
    bench.gate = gate(DROP);
    const { ingress, counters } = bench.core;
    expect([ingress.mayConnect(STRANGER.host), ingress.mayConnect("192.0.2.9")]).toEqual([
      false,
      true,
    ]);
    expect(counters.get("droppedNotAdmitted")).toBe(1);
    bench.gate = gate(REFUSE);
    expect(ingress.mayConnect(STRANGER.host)).toBe(true);
  });

  it("who sends too much is not even read, but what may belong to a call is", () => {
    const bench = new SipBench("invite");
    bench.gate = gate(REFUSE, false);
    bench.receive(request("INVITE"), STRANGER);
    bench.receive("garbage", STRANGER);
    expect(bench.udp.take()).toEqual([]);
    expect(bench.core.counters.get("droppedNotAdmitted")).toBe(2);
    bench.receive(request("BYE", { toTag: "x" }), STRANGER);
    expect(bench.udp.take()).toEqual(["0 SIP/2.0 481 Call/Transaction Does Not Exist"]);
  });

  it("may end a call that it knows: peers are not always where they were", () => {
    const bench = new SipBench("invite");
    bench.gate = gate(DROP, false);
    const dialog = talking(bench);
    bench.receive(request("BYE", { ...dialog, sequence: 2 }), STRANGER);
    expect(bench.app.delivered().at(-1)).toContain("BYE");
  });
});

describe("a known peer", () => {
  it("is asked about once, not for its retransmissions, and not for its CANCEL", () => {
    const bench = new SipBench("invite");
    const asking = gate(DROP);
    bench.gate = asking;
    bench.receive(request("INVITE"));
    bench.receive(request("INVITE"));
    bench.receive(request("CANCEL", { branch: "z9hG4bK-INVITE" }));
    expect(asking.asked).toEqual(["INVITE -"]);
    expect(bench.udp.take().at(-1)).toContain("487");
  });
});
