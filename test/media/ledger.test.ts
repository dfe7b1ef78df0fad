/** The ledger, through the real audio path: what it says is what the caller heard. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fillSine } from "../../src/audio/signal.ts";
import { MediaLab } from "../support/media-lab.ts";
import { toneHz } from "../support/tones.ts";

const USAGE = {
  inputTextTokens: 100,
  inputAudioTokens: 200,
  cachedTokens: 50,
  outputTextTokens: 30,
  outputAudioTokens: 400,
};

function tone(number: number, durationMs: number): Int16Array {
  const samples = new Int16Array(durationMs * 8);
  fillSine(samples, 8000, toneHz(number), 8000, 0);
  return samples;
}

let lab: MediaLab;

beforeEach(async () => {
  const voice = { canSay: () => true, render: () => tone(4, 600) };
  lab = new MediaLab({ voice });
  await lab.openCall();
});

afterEach(() => lab.close());

const turns = () => lab.factsOf("turnPlayed").map(({ turn }) => turn);

/** The caller speaks; resolves when the model has called their turn over. */
async function ask(): Promise<{ lastWordAtMs: number }> {
  lab.peer.sendTone(3, 600);
  await lab.clock.advanceMs(600);
  const lastWordAtMs = lab.clock.wallMs();
  await lab.clock.advanceMs(500);
  lab.model.session.sink.onSpeechStopped();
  return { lastWordAtMs };
}

describe("the ledger of a call", () => {
  it("measures an answer from the caller's last word to its first packet", async () => {
    const { lastWordAtMs } = await ask();
    await lab.clock.advanceMs(300);
    lab.model.session.speakTone(7, 400, "a");
    await lab.clock.advanceMs(600);
    const [turn] = turns();
    expect(turn).toMatchObject({ source: "answer", model: "fake", playedMs: 400 });
    const heardAtUs = lab.peer.heard.find(({ payload }) => payload.some((code) => code !== 0xff));
    const heardMs = (heardAtUs?.atUs ?? 0) / 1000 - lab.clock.nowUs() / 1000 + lab.clock.wallMs();
    expect(Math.abs((turn?.firstPacketAtMs ?? 0) - heardMs)).toBeLessThanOrEqual(20);
    expect(Math.abs((turn?.lastCallerVoiceAtMs ?? 0) - lastWordAtMs)).toBeLessThanOrEqual(40);
    expect((turn?.firstModelAudioAtMs ?? 0) - (turn?.turnEndedAtMs ?? 0)).toBe(300);
  });

  it("has a filler and the answer of a turn with a tool, both from the same last word", async () => {
    await ask();
    lab.model.session.sink.onToolCall("t-1", "lookup", "{}");
    await lab.clock.advanceMs(800);
    await lab.host.execute({
      kind: "say",
      ...lab.ids,
      text: "One moment.",
      by: "voice",
      as: "filler",
    });
    await lab.clock.advanceMs(1200);
    await lab.host.execute({ kind: "toolResult", ...lab.ids, toolCallId: "t-1", outputJson: "{}" });
    await lab.clock.advanceMs(250);
    lab.model.session.speakTone(7, 400, "a");
    await lab.clock.advanceMs(600);
    const [filler, answer] = turns();
    expect(filler).toMatchObject({ source: "filler", playedMs: 600, toolMs: 800 });
    expect(answer).toMatchObject({ source: "answer", playedMs: 400, toolMs: 2000 });
    expect(filler?.lastCallerVoiceAtMs).toBe(answer?.lastCallerVoiceAtMs);
    expect(filler?.lastCallerVoiceAtMs).toBeDefined();
  });

  it("tells what the model was told of a cut answer, which is what was sent, within a packet", async () => {
    lab.model.session.speakTone(7, 3000, "a");
    await lab.clock.advanceMs(730);
    lab.peer.sendTone(3, 1500);
    await lab.clock.advanceMs(200);
    lab.model.session.sink.onSpeechStarted();
    await lab.clock.advanceMs(800);
    const [turn] = turns();
    expect(turn).toMatchObject({ interrupted: true, truncatedToMs: turn?.playedMs });
    expect(lab.model.session.interrupts).toEqual([{ itemId: "a", playedMs: turn?.truncatedToMs }]);
    expect(Math.abs((turn?.truncatedToMs ?? 0) - lab.peer.toneMs(7))).toBeLessThanOrEqual(20);
  });

  it("does not call it the model's delay that an operator's audio went before its answer", async () => {
    await ask();
    await lab.host.execute({ kind: "inject", ...lab.ids, samples: tone(2, 1000) });
    await lab.clock.advanceMs(300);
    lab.model.session.speakTone(7, 400, "a");
    await lab.clock.advanceMs(1500);
    const [inject, answer] = turns();
    expect(inject).toMatchObject({ source: "inject", lastCallerVoiceAtMs: undefined });
    const { firstPacketAtMs = 0, firstModelAudioAtMs = 0, waitedMs = 0 } = answer ?? {};
    expect(waitedMs).toBeGreaterThan(650);
    expect(firstPacketAtMs - firstModelAudioAtMs - waitedMs).toBeLessThanOrEqual(20);
  });

  it("knows what an operator had the model say from what the caller asked for", async () => {
    await lab.host.execute({ kind: "say", ...lab.ids, text: "We close in five minutes." });
    lab.model.session.speakTone(5, 300, "said");
    await lab.clock.advanceMs(500);
    await ask();
    lab.model.session.speakTone(7, 300, "answered");
    await lab.clock.advanceMs(500);
    expect(turns().map(({ itemId, source }) => [itemId, source])).toEqual([
      ["said", "say"],
      ["answered", "answer"],
    ]);
  });

  it("has tokens and cost with the answer, and tells them at once", async () => {
    const prices = { inputText: 4, inputAudio: 32, cached: 0.4, outputText: 16, outputAudio: 64 };
    Object.defineProperty(lab.model, "prices", { value: prices });
    await ask();
    lab.model.session.speakTone(7, 400, "a");
    lab.model.session.sink.onUsage(USAGE);
    expect(lab.factsOf("modelUsed")).toMatchObject([{ model: "fake", usage: USAGE }]);
    await lab.clock.advanceMs(600);
    expect(turns()[0]).toMatchObject({ usage: USAGE });
    expect(turns()[0]?.costUsd).toBeCloseTo(0.0329, 6);
    expect(lab.factsOf("modelUsed")[0]?.costUsd).toBeCloseTo(0.0329, 6);
  });
});
