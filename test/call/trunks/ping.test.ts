import { describe, expect, it } from "vitest";
import { Ping } from "../../../src/call/trunks/ping.ts";
import type { PingStatus } from "../../../src/ports/trunk-directory.ts";
import { SeededRandom } from "../../support/seeded-random.ts";
import { type ScriptedAnswer, ScriptedPeer } from "../../support/sip-answers.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

class Lab {
  readonly clock = new VirtualClock();
  readonly changes: PingStatus[] = [];
  readonly peer: ScriptedPeer;
  readonly ping: Ping;

  constructor(...script: ScriptedAnswer[]) {
    this.peer = new ScriptedPeer(...script);
    this.ping = new Ping({
      clock: this.clock,
      random: new SeededRandom(3),
      uri: "sip:sbc.example;transport=udp",
      settings: { intervalSeconds: 30, timeoutSeconds: 5, downAfter: 3 },
      request: this.peer.request,
      onChange: (status) => this.changes.push(status),
    });
  }

  states(): string[] {
    return this.changes.map(({ state }) => state);
  }

  async advanceSeconds(seconds: number): Promise<void> {
    await this.clock.advanceMs(seconds * 1000);
  }
}

describe("a trunk", () => {
  it.each([200, 404, 405, 486, 501, 603])("that answers %d is up", async (status) => {
    const lab = new Lab({ status });
    expect(lab.ping.toJSON().state).toBe("unknown");
    lab.ping.start();
    await lab.advanceSeconds(0);
    expect(lab.ping.toJSON()).toMatchObject({ state: "up", status, missed: 0 });
    expect(lab.peer.requests[0]).toMatchObject({ method: "OPTIONS", timeoutMs: 5000 });
  });

  it.each([["silence"], [{ status: 408 }], [{ status: 503 }]] as const)(
    "with %j three times in a row is down, not sooner",
    async (answer) => {
      const lab = new Lab({ status: 200 }, answer);
      lab.ping.start();
      await lab.advanceSeconds(70);
      expect([lab.states(), lab.ping.toJSON().missed]).toEqual([["up"], 2]);
      await lab.advanceSeconds(33);
      expect(lab.states()).toEqual(["up", "down"]);
    },
  );

  it("is up again with one answer", async () => {
    const lab = new Lab("silence", "silence", "silence", { status: 200 });
    lab.ping.start();
    await lab.advanceSeconds(70);
    expect(lab.states()).toEqual(["down"]);
    await lab.advanceSeconds(33);
    expect(lab.states()).toEqual(["down", "up"]);
  });

  it("that answers every other time stays up", async () => {
    const lab = new Lab({ status: 200 });
    lab.ping.start();
    for (let round = 0; round < 10; round += 1) {
      lab.peer.script = ["silence", "silence", { status: 200 }];
      await lab.advanceSeconds(90);
    }
    expect(lab.states()).toEqual(["up"]);
  });

  it("is not down because our own SIP server is", async () => {
    const lab = new Lab({ status: 200 }, "lost");
    lab.ping.start();
    await lab.advanceSeconds(600);
    expect(lab.states()).toEqual(["up"]);
  });

  it("is asked at the interval, spread by a tenth, and not after the end", async () => {
    const lab = new Lab({ status: 200 });
    const times: number[] = [];
    lab.peer.onRequest = () => times.push(lab.clock.nowUs() / 1e6);
    lab.ping.start();
    await lab.advanceSeconds(600);
    for (const [index, time] of times.slice(1).entries()) {
      const pause = time - (times[index] ?? 0);
      expect(pause).toBeGreaterThanOrEqual(27);
      expect(pause).toBeLessThanOrEqual(33);
    }
    lab.ping.stop();
    expect(lab.clock.pending).toBe(0);
  });
});
