import { describe, expect, test } from "vitest";
import type { LocalVoice } from "../../src/ports/local-voice.ts";
import type { ModelFailure } from "../../src/ports/realtime-model.ts";
import { MediaLab } from "../support/media-lab.ts";
import { WORD_MS, wordSamples, wordsIn } from "../support/numbered-words.ts";

const LOST: ModelFailure = { code: "MODEL_LOST", reason: "gone" };
/** Says word 9 whatever the text. */
const VOICE: LocalVoice = { canSay: () => true, render: () => wordSamples(9) };
const CONTINUITY = {
  fallbacks: ["second"],
  answerTimeoutMs: undefined,
  filler: { text: "One moment, please.", afterMs: 800 },
};

async function openCall(voice?: LocalVoice): Promise<MediaLab> {
  const lab = new MediaLab({ others: ["second"], ...(voice === undefined ? {} : { voice }) });
  await lab.openLeg();
  await lab.attachModel("talk", { continuity: CONTINUITY });
  await lab.clock.advanceMs(20);
  return lab;
}

async function ask(lab: MediaLab): Promise<void> {
  lab.peer.sendTone(1, 800);
  await lab.clock.advanceMs(900);
  lab.model.session.sink.onSpeechStopped();
}

describe("a filler", () => {
  test("is said once when the caller hears nothing while a model is replaced", async () => {
    const lab = await openCall(VOICE);
    await ask(lab);
    lab.model.session.fail(LOST);
    await lab.clock.advanceMs(4000);
    lab.other("second").session.speakTone(5, 500, "answer");
    await lab.clock.advanceMs(3000);
    expect(wordsIn(lab.peer.heardPcm()).map(({ number }) => number)).toEqual([9]);
    expect(lab.peer.toneMs(5)).toBe(500);
    const turns = lab.factsOf("turnPlayed").map(({ turn }) => turn);
    expect(turns.map(({ source }) => source)).toEqual(["filler", "answer"]);
    const replacedAtMs = lab.factsOf("modelReplaced")[0]?.atMs ?? 0;
    expect((turns[0]?.firstPacketAtMs ?? 0) - replacedAtMs).toBeLessThanOrEqual(840);
    await lab.close();
  });

  test("is not said when the next model is heard in time, or nobody waits for anything", async () => {
    const prompt = await openCall(VOICE);
    await ask(prompt);
    prompt.model.session.fail(LOST);
    await prompt.clock.advanceMs(500);
    prompt.other("second").session.speakTone(5, 500, "answer");
    await prompt.clock.advanceMs(3000);
    expect(prompt.factsOf("turnPlayed")).toHaveLength(1);
    await prompt.close();

    const idle = await openCall(VOICE);
    idle.model.session.fail(LOST);
    await idle.clock.advanceMs(5000);
    expect(idle.factsOf("turnPlayed")).toEqual([]);
    await idle.close();
  });

  test("waits until what the dead model left was heard", async () => {
    const lab = await openCall(VOICE);
    await ask(lab);
    lab.model.session.speakTone(7, 3000, "half", 4000, false);
    lab.model.session.fail(LOST);
    await lab.clock.advanceMs(3000 + 700);
    expect(wordsIn(lab.peer.heardPcm()).filter(({ number }) => number === 9)).toEqual([]);
    await lab.clock.advanceMs(300 + WORD_MS);
    expect(wordsIn(lab.peer.heardPcm()).at(-1)?.number).toBe(9);
    await lab.close();
  });

  test("is left out where the machine has no voice", async () => {
    const lab = await openCall();
    await ask(lab);
    lab.model.session.fail(LOST);
    await lab.clock.advanceMs(3000);
    expect(lab.factsOf("turnPlayed")).toEqual([]);
    await lab.close();
  });
});

describe("a session that needs audio all the time", () => {
  async function pushedMs(continuousAudio: boolean, act: (lab: MediaLab) => Promise<void>) {
    const lab = new MediaLab({ capabilities: { continuousAudio } });
    await lab.openCall();
    await lab.clock.advanceMs(1000);
    await act(lab);
    const { session } = lab.model;
    const spans = session.spansHeard();
    await lab.close();
    return { ms: session.heardBytes().length / 8, spans, endMs: lab.clock.nowUs() / 1000 };
  }

  test("gets silence in real time while the call is on hold", async () => {
    const hold = async (lab: MediaLab): Promise<void> => {
      await lab.update({ direction: "inactive", held: true });
      await lab.clock.advanceMs(30_000);
    };
    expect((await pushedMs(true, hold)).ms).toBeGreaterThan(30_500);
    expect((await pushedMs(true, hold)).ms).toBeLessThan(31_300);
    expect((await pushedMs(false, hold)).ms).toBeLessThan(1300);
  });

  test("gets as much audio as time has passed when the peer pauses in sending, and no more when it goes on", async () => {
    const { ms, spans } = await pushedMs(true, async (lab) => {
      for (let i = 0; i < 5; i += 1) {
        lab.peer.sendTone(3, 1000);
        lab.peer.pause(3000);
      }
      lab.peer.sendTone(3, 1000);
      await lab.clock.advanceMs(22_000);
    });
    expect(ms).toBeGreaterThan(22_500);
    expect(ms).toBeLessThan(23_300);
    expect(spans.filter(({ sound }) => sound === 3).map((span) => span.ms)).toEqual(
      Array(6).fill(1000),
    );
  });
});
