/** GPT-Live keeps the contract of every realtime model, against its stand-in in memory, with and without silence sent. */
import { expect } from "vitest";
import { asCallId } from "../../src/core/ids.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { LiveModel } from "../../src/models/gpt-live-model.ts";
import { GPT_LIVE_FORMATS } from "../../src/models/gpt-live-wire.ts";
import type { ModelSessionPlan } from "../../src/ports/realtime-model.ts";
import { realtimeModelContract } from "../contract/realtime-model.ts";
import { createLiveService } from "../support/gpt-live/bench.ts";
import type { LiveScript } from "../support/gpt-live/brain.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const PLAN: ModelSessionPlan = {
  callId: asCallId("call"),
  instructions: "Be kind.",
  voice: undefined,
  greeting: "Welcome. This greeting lasts for more than one second.",
  tools: [],
  dialogue: undefined,
};

function createModel(clock: VirtualClock, script: LiveScript): LiveModel {
  return new LiveModel({
    name: "live",
    url: "wss://api.openai.com/v1/live/sessions",
    model: "gpt-live-1",
    apiKey: "sk-x",
    clock,
    random: new SeededRandom(1),
    logger: silentLogger,
    openSocket: createLiveService(clock, script).openSocket,
  });
}

for (const format of GPT_LIVE_FORMATS) {
  for (const sendsSilence of [false, true]) {
    const { encoding, rateHz } = format;
    const stream = sendsSilence ? "an endless stream" : "pieces";
    realtimeModelContract(`GPT-Live in ${encoding} at ${rateHz} Hz, as ${stream}`, () => {
      const clock = new VirtualClock();
      const refusing = createModel(clock, { refuse: { status: 401, code: "invalid_api_key" } });
      return Promise.resolve({
        model: createModel(clock, { sendsSilence }),
        plan: PLAN,
        format,
        until: async (predicate) => {
          for (let turns = 0; turns < 1000 && !predicate(); turns += 1) {
            await clock.advanceMs(10);
          }
          expect(predicate()).toBe(true);
        },
        settle: () => clock.advanceMs(1000),
        openFailing: (sink) => refusing.open({ ...PLAN, format }, sink),
        close: async () => {
          await clock.advanceMs(10);
          expect(clock.pending).toBe(0);
        },
      });
    });
  }
}
