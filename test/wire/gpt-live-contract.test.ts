/** GPT-Live keeps the contract of every realtime model over real sockets, and says in plain words what is wrong. */
import { afterEach, describe, expect, it } from "vitest";
import { SystemClock } from "../../src/core/clock.ts";
import { asCallId } from "../../src/core/ids.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { systemRandom } from "../../src/core/random.ts";
import { LiveModel } from "../../src/models/gpt-live-model.ts";
import type { AudioFormat, ModelSessionPlan } from "../../src/ports/realtime-model.ts";
import { realtimeModelContract } from "../contract/realtime-model.ts";
import type { LiveScript } from "../support/gpt-live/brain.ts";
import { LIVE_STAND_IN_KEY, startLiveStandIn } from "../support/gpt-live-stand-in.ts";
import { LineSink } from "../support/openai/line-sink.ts";

const MIB = 1024 * 1024;
const PCMU: AudioFormat = { encoding: "pcmu", rateHz: 8000 };
const PLAN: ModelSessionPlan = {
  callId: asCallId("call"),
  instructions: "Be kind.",
  voice: undefined,
  greeting: "Welcome. This greeting lasts for more than one second.",
  tools: [],
  dialogue: undefined,
};
const clock = new SystemClock();

function passMs(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}

async function until(predicate: () => boolean): Promise<void> {
  for (let turns = 0; turns < 800 && !predicate(); turns += 1) {
    await passMs(10);
  }
  expect(predicate()).toBe(true);
}

function createModel(url: string, apiKey: string): LiveModel {
  return new LiveModel({
    name: "live",
    url,
    model: "gpt-live-1",
    apiKey,
    clock,
    random: systemRandom,
    logger: silentLogger,
    connectTimeoutMs: 1000,
  });
}

realtimeModelContract("GPT-Live over sockets", async () => {
  const script = { speed: 6, thinkMs: 50 };
  const standIn = await startLiveStandIn({ port: 0, script, clock });
  const model = (apiKey: string): LiveModel => createModel(standIn.url, apiKey);
  return {
    model: model(LIVE_STAND_IN_KEY),
    plan: PLAN,
    format: PCMU,
    until,
    settle: () => passMs(400),
    openFailing: (sink) => model("sk-wrong").open({ ...PLAN, format: PCMU }, sink),
    close: async () => {
      await standIn.close();
      await until(() => clock.pending === 0);
    },
  };
});

describe("GPT-Live over real sockets", () => {
  const closers: (() => unknown)[] = [];

  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) {
      await close();
    }
    await until(() => clock.pending === 0);
  });

  it.each<[string, LiveScript, string, string, RegExp]>([
    ["a wrong key", {}, "sk-wrong", "MODEL_REJECTED", /key or token was refused/],
    [
      "too many sessions",
      { refuse: { status: 429, code: "x" } },
      LIVE_STAND_IN_KEY,
      "MODEL_RATE_LIMITED",
      /takes no more sessions/,
    ],
    ["a mute service", { mute: true }, LIVE_STAND_IN_KEY, "MODEL_CONNECT_FAILED", /no session/],
    [
      "a message of 20 MiB",
      { garbage: [" ".repeat(20 * MIB)] },
      LIVE_STAND_IN_KEY,
      "MODEL_PROTOCOL",
      /too long/,
    ],
    ["a limit of time", { sessionMs: 300 }, LIVE_STAND_IN_KEY, "MODEL_LOST", /longest duration/],
  ])("fails once on %s", async (_name, script, key, code, reason) => {
    const standIn = await startLiveStandIn({ port: 0, script, clock });
    closers.push(() => standIn.close());
    const sink = new LineSink();
    const session = createModel(standIn.url, key).open({ ...PLAN, format: PCMU }, sink);
    closers.push(() => session.close());
    await until(() => sink.failures.length > 0);
    await passMs(50);
    expect(sink.failures).toEqual([{ code, reason: expect.stringMatching(reason) }]);
  });
});
