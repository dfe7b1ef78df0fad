/** What a peer does to a call that stands: hold, new addresses, keys by two ways, silence, a port that had another call. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RtpStream } from "../support/rtp-packets.ts";
import { offerOf, Scenario, type ScenarioOptions } from "../support/scenario.ts";
import { expectGolden } from "../support/timeline.ts";

let scenario: Scenario;

beforeEach(async () => {
  await started();
});

afterEach(async () => {
  expect(await scenario.close()).toEqual([]);
});

async function started(options: ScenarioOptions = {}): Promise<void> {
  scenario = new Scenario(options);
  await scenario.start();
}

describe("a hold", () => {
  it("before the greeting is over keeps it, and music out of the call", async () => {
    const phone = await scenario.phone();
    const caller = scenario.call(phone);
    await scenario.clock.advanceMs(100);
    const offer = offerOf(phone);
    scenario.model.session.speakTone(5, 1000, "greeting");
    await scenario.clock.advanceMs(300);
    for (const [hold, answered] of [
      [offer.replace("a=sendrecv", "a=sendonly"), "a=recvonly"],
      [offer.replace("a=sendrecv", "a=inactive"), "a=inactive"],
      [offer.replace(/c=IN IP4 .*/, "c=IN IP4 0.0.0.0"), "a=recvonly"],
    ] as const) {
      const verdict = await scenario.signalWhile(caller.reinvite(hold));
      expect(verdict).toMatchObject({ sdp: expect.stringContaining(answered) });
      scenario.timeline.note("sip", `held, ${answered}`);
      phone.sendTone(9, 40_000);
      await scenario.clock.advanceMs(40_000);
    }
    const resumed = await scenario.signalWhile(caller.reinvite(offer));
    expect(resumed).toMatchObject({ sdp: expect.stringContaining("a=sendrecv") });
    scenario.timeline.note("sip", "resumed");
    phone.sendTone(3, 400);
    await scenario.clock.advanceMs(2000);
    expect(scenario.model.session.tonesHeard()).toEqual([3]);
    // A sound of 400 ms pauses the greeting; what rises from silence afterwards is no pure tone.
    expect(phone.toneMs(5)).toBeGreaterThanOrEqual(960);
    caller.hangUp();
    await scenario.clock.advanceMs(100);
    expectGolden(scenario.timeline, "hold");
  });
});

describe("a re-INVITE", () => {
  it("without change is answered with the same description, and nobody notices", async () => {
    const phone = await scenario.phone();
    const caller = scenario.call(phone);
    await scenario.clock.advanceMs(100);
    phone.sendTone(3, 600);
    await scenario.clock.advanceMs(200);
    const verdict = await scenario.signalWhile(caller.reinvite(offerOf(phone)));
    expect(verdict).toEqual({ kind: "accept", sdp: caller.answerSdp });
    await scenario.clock.advanceMs(500);
    expect(scenario.model.session.tonesHeard()).toEqual([3]);
    expect(phone.sequenceGaps()).toBe(0);
  });

  it("moves the call to another telephone with another codec, and nobody hears the old one", async () => {
    const phone = await scenario.phone(4000);
    const other = await scenario.phone(4100);
    const caller = scenario.call(phone);
    await scenario.clock.advanceMs(100);
    phone.sendTone(3, 400);
    await scenario.clock.advanceMs(500);
    const offer = offerOf(other).replace("RTP/AVP 0 8 101", "RTP/AVP 8 101");
    await scenario.signalWhile(caller.reinvite(offer.replace("a=rtpmap:0 PCMU/8000\r\n", "")));
    const [to, port] = connectionOf(caller.answerSdp);
    other.idle = "nothing";
    other.connect(to, port);
    await scenario.clock.advanceMs(40);
    phone.sendTone(9, 1000);
    const alaw = new RtpStream({ law: "pcma", ssrc: 77 });
    for (let i = 0; i < 30; i += 1) {
      other.sendRaw(alaw.tone(4));
      await scenario.clock.advanceMs(20);
    }
    scenario.model.session.speakTone(6, 400, "to the new one");
    await scenario.clock.advanceMs(600);
    expect(scenario.model.session.tonesHeard()).toEqual([3, 4]);
    expect(other.heard[other.heard.length - 1]?.payloadType).toBe(8);
    expect(phone.tonesHeard()).toEqual([]);
  });
});

describe("early media", () => {
  it("flows both ways before the answer, in the stream that goes on after it", async () => {
    await scenario.close();
    await started({ mediaTimeoutMs: 1000 });
    const phone = await scenario.phone();
    phone.idle = "nothing";
    const caller = scenario.call(phone, { to: "early-5000" });
    await scenario.clock.advanceMs(20);
    expect(caller.statuses).toEqual([183]);
    phone.connect(...connectionOf(caller.earlySdp));
    await scenario.clock.advanceMs(3000);
    phone.sendTone(3, 400);
    await scenario.clock.advanceMs(600);
    expect([caller.statuses, phone.tonesHeard()]).toEqual([[183], [3]]);
    await scenario.clock.advanceMs(1500);
    expect(caller.statuses).toEqual([183, 200]);
    expect(caller.answerSdp).toBe(caller.earlySdp);
    phone.sendTone(4, 400);
    await scenario.clock.advanceMs(600);
    expect(phone.tonesHeard()).toEqual([3, 4]);
    expect(phone.sequenceGaps()).toBe(0);
    expect(phone.ssrcsHeard()).toHaveLength(1);
    expect(scenario.records).toEqual([]);
  });

  it("ends with the caller's patience", async () => {
    const caller = scenario.call(await scenario.phone(), { to: "early-5000" });
    await scenario.clock.advanceMs(100);
    caller.cancel();
    await scenario.clock.advanceMs(100);
    expect(scenario.records.map(({ verdict }) => verdict.outcome)).toEqual(["cancelled"]);
  });

  it("is not there for a caller without an offer", async () => {
    const phone = await scenario.phone();
    const answer = offerOf(phone);
    const caller = scenario.call(phone, { to: "early-500", offer: undefined, lateAnswer: answer });
    await scenario.clock.advanceMs(1000);
    expect(caller.statuses).toEqual([200]);
  });
});

describe("keys", () => {
  it("by telephone-event and INFO at once count once", async () => {
    const phone = await scenario.phone();
    const caller = scenario.call(phone);
    await scenario.clock.advanceMs(100);
    phone.sendDigits("12");
    await scenario.clock.advanceMs(250);
    caller.sendInfo("application/dtmf-relay", "Signal=1\r\nDuration=160\r\n");
    caller.sendInfo("application/dtmf", "2");
    await scenario.clock.advanceMs(1000);
    caller.sendInfo("application/dtmf-relay", "Signal=11\r\nDuration=160\r\n");
    expect(scenario.model.session.digits).toEqual(["1", "2", "#"]);
  });
});

describe("a caller whose audio stays away", () => {
  it.each([
    ["end", ["mediaTimeout"]],
    ["report", []],
  ] as const)("by the policy %s", async (mediaTimeout, outcomes) => {
    await scenario.close();
    await started({ mediaTimeout, mediaTimeoutMs: 5000 });
    const phone = await scenario.phone();
    scenario.call(phone);
    await scenario.clock.advanceMs(1000);
    phone.hush();
    await scenario.clock.advanceMs(20_000);
    expect(scenario.records.map(({ verdict }) => verdict.outcome)).toEqual(outcomes);
    const counted = scenario.metrics.counts.get(`trunkline_media_timeouts_total ${mediaTimeout}`);
    expect(counted).toBe(1);
  });

  it("is not missed while the phone rings, however long", async () => {
    await scenario.close();
    await started({ mediaTimeoutMs: 1000 });
    const phone = await scenario.phone();
    const caller = scenario.call(phone, { to: "ring-20000" });
    await scenario.clock.advanceMs(21_000);
    expect(caller.statuses).toEqual([180, 200]);
    expect(scenario.records).toEqual([]);
  });
});

describe("a port that had another call", () => {
  it("brings nothing of its caller, who sends on, into the next call", async () => {
    await scenario.close();
    await started({ rtpPorts: { min: 20_000, max: 20_003 } });
    const chatty = await scenario.phone(4000);
    const first = scenario.call(chatty);
    await scenario.clock.advanceMs(100);
    const [, port] = connectionOf(first.answerSdp);
    first.hangUp();
    chatty.sendTone(9, 200_000);
    await scenario.clock.advanceMs(9000);
    const ports: number[] = [];
    for (let turn = 0; turn < 6; turn += 1) {
      const phone = await scenario.phone(5000 + turn * 10);
      phone.idle = "nothing";
      const next = scenario.call(phone);
      await scenario.clock.advanceMs(2000);
      ports.push(connectionOf(next.answerSdp)[1]);
      phone.sendTone(3, 400);
      await scenario.clock.advanceMs(1000);
      expect(scenario.model.session.tonesHeard()).toEqual([3]);
      next.hangUp();
      await scenario.clock.advanceMs(10_000);
    }
    expect(ports.filter((used) => used === port).length).toBeGreaterThan(0);
  });

  it("brings nothing of its caller into a call that is answered at once and whose caller is silent", async () => {
    await scenario.close();
    await started({ rtpPorts: { min: 20_000, max: 20_001 } });
    const chatty = await scenario.phone(4000);
    const first = scenario.call(chatty);
    await scenario.clock.advanceMs(100);
    chatty.sendTone(9, 100_000);
    await scenario.clock.advanceMs(1000);
    first.hangUp();
    await scenario.clock.advanceMs(10_000);
    for (let turn = 0; turn < 3; turn += 1) {
      const phone = await scenario.phone(5000 + turn * 10);
      phone.idle = "nothing";
      const next = scenario.call(phone, { to: "echo" });
      await scenario.clock.advanceMs(5000);
      expect(next.statuses).toEqual([200]);
      expect(phone.tonesHeard()).toEqual([]);
      phone.sendTone(3, 400);
      await scenario.clock.advanceMs(800);
      expect(phone.tonesHeard()).toEqual([3]);
      next.hangUp();
      await scenario.clock.advanceMs(10_000);
    }
  });

  it("is not handed out while it rests, though no other is free", async () => {
    await scenario.close();
    await started({ rtpPorts: { min: 20_000, max: 20_003 } });
    const callers = [];
    for (const port of [4000, 4010]) {
      callers.push(scenario.call(await scenario.phone(port)));
    }
    await scenario.clock.advanceMs(100);
    callers[0]?.hangUp();
    await scenario.clock.advanceMs(5000);
    const early = scenario.call(await scenario.phone(4020));
    await scenario.clock.advanceMs(100);
    expect(early.statuses).toEqual([503]);
    await scenario.clock.advanceMs(5000);
    const late = scenario.call(await scenario.phone(4030));
    await scenario.clock.advanceMs(100);
    expect(late.statuses).toEqual([200]);
  });
});

function connectionOf(sdp: string | undefined): [address: string, port: number] {
  const address = /^c=IN IP4 (\S+)/m.exec(sdp ?? "")?.[1] ?? "";
  return [address, Number(/^m=audio (\d+)/m.exec(sdp ?? "")?.[1])];
}
