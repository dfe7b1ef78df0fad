/** Blind transfers by REFER, on virtual time: done, refused, failed, and never told of. */
import { afterEach, describe, expect, it } from "vitest";
import { GatewayError } from "../../src/core/errors.ts";
import type { FakeInvite } from "../support/fake-signaling.ts";
import { FakeVoice } from "../support/fake-voice.ts";
import { Scenario } from "../support/scenario.ts";
import { expectGolden } from "../support/timeline.ts";

const SALES = { to: "sip:sales@pbx.example.com", waitSeconds: 20 };

let scenario: Scenario;

async function talking(invite: Partial<FakeInvite> = {}, announce?: string) {
  const sales = { ...SALES, ...(announce === undefined ? {} : { announce }) };
  scenario = new Scenario({
    hasVoice: true,
    plan: { tools: ["transfer"] },
    lastWords: { transfers: { sales } },
  });
  await scenario.start();
  const phone = await scenario.phone();
  const caller = scenario.call(phone, invite);
  await scenario.clock.advanceMs(200);
  const { session } = scenario.model;
  const transfer = (id = "t1"): void => session.sink.onToolCall(id, "transfer", '{"to":"sales"}');
  return { phone, caller, session, transfer };
}

const outcomes = (outcome: string): number | undefined =>
  scenario.metrics.counts.get(`trunkline_transfers_total ${outcome}`);

afterEach(async () => {
  expect(await scenario.close()).toEqual([]);
});

describe("a transfer", () => {
  it("waits for what is being said, follows the peer's reports, and ends the call", async () => {
    const { phone, caller, session, transfer } = await talking();
    session.speakTone(4, 600, "connecting");
    transfer();
    await scenario.clock.advanceMs(400);
    expect(caller.referrals).toEqual([]);
    await scenario.clock.advanceMs(400);
    expect(phone.tonesHeard()).toEqual([4]);
    expect(caller.referrals).toEqual([SALES.to]);
    caller.reportReferral(100, false);
    caller.reportReferral(180, false);
    await scenario.clock.advanceMs(3000);
    expect(session.toolResults).toEqual([]);
    caller.reportReferral(200, true);
    await scenario.clock.advanceMs(100);
    expect(session.toolResults).toEqual(['t1 {"ok":true}']);
    expect(caller.byesReceived).toBe(1);
    expect(scenario.records[0]).toMatchObject({
      verdict: { endedBy: "model", outcome: "completed", reason: 'transferred to "sales"' },
      tools: [{ name: "transfer", kind: "transfer", outcome: "done" }],
    });
    expect(outcomes("done")).toBe(1);
    expectGolden(scenario.timeline, "transfer");
  });

  it("says its announcement to the end before it asks the peer", async () => {
    const { phone, caller, session, transfer } = await talking({}, "I will put you through.");
    session.speakTone(4, 300, "one-moment");
    transfer();
    await scenario.clock.advanceMs(200);
    expect(scenario.voice.said).toEqual([]);
    await scenario.clock.advanceMs(500);
    expect(scenario.voice.said).toEqual(["I will put you through."]);
    expect(caller.referrals).toEqual([]);
    await scenario.clock.advanceMs(300);
    expect(caller.referrals).toEqual([SALES.to]);
    expect(phone.tonesHeard()).toEqual([4, FakeVoice.TONE]);
    caller.reportReferral(200, true);
    await scenario.clock.advanceMs(100);
  });

  it.each([
    ["busy there", 486, "failed"],
    ["a report that says nothing", undefined, "noOutcome"],
    ["an end at the beginning", 100, "noOutcome"],
  ])("goes on with the model after %s", async (_what, status, outcome) => {
    const { caller, session, transfer } = await talking();
    transfer();
    await scenario.clock.advanceMs(100);
    caller.reportReferral(status, true);
    await scenario.clock.advanceMs(100);
    expect(session.toolResults[0]).toContain('"ok":false');
    expect(caller.byesReceived).toBe(0);
    expect(outcomes(outcome)).toBe(1);
    session.speakTone(5, 300, "sorry");
    await scenario.clock.advanceMs(500);
    caller.hangUp();
    await scenario.clock.advanceMs(100);
  });

  it("is told to the model when the peer refuses it, and may be tried again", async () => {
    const { caller, session, transfer } = await talking();
    caller.onRefer = () => Promise.reject(new GatewayError("SIP_REQUEST_FAILED", { status: 603 }));
    transfer();
    await scenario.clock.advanceMs(100);
    expect(session.toolResults[0]).toContain("refused the transfer");
    caller.onRefer = () => Promise.resolve();
    transfer("t2");
    await scenario.clock.advanceMs(100);
    caller.reportReferral(200, true);
    await scenario.clock.advanceMs(100);
    expect([outcomes("refused"), outcomes("done")]).toEqual([1, 1]);
  });

  it("is not asked of a peer whose Allow has no REFER", async () => {
    const { caller, session, transfer } = await talking({
      headers: { Allow: "INVITE, ACK, BYE, CANCEL" },
    });
    transfer();
    await scenario.clock.advanceMs(100);
    expect(caller.referrals).toEqual([]);
    expect(session.toolResults[0]).toContain("cannot be transferred");
    expect(outcomes("notAllowed")).toBe(1);
    caller.hangUp();
    await scenario.clock.advanceMs(100);
  });

  it("does not wait for ever for a peer that never reports", async () => {
    const { caller, session, transfer } = await talking();
    transfer();
    await scenario.clock.advanceMs(19_000);
    expect(session.toolResults).toEqual([]);
    await scenario.clock.advanceMs(2000);
    expect(session.toolResults[0]).toContain("not known");
    expect(caller.byesReceived).toBe(0);
    caller.hangUp();
    await scenario.clock.advanceMs(100);
  });

  it("says so when the peer leaves for the target without a report", async () => {
    const { caller, transfer } = await talking();
    transfer();
    await scenario.clock.advanceMs(500);
    caller.hangUp();
    await scenario.clock.advanceMs(100);
    expect(scenario.records[0]?.verdict).toMatchObject({
      outcome: "completed",
      reason: "the peer ended the call while it was being transferred",
    });
  });

  it("takes no second one meanwhile", async () => {
    const { caller, session, transfer } = await talking();
    transfer("t1");
    await scenario.clock.advanceMs(100);
    transfer("t2");
    await scenario.clock.advanceMs(100);
    expect(session.toolResults).toEqual([expect.stringContaining("t2")]);
    expect(caller.referrals).toHaveLength(1);
    caller.reportReferral(200, true);
    await scenario.clock.advanceMs(100);
    expect([outcomes("busy"), outcomes("done")]).toEqual([1, 1]);
  });
});
