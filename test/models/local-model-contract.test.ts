import { expect } from "vitest";
import { LocalModel } from "../../src/models/local-model.ts";
import { realtimeModelContract } from "../contract/realtime-model.ts";
import { agentPlan, NO_SPEECH, PCMU, prompts } from "../support/agent-flow.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

for (const format of [PCMU, { encoding: "pcm16", rateHz: 8000 } as const]) {
  realtimeModelContract(`the local model in ${format.encoding}`, () => {
    const clock = new VirtualClock();
    const model = new LocalModel({ name: "local", clock, prompts, speech: NO_SPEECH });
    return Promise.resolve({
      model,
      plan: agentPlan(),
      format,
      until: async (predicate) => {
        for (let turns = 0; turns < 1000 && !predicate(); turns += 1) {
          await clock.advanceMs(10);
        }
        expect(predicate()).toBe(true);
      },
      settle: () => clock.advanceMs(1000),
      openFailing: (sink) =>
        model.open({ ...agentPlan(), format: { encoding: "pcm16", rateHz: 24_000 } }, sink),
      close: async () => {
        await clock.advanceMs(10);
        expect(clock.pending).toBe(0);
      },
    });
  });
}
