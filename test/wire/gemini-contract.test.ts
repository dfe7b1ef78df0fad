/** The Gemini model keeps the contract of every realtime model, over real sockets. */
import { expect } from "vitest";
import { SystemClock } from "../../src/core/clock.ts";
import { systemRandom } from "../../src/core/random.ts";
import { GeminiModel } from "../../src/models/gemini-model.ts";
import { GEMINI_HEARS } from "../../src/models/gemini-wire.ts";
import type { ModelSessionPlan } from "../../src/ports/realtime-model.ts";
import { realtimeModelContract } from "../contract/realtime-model.ts";
import { GOOD_KEY } from "../support/gemini/brain.ts";
import { GEMINI_PLAN } from "../support/gemini/model-bench.ts";
import { startGeminiStandIn } from "../support/gemini-stand-in.ts";

const PLAN: ModelSessionPlan = {
  ...GEMINI_PLAN,
  greeting: "Welcome. This greeting lasts for more than one second.",
};

function passMs(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}

realtimeModelContract("the Gemini model over sockets", async () => {
  const clock = new SystemClock();
  const standIn = await startGeminiStandIn({ port: 0, script: { speed: 6, thinkMs: 50 }, clock });
  const createModel = (apiKey: string): GeminiModel =>
    new GeminiModel({
      name: "gemini",
      url: standIn.url,
      model: "gemini-3.8-live",
      apiKey,
      transcription: true,
      maxSessionMs: 600_000,
      clock,
      random: systemRandom,
    });
  const until = async (predicate: () => boolean): Promise<void> => {
    for (let turns = 0; turns < 500 && !predicate(); turns += 1) {
      await passMs(10);
    }
    expect(predicate()).toBe(true);
  };
  return {
    model: createModel(GOOD_KEY),
    plan: PLAN,
    format: GEMINI_HEARS,
    until,
    settle: () => passMs(400),
    openFailing: (sink) => createModel("AIza-wrong").open({ ...PLAN, format: GEMINI_HEARS }, sink),
    close: async () => {
      await standIn.close();
      await until(() => clock.pending === 0);
    },
  };
});
