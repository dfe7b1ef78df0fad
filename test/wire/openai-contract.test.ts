/** The OpenAI model keeps the contract of every realtime model over real sockets, at OpenAI's address and at Azure's. */
import { expect } from "vitest";
import { azureUrl } from "../../src/app/compose-openai.ts";
import { SystemClock } from "../../src/core/clock.ts";
import { asCallId } from "../../src/core/ids.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { systemRandom } from "../../src/core/random.ts";
import { OpenAiModel } from "../../src/models/openai-model.ts";
import type { AudioFormat, ModelSessionPlan } from "../../src/ports/realtime-model.ts";
import { realtimeModelContract } from "../contract/realtime-model.ts";
import { STAND_IN_KEY, type StandIn, startOpenAiStandIn } from "../support/openai-stand-in.ts";

const PCMU: AudioFormat = { encoding: "pcmu", rateHz: 8000 };
const PLAN: ModelSessionPlan = {
  callId: asCallId("call"),
  instructions: "Be kind.",
  voice: undefined,
  greeting: "Welcome. This greeting lasts for more than one second.",
  tools: [],
  dialogue: undefined,
};

function passMs(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}

/** The same service, as OpenAI and as a resource of Azure. */
const ADDRESSES = {
  OpenAI: ({ url }: StandIn, apiKey: string) => ({ url, apiKey }),
  Azure: ({ azureEndpoint }: StandIn, apiKey: string) => {
    return { url: azureUrl(azureEndpoint), apiKey, keyHeader: "api-key" as const };
  },
};

for (const [name, addressOf] of Object.entries(ADDRESSES)) {
  realtimeModelContract(`the ${name} model over sockets`, async () => {
    const clock = new SystemClock();
    const standIn = await startOpenAiStandIn({ port: 0, script: { speed: 6, thinkMs: 50 }, clock });
    const createModel = (apiKey: string): OpenAiModel =>
      new OpenAiModel({
        name: "openai",
        ...addressOf(standIn, apiKey),
        model: "gpt-realtime",
        clock,
        random: systemRandom,
        logger: silentLogger,
      });
    const until = async (predicate: () => boolean): Promise<void> => {
      for (let turns = 0; turns < 500 && !predicate(); turns += 1) {
        await passMs(10);
      }
      expect(predicate()).toBe(true);
    };
    return {
      model: createModel(STAND_IN_KEY),
      plan: PLAN,
      format: PCMU,
      until,
      settle: () => passMs(400),
      openFailing: (sink) => createModel("sk-wrong").open({ ...PLAN, format: PCMU }, sink),
      close: async () => {
        await standIn.close();
        await until(() => clock.pending === 0);
      },
    };
  });
}
