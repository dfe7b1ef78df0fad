import { describe, expect, test } from "vitest";
import { encodeG711 } from "../../src/audio/g711.ts";
import { fillSine } from "../../src/audio/signal.ts";
import { PASSTHROUGH_FORMATS, PCM_FORMATS } from "../support/fake-model.ts";
import { MediaLab } from "../support/media-lab.ts";
import { toneHz } from "../support/tones.ts";

/** A lab whose model speaks `answerMs` of tone 7 and whose caller makes a sound of `soundMs` after a second of it. */
async function soundOver(
  lab: MediaLab,
  soundMs: number,
  answerMs = 5000,
  done = true,
): Promise<void> {
  await lab.openCall();
  lab.model.session.speakTone(7, answerMs, "item-1", 4000, done);
  await lab.clock.advanceMs(1000);
  lab.peer.sendTone(3, soundMs);
  await lab.clock.advanceMs(200);
  lab.model.session.sink.onSpeechStarted();
}

/** A model that says ten tones, and a line that brings them back 200 ms later at -20 dB. */
async function echoOver(lab: MediaLab): Promise<void> {
  await lab.openCall();
  const answer = new Int16Array(4000 * 8);
  for (let word = 0; word < 10; word += 1) {
    const part = answer.subarray(word * 3200, word * 3200 + 2400);
    fillSine(part, 8000, toneHz(word), 8000, 0);
  }
  const codes = new Uint8Array(answer.length);
  encodeG711("pcmu", answer, 0, answer.length, codes, 0);
  lab.model.session.sink.onAudio(codes, "item-1");
  lab.model.session.sink.onAudioDone("item-1");
  for (let ms = 0; ms < 4400; ms += 20) {
    const heard = lab.peer.heardPcm();
    const at = heard.length - 1600;
    const echo = new Int16Array(160);
    for (let i = 0; i < 160; i += 1) {
      echo[i] = Math.round((heard[at + i] ?? 0) / 10);
    }
    lab.peer.sendPcm(echo);
    await lab.clock.advanceMs(20);
    if (ms === 400) {
      lab.model.session.sink.onSpeechStarted();
    }
  }
}

describe("a sound that is no interruption", () => {
  for (const [name, formats] of [
    ["passthrough", PASSTHROUGH_FORMATS],
    ["pcm16 at 24 kHz", PCM_FORMATS],
  ] as const) {
    test(`pauses the answer, which goes on and is heard whole (${name})`, async () => {
      const lab = new MediaLab({ formats });
      await soundOver(lab, 300);
      await lab.clock.advanceMs(200);
      expect(lab.peer.spansHeard().at(-1)?.sound).toBe("silence");
      await lab.clock.advanceMs(6000);
      expect(lab.factsOf("bargeInDismissed")).toMatchObject([
        { itemId: "item-1", pausedMs: 500, as: "backchannel" },
      ]);
      expect(lab.factsOf("bargedIn")).toEqual([]);
      expect(lab.model.session.interrupts).toEqual([]);
      expect(lab.model.session.dismissals).toBe(1);
      expect(lab.model.session.playedItems).toEqual(["item-1"]);
      expect(lab.factsOf("turnPlayed")[0]?.turn).toMatchObject({
        playedMs: 5000,
        interrupted: false,
      });
      // The packet that rises from silence is no pure tone.
      expect(Math.abs(lab.peer.toneMs(7) - 5000)).toBeLessThanOrEqual(60);
      await lab.close();
    });
  }

  test("is told to the model only where it takes such telling, and had heard something", async () => {
    const deaf = new MediaLab();
    await deaf.openCall();
    deaf.model.session.speakTone(7, 5000, "item-1");
    await deaf.clock.advanceMs(1000);
    deaf.peer.sendTone(3, 300);
    await deaf.clock.advanceMs(1000);
    expect(deaf.factsOf("bargeInDismissed")).toHaveLength(1);
    expect(deaf.model.session.dismissals).toBe(0);
    await deaf.close();

    const selfWilled = new MediaLab({ capabilities: { arbitrated: false } });
    await soundOver(selfWilled, 300);
    await selfWilled.clock.advanceMs(1000);
    expect(selfWilled.factsOf("bargeInDismissed")).toHaveLength(1);
    expect(selfWilled.model.session.dismissals).toBe(0);
    await selfWilled.close();
  });

  test("is left for the model to hear where the answer is nearly over: it may be the caller's", async () => {
    const lab = new MediaLab();
    await soundOver(lab, 300, 1800);
    await lab.clock.advanceMs(2000);
    expect(lab.factsOf("bargeInDismissed")).toHaveLength(1);
    expect(lab.model.session.dismissals).toBe(0);
    expect(lab.model.session.playedItems).toEqual(["item-1"]);
    await lab.close();
  });

  test("was one after all when its words say so: the model is told where the answer stopped then", async () => {
    const lab = new MediaLab();
    await soundOver(lab, 300);
    await lab.clock.advanceMs(1000);
    lab.model.session.sink.onTranscript("caller", "Stop!", "utterance", true);
    await lab.clock.advanceMs(500);
    const [barge] = lab.factsOf("bargedIn");
    expect(barge?.by).toBe("words");
    expect(lab.model.session.interrupts).toEqual([{ itemId: "item-1", playedMs: barge?.playedMs }]);
    expect(Math.abs((barge?.playedMs ?? 0) - lab.peer.toneMs(7))).toBeLessThanOrEqual(40);
    await lab.close();
  });

  test("is not owed an answer, and no model is replaced because it does not come", async () => {
    const lab = new MediaLab({ others: ["second"] });
    await lab.openLeg();
    const continuity = { fallbacks: ["second"], answerTimeoutMs: 1000, filler: undefined };
    await lab.attachModel("talk", { continuity });
    await lab.clock.advanceMs(20);
    lab.model.session.speakTone(7, 3000, "item-1");
    await lab.clock.advanceMs(1000);
    lab.peer.sendTone(3, 300);
    await lab.clock.advanceMs(200);
    lab.model.session.sink.onSpeechStarted();
    await lab.clock.advanceMs(600);
    lab.model.session.sink.onSpeechStopped();
    await lab.clock.advanceMs(8000);
    expect(lab.factsOf("bargeInDismissed")).toHaveLength(1);
    expect(lab.model.session.dismissals).toBe(1);
    expect(lab.factsOf("modelReplaced")).toEqual([]);
    await lab.close();
  });

  test("takes nothing from an answer that is still coming", async () => {
    const lab = new MediaLab();
    await soundOver(lab, 300, 1200, false);
    await lab.clock.advanceMs(300);
    lab.model.session.speakTone(7, 1000, "item-1");
    await lab.clock.advanceMs(3000);
    expect(lab.factsOf("turnPlayed")[0]?.turn.playedMs).toBe(2200);
    await lab.close();
  });

  test("ends with a key, which takes the floor from a paused answer too", async () => {
    const lab = new MediaLab();
    await soundOver(lab, 300);
    lab.peer.sendDigits("9");
    await lab.clock.advanceMs(1000);
    expect(lab.factsOf("bargedIn")).toMatchObject([{ by: "key" }]);
    expect(lab.factsOf("bargeInDismissed")).toEqual([]);
    lab.model.session.speakTone(5, 500, "item-2");
    await lab.clock.advanceMs(800);
    expect(lab.peer.toneMs(5)).toBe(500);
    await lab.close();
  });

  test("is found out though the caller sends no packets afterwards", async () => {
    const lab = new MediaLab({ peer: { idle: "nothing" } });
    await soundOver(lab, 300);
    await lab.clock.advanceMs(5500);
    expect(lab.factsOf("bargeInDismissed")).toHaveLength(1);
    expect(lab.model.session.playedItems).toEqual(["item-1"]);
    await lab.close();
  });
});

/** What users of other gateways complain of: their numbers in brackets. */
describe("what others got wrong", () => {
  test("the bot's own voice, returned by the line, triggers no barge-in (AVA#467, openai-realtime-agents#92)", async () => {
    const lab = new MediaLab();
    await echoOver(lab);
    expect(lab.factsOf("bargedIn")).toEqual([]);
    expect(lab.model.session.interrupts).toEqual([]);
    expect(lab.model.session.playedItems).toEqual(["item-1"]);
    expect(lab.factsOf("bargeInDismissed")[0]).toMatchObject({ as: "echo" });
    expect(lab.model.session.dismissals).toBe(1);
    await lab.close();
  });

  test("of our own playout is not given to a model that would interrupt itself for it", async () => {
    const lab = new MediaLab({ capabilities: { arbitrated: false } });
    await echoOver(lab);
    const spans = lab.model.session.spansHeard();
    const loudMs = spans.reduce((sum, { sound, ms }) => sum + (sound === "silence" ? 0 : ms), 0);
    expect(loudMs).toBeLessThanOrEqual(100);
    expect(lab.model.session.playedItems).toEqual(["item-1"]);
    await lab.close();
  });

  test("nothing of the buffered tail is heard after the interruption (openai-agents-js#1173, cloudflare/agents#2261)", async () => {
    const lab = new MediaLab();
    await soundOver(lab, 1500, 4000, false);
    await lab.clock.advanceMs(600);
    expect(lab.model.session.interrupts).toHaveLength(1);
    const heardMs = lab.peer.toneMs(7);
    lab.model.session.speakTone(7, 3000, "item-1");
    await lab.clock.advanceMs(4000);
    expect(lab.peer.toneMs(7)).toBe(heardMs);
    expect(JSON.stringify(lab.host.dump(MediaLab.CALL))).toContain('"lateDroppedBytes":24000');
    await lab.close();
  });

  for (const formats of [PASSTHROUGH_FORMATS, PCM_FORMATS]) {
    test(`the answer after an interruption is heard whole (agents-js#2122, #2134), ${formats[0]?.encoding}`, async () => {
      const lab = new MediaLab({ formats });
      await soundOver(lab, 1200);
      await lab.clock.advanceMs(1500);
      const before = lab.peer.heard.length;
      lab.model.session.speakTone(5, 400, "item-2");
      await lab.clock.advanceMs(1000);
      expect(lab.peer.toneMs(5)).toBeGreaterThanOrEqual(formats === PCM_FORMATS ? 380 : 400);
      const heard = lab.peer.heard
        .slice(before)
        .filter(({ payload }) => payload.some((c) => c !== 0xff));
      expect(heard.length).toBeGreaterThanOrEqual(20);
      expect(heard.length).toBeLessThanOrEqual(21);
      expect(lab.factsOf("turnPlayed").at(-1)?.turn).toMatchObject({
        itemId: "item-2",
        playedMs: 400,
        interrupted: false,
      });
      await lab.close();
    });
  }

  test("truncation counts what was heard, not the time that passed (openclaw#138619, agent-squad#562)", async () => {
    const lab = new MediaLab();
    await lab.openCall();
    lab.model.session.speakTone(7, 5000, "item-1");
    await lab.clock.advanceMs(1000);
    lab.peer.sendTone(3, 300);
    await lab.clock.advanceMs(1500);
    lab.model.session.sink.onSpeechStarted();
    lab.peer.sendTone(3, 1500);
    await lab.clock.advanceMs(1000);
    const packets = lab.peer.heard.filter(({ payload }) => payload.some((code) => code !== 0xff));
    expect(lab.model.session.interrupts).toEqual([
      { itemId: "item-1", playedMs: packets.length * 20 },
    ]);
    await lab.close();
  });
});
