import { afterEach, describe, expect, test } from "vitest";
import { FakeModel } from "../support/fake-model.ts";
import { Scenario } from "../support/scenario.ts";

describe("the next model of a flow", () => {
  let scenario: Scenario;
  let agent: FakeModel;

  afterEach(async () => {
    expect(await scenario.close()).toEqual([]);
  });

  async function start(): Promise<Scenario> {
    scenario = new Scenario({
      model: (clock) => {
        agent = new FakeModel({ clock, name: "agent", readyAfterMs: undefined });
        return agent;
      },
      plan: {
        continuity: { fallbacks: ["apology"], answerTimeoutMs: undefined, filler: undefined },
      },
    });
    await scenario.start();
    return scenario;
  }

  test("answers a call whose first model fails while it rings", async () => {
    const { clock, model, records } = await start();
    const phone = await scenario.phone();
    const caller = scenario.call(phone);
    await clock.advanceMs(100);
    agent.session.fail({ code: "MODEL_RATE_LIMITED", reason: "too many sessions" });
    await clock.advanceMs(300);
    expect(caller.statuses).toEqual([200]);
    model.session.speakTone(5, 500, "hello");
    await clock.advanceMs(1000);
    expect(phone.tonesHeard()).toEqual([5]);
    caller.hangUp();
    await clock.advanceMs(200);
    expect(records[0]?.models).toMatchObject([
      { model: "agent", ended: "replaced", code: "MODEL_RATE_LIMITED" },
      { model: "fake", ended: "callEnded" },
    ]);
    expect(records[0]?.verdict).toMatchObject({ outcome: "completed", endedBy: "caller" });
  });

  test("answers a call whose first model does not get ready while it rings", async () => {
    const { clock, records } = await start();
    const caller = scenario.call(await scenario.phone());
    await clock.advanceMs(3900);
    expect(caller.statuses).not.toContain(200);
    await clock.advanceMs(400);
    expect(caller.statuses).toEqual([200]);
    expect(agent.session.closed).toBe(true);
    caller.hangUp();
    await clock.advanceMs(200);
    expect(records[0]?.models[0]).toMatchObject({
      ended: "replaced",
      code: "MODEL_CONNECT_FAILED",
    });
  });
});
