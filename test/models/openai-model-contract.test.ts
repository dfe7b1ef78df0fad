/** The OpenAI model keeps the contract of every realtime model, against its stand-in in memory. */
import { expect } from "vitest";
import { asCallId } from "../../src/core/ids.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { OpenAiModel } from "../../src/models/openai-model.ts";
import { OPENAI_FORMATS } from "../../src/models/openai-wire.ts";
import type { ModelSessionPlan } from "../../src/ports/realtime-model.ts";
import { realtimeModelContract } from "../contract/realtime-model.ts";
import { createMemoryService } from "../support/openai/memory-socket.ts";
import type { OpenAiScript } from "../support/openai/script.ts";
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

function createModel(clock: VirtualClock, script: OpenAiScript): OpenAiModel {
  return new OpenAiModel({
    name: "openai",
    model: "gpt-realtime",
    apiKey: "sk-x",
    clock,
    random: new SeededRandom(1),
    logger: silentLogger,
    openSocket: createMemoryService(clock, script).openSocket,
  });
}

for (const format of OPENAI_FORMATS) {
  realtimeModelContract(`the OpenAI model in ${format.encoding}`, () => {
    const clock = new VirtualClock();
    const refusing = createModel(clock, { refuse: { status: 401, code: "invalid_api_key" } });
    return Promise.resolve({
      model: createModel(clock, { speed: 2 }),
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
