/** Calls among calls: caps, drains, holds, limits, echoes, and a store that fails. */
import { afterEach, describe, expect, it } from "vitest";
import { offerOf, Scenario } from "../support/scenario.ts";

let scenario: Scenario;

async function started(options: ConstructorParameters<typeof Scenario>[0] = {}) {
  scenario = new Scenario(options);
  await scenario.start();
  return scenario;
}

afterEach(async () => {
  expect(await scenario.close()).toEqual([]);
});

describe("the registry", () => {
  it("refuses past its cap with 503 and Retry-After, and takes calls again when one ended", async () => {
    await started({ maxCalls: 1 });
    const first = scenario.call(await scenario.phone(4000));
    await scenario.clock.advanceMs(100);
    const second = scenario.call(await scenario.phone(4010));
    await scenario.clock.advanceMs(100);
    expect(second.statuses).toEqual([503]);
    expect(second.refusalHeaders).toEqual({ "Retry-After": "5" });
    first.hangUp();
    await scenario.clock.advanceMs(100);
    const third = scenario.call(await scenario.phone(4020));
    await scenario.clock.advanceMs(100);
    expect(third.statuses).toEqual([200]);
    expect(scenario.metrics.counts.get("trunkline_invitations_refused_total capReached")).toBe(1);
  });

  it("refuses a stranger with 403 and takes no port for them", async () => {
    await started();
    const source = { address: "203.0.113.9", port: 5060, transport: "udp" } as const;
    const caller = scenario.call(await scenario.phone(), { source });
    await scenario.clock.advanceMs(10);
    expect(caller.statuses).toEqual([403]);
    expect(scenario.registry.activeCalls).toBe(0);
  });

  it.each([
    ["no common codec", "m=audio 4000 RTP/AVP 18", 488],
    ["no media line", "", 488],
    ["an absurd port", "m=audio 99999 RTP/AVP 0", 400],
  ])("refuses an offer with %s and takes no port for it", async (_what, line, status) => {
    await started();
    const offer = `v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n${line}\r\n`;
    const caller = scenario.call(await scenario.phone(), { offer });
    await scenario.clock.advanceMs(10);
    expect(caller.statuses).toEqual([status]);
    expect(scenario.host.toJSON()).toMatchObject({ anchors: { allocated: 0 } });
    expect(scenario.records[0]?.verdict.outcome).toBe("refused");
  });

  it("lets calls finish while it drains, and cuts those that do not", async () => {
    await started();
    const quick = scenario.call(await scenario.phone(4000));
    const slow = scenario.call(await scenario.phone(4010));
    await scenario.clock.advanceMs(100);
    const drained = scenario.registry.drain(5000);
    const late = scenario.call(await scenario.phone(4020));
    await scenario.clock.advanceMs(1000);
    quick.hangUp();
    await scenario.clock.advanceMs(5000);
    await drained;
    expect(late.statuses).toEqual([503]);
    expect(slow.byesReceived).toBe(1);
    const outcomes = scenario.records.map(({ verdict }) => verdict.outcome);
    expect(outcomes).toEqual(["completed", "drained"]);
  });

  it("hangs up for the operator, once", async () => {
    await started();
    const caller = scenario.call(await scenario.phone());
    await scenario.clock.advanceMs(100);
    const [summary] = scenario.registry.list();
    const callId = summary?.callId;
    if (callId === undefined) {
      throw new Error("no call is listed");
    }
    expect(scenario.registry.dump(callId)).toMatchObject({ state: "talking" });
    expect([scenario.registry.hangUp(callId), scenario.registry.hangUp(callId)]).toEqual([
      true,
      true,
    ]);
    await scenario.clock.advanceMs(100);
    expect(caller.byesReceived).toBe(1);
    expect(scenario.registry.hangUp(callId)).toBe(false);
    expect(scenario.records[0]?.verdict.endedBy).toBe("operator");
  });

  it("ends a call at the flow's limit", async () => {
    await started({ maxCallMs: 3000 });
    const caller = scenario.call(await scenario.phone());
    await scenario.clock.advanceMs(3200);
    expect(caller.byesReceived).toBe(1);
    expect(scenario.records[0]?.verdict.outcome).toBe("timeLimit");
  });

  it("keeps the call alive when the store fails", async () => {
    await started();
    scenario.storeFails = true;
    const caller = scenario.call(await scenario.phone());
    await scenario.clock.advanceMs(100);
    caller.hangUp();
    await scenario.clock.advanceMs(100);
    expect(scenario.registry.activeCalls).toBe(0);
  });

  it("ends a call whose SIP server is lost, and says so", async () => {
    await started();
    const caller = scenario.call(await scenario.phone());
    await scenario.clock.advanceMs(100);
    caller.loseServer();
    await scenario.clock.advanceMs(100);
    expect(scenario.records[0]?.verdict).toMatchObject({
      endedBy: "gateway",
      outcome: "serverLost",
      reason: "the SIP server was lost",
    });
  });

  it("says of a call that still rang that the SIP server was lost, not that the caller gave up", async () => {
    await started();
    const caller = scenario.call(await scenario.phone(), { to: "ring-1500" });
    await scenario.clock.advanceMs(100);
    caller.loseServer();
    await scenario.clock.advanceMs(100);
    expect(scenario.records[0]?.verdict.outcome).toBe("serverLost");
  });

  it("keeps Connect's contact in the record", async () => {
    await started();
    const headers = { "X-Amzn-ConnectContactId": "0f1e-contact" };
    const caller = scenario.call(await scenario.phone(), { headers, from: "+15550002222" });
    await scenario.clock.advanceMs(100);
    caller.hangUp();
    await scenario.clock.advanceMs(100);
    expect(scenario.records[0]).toMatchObject({
      contactId: "0f1e-contact",
      callingNumber: "+15550002222",
      calledNumber: "agent",
    });
  });
});

describe("a hold", () => {
  it("silences both directions and comes back", async () => {
    await started();
    const phone = await scenario.phone();
    const caller = scenario.call(phone);
    await scenario.clock.advanceMs(100);
    const offer = offerOf(phone);
    const held = await scenario.signalWhile(
      caller.reinvite(offer.replace("a=sendrecv", "a=inactive")),
    );
    expect(held).toMatchObject({ kind: "accept", sdp: expect.stringContaining("a=inactive") });
    const before = phone.heard.length;
    scenario.model.session.speakTone(4, 400, "during hold");
    await scenario.clock.advanceMs(500);
    expect(phone.heard.length - before).toBeLessThanOrEqual(1);
    await scenario.signalWhile(caller.reinvite(offer));
    await scenario.clock.advanceMs(600);
    expect(phone.tonesHeard()).toEqual([4]);
    caller.hangUp();
    await scenario.clock.advanceMs(100);
    expect(new Set(phone.heard.map(({ ssrc }) => ssrc)).size).toBe(1);
  });

  it("offers all it can when the peer asks for it, and takes the answer", async () => {
    await started();
    const phone = await scenario.phone();
    const caller = scenario.call(phone);
    await scenario.clock.advanceMs(100);
    const held = offerOf(phone).replace("a=sendrecv", "a=inactive");
    await scenario.signalWhile(caller.reinvite(held));
    const verdict = await scenario.signalWhile(caller.reinvite(undefined));
    expect(verdict).toMatchObject({ kind: "accept", sdp: expect.stringContaining("a=sendrecv") });
    expect(verdict).toMatchObject({ sdp: expect.stringContaining("RTP/AVP 0 8 101") });
    caller.reanswer(offerOf(phone).replace("RTP/AVP 0 8 101", "RTP/AVP 0 101"));
    scenario.model.session.speakTone(5, 400, "resumed");
    await scenario.clock.advanceMs(600);
    expect(phone.tonesHeard()).toEqual([5]);
  });

  it("stays as it was when the answer to our offer cannot be taken", async () => {
    await started();
    const phone = await scenario.phone();
    const caller = scenario.call(phone);
    await scenario.clock.advanceMs(100);
    await scenario.signalWhile(caller.reinvite(undefined));
    caller.reanswer("v=1");
    scenario.model.session.speakTone(5, 400, "still here");
    await scenario.clock.advanceMs(600);
    expect(phone.tonesHeard()).toEqual([5]);
  });

  it("does not end a call whose new offer cannot be taken", async () => {
    await started();
    const phone = await scenario.phone();
    const caller = scenario.call(phone);
    await scenario.clock.advanceMs(100);
    const refusal = caller.reinvite(offerOf(phone).replace("RTP/AVP 0 8 101", "RTP/AVP 18"));
    await expect(scenario.signalWhile(refusal)).rejects.toMatchObject({ sipStatus: 488 });
    scenario.model.session.speakTone(6, 200, "still here");
    await scenario.clock.advanceMs(400);
    expect(phone.tonesHeard()).toEqual([6]);
  });
});

describe("an echo", () => {
  it("gives the caller's audio back", async () => {
    await started();
    const phone = await scenario.phone();
    scenario.call(phone, { to: "echo" });
    await scenario.clock.advanceMs(50);
    phone.sendTone(3, 500);
    await scenario.clock.advanceMs(800);
    expect(phone.tonesHeard()).toEqual([3]);
  });

  it("rings first when asked to, and stops when the caller gives up", async () => {
    await started();
    const patient = scenario.call(await scenario.phone(4000), { to: "ring-1500" });
    const hasty = scenario.call(await scenario.phone(4010), { to: "ring-1500" });
    await scenario.clock.advanceMs(1000);
    expect(patient.statuses).toEqual([180]);
    hasty.cancel();
    await scenario.clock.advanceMs(600);
    expect(patient.statuses).toEqual([180, 200]);
    expect(hasty.statuses).toEqual([180, 487]);
  });
});
