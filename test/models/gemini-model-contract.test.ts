/** The Gemini model keeps the contract of every realtime model, against its stand-in in memory. */
import { expect } from "vitest";
import { GeminiModel } from "../../src/models/gemini-model.ts";
import { GEMINI_HEARS } from "../../src/models/gemini-wire.ts";
import type { ModelSessionPlan } from "../../src/ports/realtime-model.ts";
import { realtimeModelContract } from "../contract/realtime-model.ts";
import { GOOD_KEY } from "../support/gemini/brain.ts";
import { createGeminiService } from "../support/gemini/memory-socket.ts";
import { GEMINI_PLAN } from "../support/gemini/model-bench.ts";
import type { GeminiScript } from "../support/gemini/script.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const PLAN: ModelSessionPlan = {
  ...GEMINI_PLAN,
  greeting: "Welcome. This greeting lasts for more than one second.",
};

function createModel(clock: VirtualClock, script: GeminiScript, apiKey: string): GeminiModel {
  return new GeminiModel({
    name: "gemini",
    url: "wss://generativelanguage.googleapis.com/ws/x.BidiGenerateContent",
    model: "gemini-3.8-live",
    apiKey,
    transcription: true,
    maxSessionMs: 600_000,
    clock,
    random: new SeededRandom(1),
    openSocket: createGeminiService(clock, script).openSocket,
  });
}

realtimeModelContract("the Gemini model", () => {
  const clock = new VirtualClock();
  const refusing = createModel(clock, {}, "AIza-wrong");
  return Promise.resolve({
    model: createModel(clock, { speed: 2 }, GOOD_KEY),
    plan: PLAN,
    format: GEMINI_HEARS,
    until: async (predicate) => {
      for (let turns = 0; turns < 1000 && !predicate(); turns += 1) {
        await clock.advanceMs(10);
      }
      expect(predicate()).toBe(true);
    },
    settle: () => clock.advanceMs(1000),
    openFailing: (sink) => refusing.open({ ...PLAN, format: GEMINI_HEARS }, sink),
    close: async () => {
      await clock.advanceMs(10);
      expect(clock.pending).toBe(0);
    },
  });
});
