import { describe, expect, test } from "vitest";
import type { Continuity } from "../../src/ports/media-host.ts";
import type { ModelFailure } from "../../src/ports/realtime-model.ts";
import { MediaLab, type MediaLabOptions } from "../support/media-lab.ts";

const LOST: ModelFailure = { code: "MODEL_LOST", reason: "gone" };
const CONTINUITY = { fallbacks: ["second"], answerTimeoutMs: undefined, filler: undefined };

async function openCall(
  options: MediaLabOptions = {},
  continuity: Partial<Continuity> = {},
  greeting?: string,
): Promise<MediaLab> {
  const lab = new MediaLab({ others: ["second", "third"], ...options });
  await lab.openLeg();
  await lab.attachModel("talk", {
    continuity: { ...CONTINUITY, ...continuity },
    plan: { ...lab.plan, greeting },
  });
  await lab.clock.advanceMs(20);
  return lab;
}

/** The caller asks, the model says so and answers. */
async function exchange(lab: MediaLab, item: string, tone: number): Promise<void> {
  const { session } = lab.model;
  lab.peer.sendTone(1, 800);
  await lab.clock.advanceMs(900);
  session.sink.onSpeechStopped();
  session.sink.onTranscript("caller", `question ${item}`, `ask-${item}`, true);
  session.speakTone(tone, 600, item);
  session.sink.onTranscript("model", `answer ${item}`, item, true);
  await lab.clock.advanceMs(1500);
}

describe("failover", () => {
  test("gives the next model the history and the question that was not answered", async () => {
    const lab = await openCall();
    await exchange(lab, "one", 7);
    lab.peer.sendTone(2, 800);
    await lab.clock.advanceMs(900);
    lab.model.session.sink.onSpeechStopped();
    lab.model.session.fail(LOST);
    await lab.clock.advanceMs(1000);
    const second = lab.other("second").session;
    expect(second.options.history).toEqual([
      { speaker: "caller", text: "question one" },
      { speaker: "model", text: "answer one" },
    ]);
    expect(second.tonesHeard()).toEqual([2]);
    expect(second.spansHeard().find(({ sound }) => sound === 2)?.ms).toBeGreaterThanOrEqual(780);
    second.speakTone(5, 400, "one");
    await lab.clock.advanceMs(1000);
    expect(lab.peer.tonesHeard()).toEqual([7, 5]);
    expect(lab.factsOf("modelReplaced")).toMatchObject([
      { model: "fake", by: "second", code: "MODEL_LOST", reason: "gone" },
    ]);
    expect(lab.factsOf("modelFailed")).toEqual([]);
    expect(lab.factsOf("turnPlayed").map(({ turn }) => turn.itemId)).toEqual(["one", "2~one"]);
    expect(second.playedItems).toEqual(["one"]);
    await lab.close();
    expect(lab.clock.pending).toBe(0);
  });

  test("plays what the dead model gave to its end, and then the next model's answer", async () => {
    const lab = await openCall();
    lab.peer.sendTone(1, 800);
    await lab.clock.advanceMs(900);
    lab.model.session.sink.onSpeechStopped();
    lab.model.session.speakTone(7, 2000, "half", 4000, false);
    await lab.clock.advanceMs(500);
    lab.model.session.fail(LOST);
    await lab.clock.advanceMs(400);
    lab.other("second").session.speakTone(5, 500, "again");
    await lab.clock.advanceMs(3000);
    expect(lab.peer.tonesHeard()).toEqual([7, 5]);
    expect(lab.peer.toneMs(7)).toBe(2000);
    expect(lab.peer.toneMs(5)).toBe(500);
    expect(lab.other("second").session.tonesHeard()).toEqual([1]);
    await lab.close();
  });

  test("lets the caller interrupt what the dead model left, through the next model", async () => {
    const lab = await openCall();
    lab.peer.sendTone(1, 800);
    await lab.clock.advanceMs(900);
    lab.model.session.speakTone(7, 5000, "half", 4000, false);
    lab.model.session.fail(LOST);
    await lab.clock.advanceMs(1000);
    lab.peer.sendTone(3, 600);
    await lab.clock.advanceMs(300);
    lab.other("second").session.sink.onSpeechStarted();
    await lab.clock.advanceMs(500);
    expect(lab.peer.toneMs(7)).toBeLessThan(1500);
    expect(lab.factsOf("bargedIn")).toMatchObject([{ itemId: "half" }]);
    expect(lab.other("second").session.interrupts).toEqual([]);
    await lab.close();
  });

  test("keeps what the caller says while the next model is not there yet", async () => {
    const lab = await openCall();
    lab.model.session.fail(LOST);
    lab.peer.sendTone(4, 600);
    await lab.clock.advanceMs(1500);
    const second = lab.other("second").session;
    expect(second.tonesHeard()).toEqual([4]);
    expect(second.spansHeard().find(({ sound }) => sound === 4)?.ms).toBeGreaterThanOrEqual(580);
    await lab.close();
  });

  test("cuts the answer in the history to what was heard of it", async () => {
    const lab = await openCall();
    lab.peer.sendTone(1, 800);
    await lab.clock.advanceMs(900);
    const { session } = lab.model;
    session.sink.onTranscript("caller", "tell me all", "ask", true);
    session.speakTone(7, 4000, "long");
    session.sink.onTranscript("model", "one two three four five six seven eight", "long", true);
    await lab.clock.advanceMs(2020);
    lab.peer.sendTone(3, 600);
    session.sink.onSpeechStarted();
    await lab.clock.advanceMs(700);
    session.fail(LOST);
    await lab.clock.advanceMs(400);
    expect(lab.other("second").session.options.history).toEqual([
      { speaker: "caller", text: "tell me all" },
      { speaker: "model", text: "one two three four" },
    ]);
    expect(lab.other("second").session.tonesHeard()).toEqual([3]);
    await lab.close();
  });

  test("greets again when the greeting was not heard to its end, and not when it was", async () => {
    for (const heard of [false, true]) {
      const lab = await openCall({}, {}, "Hello.");
      lab.model.session.speakTone(7, 1000, "greeting", 4000, heard);
      lab.model.session.sink.onTranscript("model", "Hello.", "greeting", heard);
      await lab.clock.advanceMs(1200);
      lab.model.session.fail(LOST);
      await lab.clock.advanceMs(400);
      const { options } = lab.other("second").session;
      expect(options.greeting).toBe(heard ? undefined : "Hello.");
      expect(options.history).toEqual(heard ? [{ speaker: "model", text: "Hello." }] : undefined);
      await lab.close();
    }
  });

  test("goes through the list, one fact for each, and says when it is exhausted", async () => {
    const lab = await openCall({}, { fallbacks: ["second", "third"] });
    lab.model.session.fail(LOST);
    lab.other("second").session.fail({ code: "MODEL_RATE_LIMITED", reason: "later" });
    await lab.clock.advanceMs(400);
    lab.other("third").session.fail({ code: "MODEL_PROTOCOL", reason: "odd" });
    await lab.clock.advanceMs(400);
    expect(lab.factsOf("modelReplaced").map(({ by, code }) => `${by} ${code}`)).toEqual([
      "second MODEL_LOST",
      "third MODEL_RATE_LIMITED",
    ]);
    expect(lab.factsOf("modelFailed")).toMatchObject([{ code: "MODEL_PROTOCOL" }]);
    await lab.close();
    expect(lab.clock.pending).toBe(0);
  });

  test("tries the next model when the first does not get ready", async () => {
    const lab = await openCall({ readyAfterMs: undefined });
    await lab.clock.advanceMs(5000);
    expect(lab.model.session.closed).toBe(true);
    expect(lab.factsOf("modelReplaced")).toMatchObject([{ code: "MODEL_CONNECT_FAILED" }]);
    expect(lab.factsOf("modelReady")).toMatchObject([{ model: "second" }]);
    await lab.close();
  });

  test("presses the keys again that nobody answered", async () => {
    const lab = await openCall();
    lab.peer.sendDigits("4");
    await lab.clock.advanceMs(500);
    lab.model.session.fail(LOST);
    await lab.clock.advanceMs(500);
    expect(lab.other("second").session.digits).toEqual(["4"]);
    await lab.close();
  });
});

describe("a model that is silent", () => {
  test("is replaced when its answer does not come in time", async () => {
    const lab = await openCall({}, { answerTimeoutMs: 4000 });
    lab.peer.sendTone(1, 800);
    await lab.clock.advanceMs(1000);
    lab.model.session.sink.onSpeechStopped();
    await lab.clock.advanceMs(3900);
    expect(lab.factsOf("modelReplaced")).toEqual([]);
    await lab.clock.advanceMs(200);
    expect(lab.factsOf("modelReplaced")).toMatchObject([{ code: "MODEL_SILENT" }]);
    expect(lab.model.session.closed).toBe(true);
    await lab.clock.advanceMs(500);
    expect(lab.other("second").session.tonesHeard()).toEqual([1]);
    await lab.close();
  });

  test("is replaced though it says nothing at all, and though the caller asks again", async () => {
    const lab = await openCall({}, { answerTimeoutMs: 4000 });
    for (let i = 0; i < 3; i += 1) {
      lab.peer.sendTone(1, 800);
      await lab.clock.advanceMs(3000);
    }
    expect(lab.factsOf("modelReplaced")).toMatchObject([{ code: "MODEL_SILENT" }]);
    await lab.close();
  });

  test("is replaced when it stops in the middle of an answer", async () => {
    const lab = await openCall({}, { answerTimeoutMs: 4000 });
    lab.model.session.speakTone(7, 1000, "half", 4000, false);
    await lab.clock.advanceMs(4900);
    expect(lab.factsOf("modelReplaced")).toEqual([]);
    await lab.clock.advanceMs(300);
    expect(lab.factsOf("modelReplaced")).toMatchObject([{ code: "MODEL_SILENT" }]);
    await lab.close();
  });

  test("has time while a tool runs, when it owes nothing, and for a cough", async () => {
    const lab = await openCall({}, { answerTimeoutMs: 4000 });
    lab.peer.sendTone(1, 800);
    await lab.clock.advanceMs(1000);
    lab.model.session.sink.onSpeechStopped();
    lab.model.session.sink.onToolCall("call-1", "lookup", "{}");
    await lab.clock.advanceMs(9000);
    await lab.host.execute({
      kind: "toolResult",
      ...lab.ids,
      toolCallId: "call-1",
      outputJson: "{}",
    });
    await lab.clock.advanceMs(3000);
    lab.model.session.speakTone(7, 500, "answer");
    await lab.clock.advanceMs(20_000);
    lab.peer.sendTone(2, 300);
    await lab.clock.advanceMs(20_000);
    expect(lab.factsOf("modelReplaced")).toEqual([]);
    await lab.close();
  });

  test("is waited for without a limit where the flow sets none", async () => {
    const lab = await openCall();
    lab.peer.sendTone(1, 800);
    await lab.clock.advanceMs(1000);
    lab.model.session.sink.onSpeechStopped();
    await lab.clock.advanceMs(60_000);
    expect(lab.factsOf("modelReplaced")).toEqual([]);
    await lab.close();
  });
});
