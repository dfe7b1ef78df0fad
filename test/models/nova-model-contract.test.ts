/** Nova Sonic keeps the contract of every realtime model, against its stand-in in memory. */
import { expect } from "vitest";
import { asCallId } from "../../src/core/ids.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { NovaModel } from "../../src/models/nova-model.ts";
import { NOVA_FORMATS } from "../../src/models/nova-wire.ts";
import type { AudioFormat, ModelSessionPlan } from "../../src/ports/realtime-model.ts";
import { realtimeModelContract } from "../contract/realtime-model.ts";
import { createMemoryBedrock } from "../support/nova/memory-stream.ts";
import type { StandInGeneration } from "../support/nova/protocol.ts";
import type { NovaScript } from "../support/nova/script.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const PLAN: ModelSessionPlan = {
  callId: asCallId("call"),
  instructions: "Be kind.",
  voice: undefined,
  greeting: "Welcome. This greeting lasts for more than one second.",
  tools: [],
  dialogue: undefined,
};

const VARIANTS: readonly (readonly [StandInGeneration, AudioFormat])[] = [
  ...NOVA_FORMATS.map((format) => ["v2", format] as const),
  ["v1", { encoding: "pcm16", rateHz: 8000 }],
];

function createModel(
  clock: VirtualClock,
  script: NovaScript,
  generation: StandInGeneration,
): NovaModel {
  return new NovaModel({
    name: "nova",
    region: "us-east-1",
    model: generation === "v1" ? "amazon.nova-sonic-v1:0" : "amazon.nova-2-sonic-v1:0",
    clock,
    logger: silentLogger,
    openStream: createMemoryBedrock(clock, script, generation).openStream,
  });
}

for (const [generation, format] of VARIANTS) {
  realtimeModelContract(`Nova Sonic ${generation} at ${format.rateHz} Hz`, () => {
    const clock = new VirtualClock();
    const refuse = { status: 403, name: "UnrecognizedClientException" };
    const refusing = createModel(clock, { refuse }, generation);
    return Promise.resolve({
      model: createModel(clock, { speed: 2 }, generation),
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
