import { beforeEach, describe, expect, it } from "vitest";
import { TurnLog, type TurnSource } from "../../src/media/turn-log.ts";
import { costOf } from "../../src/media/turn-usage.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const USAGE = {
  inputTextTokens: 10,
  inputAudioTokens: 20,
  cachedTokens: 5,
  outputTextTokens: 3,
  outputAudioTokens: 40,
};

let clock: VirtualClock;
let log: TurnLog;

beforeEach(() => {
  clock = new VirtualClock();
  log = new TurnLog(clock);
});

/** Speaks one item that plays for so long, and gives its row. */
async function say(itemId: string, source: TurnSource, playedMs = 500) {
  log.onAudio(itemId, source, source === "answer" ? "fake" : undefined);
  await clock.advanceMs(20);
  log.onStarted(itemId);
  await clock.advanceMs(playedMs);
  return log.end({ itemId, playedMs, unheardMs: 0 }, false);
}

describe("the ledger of what was heard", () => {
  it("has the caller's last voice, the model's end of turn, the first byte and the first packet", async () => {
    const startMs = clock.wallMs();
    log.onCallerVoice();
    await clock.advanceMs(400);
    log.onTurnEnded();
    await clock.advanceMs(300);
    expect(await say("a", "answer")).toMatchObject({
      source: "answer",
      model: "fake",
      lastCallerVoiceAtMs: startMs,
      turnEndedAtMs: startMs + 400,
      firstModelAudioAtMs: startMs + 700,
      firstPacketAtMs: startMs + 720,
      endedAtMs: startMs + 1220,
      waitedMs: undefined,
      toolMs: undefined,
    });
  });

  it("asks nothing of the model where the caller only coughed", async () => {
    log.onCallerVoice();
    expect((await say("a", "answer"))?.lastCallerVoiceAtMs).toBeDefined();
    log.onCallerVoice();
    log.onDismissed();
    expect((await say("b", "answer"))?.lastCallerVoiceAtMs).toBeUndefined();
  });

  it("has a row for the tool's filler and one for the answer, which is measured from the same last word", async () => {
    const saidAtMs = clock.wallMs();
    log.onCallerVoice();
    log.onTurnEnded();
    log.onToolCalled("t-1");
    await clock.advanceMs(1000);
    const filler = await say("f", "filler");
    await clock.advanceMs(1480);
    log.onToolAnswered("t-1");
    await clock.advanceMs(200);
    const answer = await say("a", "answer");
    expect(filler).toMatchObject({ source: "filler", lastCallerVoiceAtMs: saidAtMs, toolMs: 1000 });
    expect(answer).toMatchObject({ source: "answer", lastCallerVoiceAtMs: saidAtMs, toolMs: 3000 });
  });

  it("measures the answer after a tool though the model said something before it", async () => {
    const saidAtMs = clock.wallMs();
    log.onCallerVoice();
    log.onTurnEnded();
    expect(await say("moment", "answer")).toMatchObject({ lastCallerVoiceAtMs: saidAtMs });
    log.onToolCalled("t-1");
    await clock.advanceMs(700);
    log.onToolAnswered("t-1");
    expect(await say("a", "answer")).toMatchObject({ lastCallerVoiceAtMs: saidAtMs, toolMs: 700 });
    expect(await say("more", "answer")).toMatchObject({ lastCallerVoiceAtMs: undefined });
  });

  it("counts tools that run at once only once", async () => {
    log.onCallerVoice();
    log.onToolCalled("t-1");
    await clock.advanceMs(100);
    log.onToolCalled("t-2");
    await clock.advanceMs(100);
    log.onToolAnswered("t-1");
    await clock.advanceMs(100);
    log.onToolAnswered("t-2");
    log.onToolAnswered("t-2");
    expect(await say("a", "answer")).toMatchObject({ toolMs: 300 });
  });

  it("leaves the caller's words to the answer when an operator speaks in between", async () => {
    log.onCallerVoice();
    expect(await say("s", "say")).toMatchObject({
      source: "say",
      lastCallerVoiceAtMs: undefined,
    });
    expect((await say("a", "answer"))?.lastCallerVoiceAtMs).toBeDefined();
  });

  it("forgets the turn before once the caller speaks again", async () => {
    log.onCallerVoice();
    log.onTurnEnded();
    log.onToolCalled("t-1");
    log.onToolAnswered("t-1");
    await say("a", "answer");
    const atMs = clock.wallMs();
    log.onCallerVoice();
    expect(await say("b", "answer")).toMatchObject({
      lastCallerVoiceAtMs: atMs,
      turnEndedAtMs: undefined,
      toolMs: undefined,
    });
  });

  it("tells how long an answer waited for what was said before it", async () => {
    log.onAudio("a", "answer");
    log.onStarted("a");
    await clock.advanceMs(100);
    log.onAudio("b", "answer");
    await clock.advanceMs(900);
    log.end({ itemId: "a", playedMs: 1000, unheardMs: 0 }, false);
    await clock.advanceMs(20);
    log.onStarted("b");
    expect(log.end({ itemId: "b", playedMs: 0, unheardMs: 0 }, false)).toMatchObject({
      waitedMs: 900,
    });
  });

  it("says what the model was told was heard", async () => {
    log.onAudio("a", "answer");
    log.onStarted("a");
    log.onTruncated("a", 260);
    const row = log.end({ itemId: "a", playedMs: 260, unheardMs: 740 }, true);
    expect(row).toMatchObject({ truncatedToMs: 260, interrupted: true });
  });

  it("gives what the provider counted to the next answer, and to no filler", async () => {
    log.onUsage(USAGE, 0.5);
    log.onUsage(USAGE, 0.25);
    expect((await say("f", "filler"))?.usage).toBeUndefined();
    expect(await say("a", "answer")).toMatchObject({
      usage: { inputTextTokens: 20, outputAudioTokens: 80 },
      costUsd: 0.75,
    });
    expect(await say("b", "answer")).not.toHaveProperty("usage");
  });

  it("measures the answer of the model that takes over from the caller's last word", async () => {
    const saidAtMs = clock.wallMs();
    log.onCallerVoice();
    log.onTurnEnded();
    log.onAudio("half", "answer", "first");
    log.onStarted("half");
    await clock.advanceMs(300);
    log.onModelReplaced();
    log.end({ itemId: "half", playedMs: 300, unheardMs: 0 }, false);
    await clock.advanceMs(700);
    expect(await say("whole", "answer")).toMatchObject({
      lastCallerVoiceAtMs: saidAtMs,
      turnEndedAtMs: undefined,
    });
    log.onModelReplaced();
    expect(await say("unasked", "answer")).toMatchObject({ lastCallerVoiceAtMs: undefined });
  });

  it("has no row for what was never heard", () => {
    log.onAudio("a", "answer");
    expect(log.end({ itemId: "a", playedMs: 0, unheardMs: 400 }, true)).toBeUndefined();
    expect(log.end({ itemId: "nobody", playedMs: 0, unheardMs: 0 }, true)).toBeUndefined();
  });
});

describe("the cost of tokens", () => {
  it("is that of each kind, per million", () => {
    const prices = { inputText: 4, inputAudio: 32, cached: 0.4, outputText: 16, outputAudio: 64 };
    expect(costOf(USAGE, prices)).toBeCloseTo((40 + 640 + 2 + 48 + 2560) / 1e6, 12);
    expect(costOf(USAGE, undefined)).toBeUndefined();
  });
});
