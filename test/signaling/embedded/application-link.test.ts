/** The link of an application: authentication, routes, turns. */
import { describe, expect, it } from "vitest";
import { encodeFrame } from "../../../src/signaling/embedded/admin-framing.ts";
import { formatTime } from "../../../src/signaling/embedded/admin-protocol.ts";
import { MemoryApp, request, SipBench } from "./support/sip-bench.ts";

function newApp(bench: SipBench): MemoryApp {
  return new MemoryApp(bench.core, bench.clock, bench.random);
}

function closeAll(bench: SipBench, ...apps: readonly MemoryApp[]): void {
  for (const app of [bench.app, ...apps]) {
    app.close();
  }
  bench.core.close();
  bench.expectIdle();
}

describe("a link that has not authenticated", () => {
  it.each([
    ["route|invite", "not authenticated"],
    ["sip||\r\nOPTIONS sip:192.0.2.9 SIP/2.0", "not authenticated"],
    ["authenticate|wrong|", "incorrect secret"],
    ["authenticate", "incorrect secret"],
    ["", "Invalid message format"],
  ])("is closed upon %s", (command, reason) => {
    const bench = new SipBench();
    const app = newApp(bench);
    app.send(command);
    expect(app.frames.at(-1)?.fields.slice(3)).toEqual(["NO", reason]);
    expect(app.ended).toBe(true);
    app.send("route|invite");
    bench.receive(request("INVITE"));
    expect(bench.udp.last).toMatch(/^SIP\/2\.0 503/);
    expect(bench.core.counters.get("adminRefused")).toBe(1);
    closeAll(bench, app);
  });

  it("is closed when it says nothing for 10 s, or sends a big frame", async () => {
    const bench = new SipBench();
    const silent = newApp(bench);
    const big = newApp(bench);
    big.connection.onBytes(Buffer.from("5000#"));
    expect(big.ended).toBe(true);
    await bench.clock.advanceMs(10_000);
    expect(silent.ended).toBe(true);
    closeAll(bench, silent, big);
  });
});

describe("a link that has authenticated", () => {
  it("learns where the server listens, and its version", () => {
    const bench = new SipBench();
    const app = newApp(bench);
    const id = app.send("authenticate|sesame|tag");
    const [status, ports, version] = app.reply(id).fields.slice(3);
    expect([status, ports]).toEqual(["OK", "udp/192.0.2.1:5060"]);
    expect(version).toMatch(/^v\d+\.\d+\.\d+/);
    closeAll(bench, app);
  });

  it("may ping, and may send frames of any size up to 1 MiB", () => {
    const bench = new SipBench();
    expect(bench.app.reply(bench.app.send("ping")).fields.slice(3)).toEqual(["OK", "pong"]);
    const body = "x".repeat(100_000);
    const text = `MESSAGE sip:192.0.2.9 SIP/2.0\r\ncontent-type: text/plain\r\n\r\n${body}`;
    bench.app.send("sip||", text);
    expect(bench.udp.last.endsWith(body)).toBe(true);
    closeAll(bench);
  });

  it("cannot have the server proxy", () => {
    const bench = new SipBench();
    const id = bench.app.send("proxy|x||||serial|||sip:a", "INVITE sip:a SIP/2.0\r\n\r\n");
    expect(bench.app.reply(id).fields[3]).toBe("NOK");
    closeAll(bench);
  });

  it.each([
    ["dance", "Unknown message type"],
    ["sip||", "transaction id missing"],
  ])("is closed upon %s", (command, reason) => {
    const bench = new SipBench();
    const id = bench.app.send(command, "SIP/2.0 200 OK\r\n\r\n");
    expect(bench.app.reply(id).fields.slice(3)).toEqual(["NO", reason]);
    expect(bench.app.ended).toBe(true);
    closeAll(bench);
  });

  it("cannot answer or end what belongs to another", () => {
    const bench = new SipBench("invite");
    const other = newApp(bench);
    other.greet();
    bench.receive(request("INVITE"));
    const id = other.send(`sip|${bench.app.transactionId}|`, "SIP/2.0 200 OK\r\n\r\n");
    expect(other.reply(id).fields[3]).toBe("NOK");
    bench.app.respond(200);
    const bye = other.send("sip||call-1;from-tag=peer", "BYE sip:placeholder SIP/2.0\r\n\r\n");
    expect(other.reply(bye).fields[4]).toContain("unable to find dialog");
    closeAll(bench, other);
  });
});

describe("routes", () => {
  it("are idempotent, take turns, and end with remove_route or the link", () => {
    const bench = new SipBench("invite", "invite", "INVITE");
    const other = newApp(bench);
    other.greet("invite", "message");
    const owners = (count: number, prefix: string): number[] => {
      const before = [bench.app.sip().length, other.sip().length] as const;
      for (let index = 0; index < count; index += 1) {
        bench.receive(
          request("INVITE", { callId: `${prefix}${index}`, branch: `z9hG4bK${prefix}${index}` }),
        );
      }
      return [bench.app.sip().length - before[0], other.sip().length - before[1]];
    };
    expect(owners(6, "a")).toEqual([3, 3]);
    other.send("remove_route|invite");
    expect(owners(2, "b")).toEqual([2, 0]);
    expect(bench.core.hub.methods).toEqual(["INVITE", "MESSAGE"]);
    bench.core.hub.onGone(bench.app.connection);
    expect(owners(1, "c")).toEqual([0, 0]);
    closeAll(bench, other);
  });
});

it("writes times in UTC with microseconds", () => {
  expect(formatTime(Date.UTC(2026, 0, 1, 10, 45, 56) + 225.75)).toBe("10:45:56.225750");
});

it("frames a message behind its leader", () => {
  expect(encodeFrame("a|b", Buffer.from("c")).toString()).toBe("6#a|b\r\nc");
});
