/** Nova Sonic keeps the contract of every realtime model, by the client of AWS over real HTTP/2. */
import { expect } from "vitest";
import { type AwsKeys, STAND_IN_KEYS } from "../../src/core/aws-access.ts";
import { SystemClock } from "../../src/core/clock.ts";
import { asCallId } from "../../src/core/ids.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { createBedrockStreams } from "../../src/models/nova-bedrock.ts";
import { NovaModel } from "../../src/models/nova-model.ts";
import type { AudioFormat, ModelSessionPlan } from "../../src/ports/realtime-model.ts";
import { realtimeModelContract } from "../contract/realtime-model.ts";
import { startNovaStandIn } from "../support/nova-stand-in.ts";

const PCM8: AudioFormat = { encoding: "pcm16", rateHz: 8000 };
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

realtimeModelContract("Nova Sonic over HTTP/2", async () => {
  const clock = new SystemClock();
  const standIn = await startNovaStandIn({ port: 0, script: { speed: 6, thinkMs: 50 }, clock });
  const createModel = (keys: AwsKeys): NovaModel => {
    const { endpoint } = standIn;
    const address = { region: "us-east-1", endpoint, keys };
    const model = "amazon.nova-2-sonic-v1:0";
    const openStream = createBedrockStreams(address, model);
    return new NovaModel({
      name: "nova",
      region: "us-east-1",
      model,
      clock,
      logger: silentLogger,
      openStream,
    });
  };
  const until = async (predicate: () => boolean): Promise<void> => {
    for (let turns = 0; turns < 500 && !predicate(); turns += 1) {
      await passMs(10);
    }
    expect(predicate()).toBe(true);
  };
  return {
    model: createModel(STAND_IN_KEYS),
    plan: PLAN,
    format: PCM8,
    until,
    settle: () => passMs(400),
    openFailing: (sink) =>
      createModel({ ...STAND_IN_KEYS, secretAccessKey: "wrong" }).open(
        { ...PLAN, format: PCM8 },
        sink,
      ),
    close: async () => {
      await standIn.close();
      await until(() => clock.pending === 0);
    },
  };
});
