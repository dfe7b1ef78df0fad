/** The apology as callers really get it: the local model takes over from one that died. */
import { afterEach, expect, it } from "vitest";
import { DEFAULT_FAREWELL } from "../../src/call/flow.ts";
import { LocalModel } from "../../src/models/local-model.ts";
import { NO_SPEECH, prompts } from "../support/agent-flow.ts";
import { Scenario } from "../support/scenario.ts";

let scenario: Scenario;

afterEach(async () => {
  expect(await scenario.close()).toEqual([]);
});

it("says sorry with a shipped prompt, to its last word, and hangs up", async () => {
  scenario = new Scenario({
    apology: (clock) => new LocalModel({ name: "local", clock, prompts, speech: NO_SPEECH }),
  });
  await scenario.start();
  const phone = await scenario.phone();
  const caller = scenario.call(phone);
  await scenario.clock.advanceMs(200);
  const heardBefore = phone.heard.length;
  scenario.model.session.fail({ code: "MODEL_LOST", reason: "gone" });
  await scenario.clock.advanceMs(6500);
  expect(caller.byesReceived).toBe(1);
  const spoken = phone.heard
    .slice(heardBefore)
    .filter(({ payload }) => payload.some((code) => code !== 0xff));
  const promptMs = (prompts.find(DEFAULT_FAREWELL)?.length ?? 0) / 8;
  expect(promptMs).toBeGreaterThan(2000);
  expect(Math.abs(spoken.length * 20 - promptMs)).toBeLessThanOrEqual(100);
  expect(scenario.records[0]?.transcript).toMatchObject([
    { speaker: "model", text: DEFAULT_FAREWELL },
  ]);
});
