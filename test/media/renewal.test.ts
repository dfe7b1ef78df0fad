import { describe, expect, test } from "vitest";
import type { ModelCapabilities } from "../../src/ports/realtime-model.ts";
import { MediaLab } from "../support/media-lab.ts";
import {
  countingFaults,
  WORD_COUNT,
  WORD_MS,
  wordsFrom,
  wordsIn,
} from "../support/numbered-words.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import { TalkingModel } from "../support/talking-model.ts";

const THINK_MS = 300;
const ENDPOINT_MS = 500;
/** What a turn takes without any renewal: the end is noticed, the model thinks, packets travel. */
const USUAL_RESPONSE_MS = ENDPOINT_MS + THINK_MS + 160;
const WORDS = { maxGapMs: 400, maxLengthErrorMs: 40 };

interface CallPlan {
  readonly minutes: number;
  readonly maxSessionMs: number;
  readonly questionWords: number;
  readonly answerWords: number;
  readonly speed?: number;
  readonly readyAfterMs?: number;
}

/** A caller and a model that count, each for themselves, in turns. */
async function countTogether(plan: CallPlan): Promise<{ lab: MediaLab; model: TalkingModel }> {
  const random = new SeededRandom(11);
  const lab = new MediaLab({
    model: (clock) =>
      new TalkingModel({
        clock,
        readyAfterMs: plan.readyAfterMs ?? 700,
        answerWords: plan.answerWords,
        thinkMs: THINK_MS,
        speed: plan.speed ?? 5,
        capabilities: { history: true, maxSessionMs: plan.maxSessionMs },
      }),
  });
  await lab.openLeg();
  await lab.attachModel();
  await lab.clock.advanceMs(1000);
  let next = 0;
  while (lab.clock.nowUs() < plan.minutes * 60_000_000) {
    lab.peer.sendPcm(wordsFrom(next, plan.questionWords));
    next = (next + plan.questionWords) % WORD_COUNT;
    const turnMs = (plan.questionWords + plan.answerWords) * WORD_MS + USUAL_RESPONSE_MS;
    await lab.clock.advanceMs(turnMs + 100 + (random.uint32() % 3000));
  }
  return { lab, model: lab.model as TalkingModel };
}

/** Between the caller's last word and the first word of the answer, as the caller hears it. */
function longestResponseMs(lab: MediaLab): number {
  const waits = lab
    .factsOf("turnPlayed")
    .map(({ turn }) => turn.firstPacketAtMs - (turn.lastCallerVoiceAtMs ?? turn.firstPacketAtMs));
  return Math.max(...waits);
}

function countUpFaults(numbers: readonly number[]): readonly string[] {
  return numbers.flatMap((number, i) =>
    number === i % WORD_COUNT ? [] : [`place ${i} is ${number}`],
  );
}

describe("a successor", () => {
  async function openCall(capabilities: Partial<ModelCapabilities> = {}): Promise<MediaLab> {
    const lab = new MediaLab({ readyAfterMs: undefined, capabilities, others: ["second"] });
    await lab.openLeg();
    await lab.attachModel("talk", {
      continuity: { fallbacks: ["second"], answerTimeoutMs: undefined, filler: undefined },
    });
    lab.model.session.ready();
    await lab.clock.advanceMs(100);
    return lab;
  }

  test("is prepared as soon as the provider announces the end, and knows the resumption", async () => {
    const lab = await openCall();
    const [first] = lab.model.sessions;
    if (first !== undefined) {
      first.resumption = "handle";
    }
    await lab.clock.advanceMs(60_000);
    expect(lab.model.sessions).toHaveLength(1);
    first?.sink.onExpiring(10_000);
    await lab.clock.advanceMs(100);
    expect(lab.model.sessions).toHaveLength(2);
    expect(lab.model.session.options.resumption).toBe("handle");
    expect(lab.factsOf("modelRenewed")).toEqual([]);
    lab.model.session.ready();
    await lab.clock.advanceMs(100);
    expect(lab.factsOf("modelRenewed")).toMatchObject([{ model: "fake" }]);
    expect(first?.closed).toBe(false);
    await lab.clock.advanceMs(3500);
    expect(first?.closed).toBe(true);
    await lab.close();
  });

  test("does not take over while the model is heard, and knows what is said meanwhile", async () => {
    const lab = await openCall({ maxSessionMs: 480_000 });
    await lab.clock.advanceMs(425_000);
    expect(lab.model.sessions).toHaveLength(2);
    const [first] = lab.model.sessions;
    first?.speakTone(7, 4000, "answer");
    first?.sink.onTranscript("model", "said late", "answer", true);
    lab.model.session.ready();
    await lab.clock.advanceMs(1000);
    expect(lab.model.sessions).toHaveLength(3);
    expect(lab.model.session.options.history).toEqual([{ speaker: "model", text: "said late" }]);
    lab.model.session.ready();
    await lab.clock.advanceMs(2900);
    expect(lab.factsOf("modelRenewed")).toEqual([]);
    await lab.clock.advanceMs(200);
    expect(lab.factsOf("modelRenewed")).toHaveLength(1);
    await lab.close();
  });

  test("that fails is tried again, later each time, and the old session goes on", async () => {
    const lab = await openCall({ maxSessionMs: 480_000 });
    await lab.clock.advanceMs(421_000);
    for (let i = 0; i < 3; i += 1) {
      expect(lab.model.sessions).toHaveLength(2 + i);
      lab.model.session.fail({ code: "MODEL_RATE_LIMITED", reason: "later" });
      await lab.clock.advanceMs(1100 * 2 ** i);
    }
    expect(lab.model.sessions).toHaveLength(5);
    expect(lab.factsOf("modelReplaced")).toEqual([]);
    lab.model.session.ready();
    await lab.clock.advanceMs(100);
    expect(lab.factsOf("modelRenewed")).toHaveLength(1);
    await lab.close();
  });

  test("that is ready saves the call when the old session dies first", async () => {
    const lab = await openCall({ maxSessionMs: 480_000 });
    await lab.clock.advanceMs(421_000);
    const [first] = lab.model.sessions;
    first?.speakTone(7, 2000, "answer", 4000, false);
    lab.model.session.ready();
    await lab.clock.advanceMs(100);
    first?.fail({ code: "MODEL_LOST", reason: "at its end" });
    await lab.clock.advanceMs(100);
    expect(lab.factsOf("modelReplaced")).toMatchObject([{ model: "fake", by: "fake" }]);
    lab.peer.sendTone(3, 400);
    await lab.clock.advanceMs(2500);
    expect(lab.model.session.tonesHeard()).toEqual([3]);
    expect(lab.peer.toneMs(7)).toBe(2000);
    await lab.close();
  });
});

describe("a call longer than its model's sessions", () => {
  test("lasts 20 minutes over sessions of 8, and neither side loses or repeats a word", async () => {
    const { lab, model } = await countTogether({
      minutes: 20,
      maxSessionMs: 480_000,
      questionWords: 4,
      answerWords: 6,
    });
    const words = wordsIn(lab.peer.heardPcm());
    const ends = { maxGapMs: Number.POSITIVE_INFINITY, maxLengthErrorMs: 40 };
    expect(lab.factsOf("modelRenewed").length).toBeGreaterThanOrEqual(2);
    expect(countingFaults(words, ends)).toEqual([]);
    expect(words.length).toBeGreaterThan(500);
    expect(countUpFaults(model.heard)).toEqual([]);
    expect(model.heard.length).toBeGreaterThan(300);
    expect(longestResponseMs(lab)).toBeLessThanOrEqual(USUAL_RESPONSE_MS);
    expect(lab.factsOf("modelReplaced")).toEqual([]);
    expect(model.sessions.filter((session) => !session.closed)).toHaveLength(1);
    for (const session of model.sessions.slice(0, -1)) {
      const heardMs = ((session.pushes.at(-1)?.atUs ?? 0) - (session.pushes[0]?.atUs ?? 0)) / 1000;
      expect(heardMs).toBeLessThan(480_000);
    }
    await lab.close();
    expect(lab.clock.pending).toBe(0);
  }, 120_000);

  test("is renewed in the middle of a long answer that comes in real time, without a gap in it", async () => {
    const { lab } = await countTogether({
      minutes: 1.2,
      maxSessionMs: 30_000,
      questionWords: 2,
      answerWords: 60,
      speed: 1,
    });
    expect(lab.factsOf("modelRenewed").length).toBeGreaterThanOrEqual(1);
    const [first] = lab.factsOf("turnPlayed");
    expect(first?.turn.playedMs).toBe(60 * WORD_MS);
    const heard = wordsIn(lab.peer.heardPcm()).slice(0, 60);
    expect(countingFaults(heard, WORDS)).toEqual([]);
    await lab.close();
  });

  test("is renewed while the caller speaks on and on, and the next session hears all of the sentence", async () => {
    const { lab, model } = await countTogether({
      minutes: 0.75,
      maxSessionMs: 40_000,
      questionWords: 14,
      answerWords: 10,
      readyAfterMs: 400,
    });
    expect(lab.factsOf("modelRenewed").length).toBeGreaterThanOrEqual(1);
    expect(countUpFaults(model.heard)).toEqual([]);
    await lab.close();
  });
});
