/** When no model is left: an apology, then a transfer or a menu of keys, by the machine's own voice. */
import { afterEach, describe, expect, it } from "vitest";
import { DEFAULT_LAST_RESORT_FAREWELL } from "../../src/call/flow.ts";
import type { LastWordsPlan } from "../../src/call/last-words.ts";
import { LocalModel } from "../../src/models/local-model.ts";
import { NO_SPEECH, prompts } from "../support/agent-flow.ts";
import { Scenario } from "../support/scenario.ts";
import { expectGolden } from "../support/timeline.ts";

const MENU_WORDS =
  "Press 2 for opening hours, 3 to learn who I am, 4 to repeat your words, or 9 to hang up.";
const TRANSFERS = { sales: { to: "sip:sales@pbx.example.com", waitSeconds: 20 } };
const MENU: LastWordsPlan["resort"] = {
  menu: {
    say: MENU_WORDS,
    digits: { "2": { transfer: "sales" }, "9": "hangUp" },
    waitSeconds: 5,
    repeat: 1,
  },
};
const LOST = { code: "MODEL_LOST", reason: "gone" } as const;

let scenario: Scenario;

async function called(resort: LastWordsPlan["resort"]) {
  scenario = new Scenario({
    apology: (clock) => new LocalModel({ name: "local", clock, prompts, speech: NO_SPEECH }),
    lastWords: {
      text: DEFAULT_LAST_RESORT_FAREWELL,
      transfers: TRANSFERS,
      ...(resort && { resort }),
    },
  });
  await scenario.start();
  const phone = await scenario.phone();
  const caller = scenario.call(phone);
  const said = (): readonly string[] =>
    (scenario.registry.find(scenario.registry.list()[0]?.callId ?? ("" as never))?.transcript ?? [])
      .filter(({ speaker }) => speaker === "model")
      .map(({ text }) => text);
  return { phone, caller, said };
}

async function talking(resort: LastWordsPlan["resort"]) {
  const call = await called(resort);
  await scenario.clock.advanceMs(200);
  scenario.model.session.fail(LOST);
  return call;
}

afterEach(async () => {
  expect(await scenario.close()).toEqual([]);
});

describe("a last resort that is a transfer", () => {
  it("follows the apology", async () => {
    const { caller } = await talking({ transfer: "sales" });
    await scenario.clock.advanceMs(1000);
    expect(caller.referrals).toEqual([]);
    await scenario.clock.advanceMs(5000);
    expect(caller.referrals).toEqual(["sip:sales@pbx.example.com"]);
    caller.reportReferral(200, true);
    await scenario.clock.advanceMs(100);
    expect(scenario.records[0]?.verdict).toEqual({
      endedBy: "gateway",
      outcome: "completed",
      reason: 'transferred to "sales"',
    });
    expectGolden(scenario.timeline, "last-resort-transfer");
  });

  it("ends the call as the model left it when nobody answers there", async () => {
    const { caller } = await talking({ transfer: "sales" });
    await scenario.clock.advanceMs(6000);
    caller.reportReferral(486, true);
    await scenario.clock.advanceMs(100);
    expect(scenario.records[0]?.verdict).toMatchObject({ outcome: "modelFailed" });
  });

  it("answers a call whose models all failed while it rang", async () => {
    const { caller } = await called({ transfer: "sales" });
    await scenario.clock.advanceMs(20);
    scenario.model.session.fail(LOST);
    await scenario.clock.advanceMs(6000);
    expect(caller.statuses).toEqual([200]);
    expect(caller.referrals).toEqual(["sip:sales@pbx.example.com"]);
    caller.reportReferral(200, true);
    await scenario.clock.advanceMs(100);
    expectGolden(scenario.timeline, "last-resort-before-answer");
  });
});

describe("a last resort that is a menu", () => {
  it("says its keys, and transfers by one", async () => {
    const { phone, caller, said } = await talking(MENU);
    await scenario.clock.advanceMs(6000);
    expect(said()).toEqual([DEFAULT_LAST_RESORT_FAREWELL, MENU_WORDS]);
    phone.sendDigits("2");
    await scenario.clock.advanceMs(500);
    expect(caller.referrals).toEqual(["sip:sales@pbx.example.com"]);
    caller.reportReferral(200, true);
    await scenario.clock.advanceMs(100);
    expectGolden(scenario.timeline, "last-resort-menu");
  });

  it("hangs up by another, with the verdict of the lost model", async () => {
    const { phone, caller } = await talking(MENU);
    await scenario.clock.advanceMs(6000);
    phone.sendDigits("9");
    await scenario.clock.advanceMs(500);
    expect(caller.byesReceived).toBe(1);
    expect(scenario.records[0]?.verdict).toMatchObject({ outcome: "modelFailed" });
  });

  it("is said again after a key that it does not have, and after a failed transfer it ends", async () => {
    const { phone, caller, said } = await talking(MENU);
    await scenario.clock.advanceMs(6000);
    phone.sendDigits("7");
    await scenario.clock.advanceMs(500);
    expect(said()).toEqual([DEFAULT_LAST_RESORT_FAREWELL, MENU_WORDS, MENU_WORDS]);
    phone.sendDigits("2");
    await scenario.clock.advanceMs(500);
    caller.reportReferral(603, true);
    await scenario.clock.advanceMs(100);
    expect(caller.byesReceived).toBe(1);
  });

  it("is said again to a caller who presses nothing, then the call ends", async () => {
    const { caller, said } = await talking(MENU);
    await scenario.clock.advanceMs(17_000);
    expect(said()).toHaveLength(3);
    expect(caller.byesReceived).toBe(0);
    await scenario.clock.advanceMs(12_000);
    expect(caller.byesReceived).toBe(1);
  });
});

it("tells a call that rings that no model is there, where the flow has no last resort either", async () => {
  const { caller, phone } = await called(undefined);
  await scenario.clock.advanceMs(20);
  scenario.model.session.fail(LOST);
  await scenario.clock.advanceMs(6000);
  expect(caller.statuses).toEqual([200]);
  const spokenMs = phone
    .spansHeard()
    .reduce((sum, { sound, ms }) => sum + (sound === "silence" ? 0 : ms), 0);
  expect(spokenMs).toBeGreaterThan(1000);
  expect(caller.byesReceived).toBe(1);
  expect(scenario.records[0]?.verdict).toMatchObject({ outcome: "modelFailed" });
});
