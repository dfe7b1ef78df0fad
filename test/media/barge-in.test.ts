import { describe, expect, test } from "vitest";
import { PASSTHROUGH_FORMATS, PCM_FORMATS } from "../support/fake-model.ts";
import { MediaLab } from "../support/media-lab.ts";
import type { HeardPacket } from "../support/rtp-peer.ts";

/** Packets that a person hears something in. */
function loud(lab: MediaLab): readonly HeardPacket[] {
  return lab.peer.heard.filter(({ payload }) => payload.some((code) => code < 0xf0 && code > 0x8f));
}

describe("barge-in", () => {
  for (const [name, formats] of [
    ["passthrough", PASSTHROUGH_FORMATS],
    ["pcm16 at 24 kHz", PCM_FORMATS],
  ] as const) {
    test(`is silence on the wire within 120 ms of the voice, and tells exactly what was heard (${name})`, async () => {
      const lab = new MediaLab({ formats });
      await lab.openCall();
      lab.model.session.speakTone(7, 5000, "item-1");
      await lab.clock.advanceMs(1010);
      const atUs = lab.clock.nowUs();
      lab.peer.sendTone(3, 1500);
      await lab.clock.advanceMs(200);
      lab.model.session.sink.onSpeechStarted();
      expect(lab.model.session.interrupts).toEqual([]);
      await lab.clock.advanceMs(1000);

      const [barge] = lab.factsOf("bargedIn");
      const toneMs = lab.peer.toneMs(7);
      expect(barge).toMatchObject({ itemId: "item-1", by: "speech" });
      expect(Math.abs((barge?.playedMs ?? 0) - toneMs)).toBeLessThanOrEqual(20);
      expect((barge?.playedMs ?? 0) + (barge?.unheardMs ?? 0)).toBe(5000);
      expect(lab.model.session.interrupts).toEqual([
        { itemId: "item-1", playedMs: barge?.playedMs },
      ]);
      expect(barge?.sinceVoiceMs).toBe(40);
      const packets = loud(lab);
      expect((packets[packets.length - 1]?.atUs ?? 0) - atUs).toBeLessThanOrEqual(120_000);
      expect(lab.peer.sequenceGaps()).toBe(0);
      expect(lab.peer.longestGapMs()).toBe(20);
      expect(lab.model.session.dismissals).toBe(0);
      await lab.close();
    });
  }

  test("waits for a model that hears speech where we hear none, silent from the moment it does", async () => {
    const lab = new MediaLab();
    await lab.openCall();
    lab.model.session.speakTone(7, 1000, "item-1");
    lab.model.session.speakTone(5, 1000, "item-2");
    await lab.clock.advanceMs(410);
    lab.model.session.sink.onSpeechStarted();
    await lab.clock.advanceMs(600);
    expect(lab.model.session.interrupts).toEqual([
      { itemId: "item-1", playedMs: 400 },
      { itemId: "item-2", playedMs: 0 },
    ]);
    expect(lab.factsOf("bargedIn")).toMatchObject([
      { playedMs: 400, unheardMs: 1600, by: "model" },
    ]);
    expect(lab.factsOf("turnPlayed").map((fact) => fact.turn)).toMatchObject([
      { itemId: "item-1", interrupted: true, playedMs: 400, unheardMs: 600 },
    ]);
    await lab.close();
  });

  test("is not reported when the model was silent", async () => {
    const lab = new MediaLab();
    await lab.openCall();
    lab.model.session.speakTone(7, 200, "item-1");
    await lab.clock.advanceMs(400);
    lab.peer.sendTone(3, 1000);
    await lab.clock.advanceMs(200);
    lab.model.session.sink.onSpeechStarted();
    await lab.clock.advanceMs(800);
    lab.model.session.sink.onSpeechStopped();
    await lab.clock.advanceMs(100);
    expect(lab.factsOf("bargedIn")).toEqual([]);
    expect(lab.model.session.interrupts).toEqual([]);
    expect(lab.factsOf("speechStarted")).toHaveLength(1);
    expect(lab.factsOf("speechStopped")).toHaveLength(1);
    await lab.close();
  });

  test("tells the model of an answer that is under way though all of it so far was heard", async () => {
    const lab = new MediaLab();
    await lab.openCall();
    lab.model.session.speakTone(7, 200, "item-1", 4000, false);
    await lab.clock.advanceMs(400);
    lab.model.session.sink.onSpeechStarted();
    await lab.clock.advanceMs(600);
    expect(lab.model.session.interrupts).toEqual([{ itemId: "item-1", playedMs: 200 }]);
    await lab.close();
  });

  test("ends the answer as soon as a model that decides by itself says so", async () => {
    const lab = new MediaLab({ capabilities: { arbitrated: false } });
    await lab.openCall();
    lab.model.session.speakTone(7, 2000, "item-1");
    await lab.clock.advanceMs(400);
    lab.peer.sendTone(3, 1500);
    await lab.clock.advanceMs(250);
    lab.model.session.sink.onInterrupted();
    const [barge] = lab.factsOf("bargedIn");
    expect(barge).toMatchObject({ by: "model", sinceVoiceMs: 40 });
    expect(Math.abs((barge?.playedMs ?? 0) - lab.peer.toneMs(7))).toBeLessThanOrEqual(20);
    await lab.close();
  });

  test("is as soon as the model hears speech where the flow wants it immediate", async () => {
    const lab = new MediaLab({ bargeIn: "immediate" });
    await lab.openCall();
    lab.model.session.speakTone(7, 2000, "item-1");
    await lab.clock.advanceMs(410);
    lab.peer.sendTone(3, 100);
    await lab.clock.advanceMs(90);
    expect(lab.peer.toneMs(7)).toBeGreaterThanOrEqual(460);
    lab.model.session.sink.onSpeechStarted();
    const [barge] = lab.factsOf("bargedIn");
    expect(barge).toMatchObject({ by: "model", sinceVoiceMs: 80 });
    expect(lab.model.session.interrupts).toEqual([{ itemId: "item-1", playedMs: barge?.playedMs }]);
    await lab.close();
  });

  test("is nothing where the flow wants none, but for keys", async () => {
    const lab = new MediaLab({ bargeIn: "off" });
    await lab.openCall();
    lab.model.session.speakTone(7, 2000, "item-1");
    await lab.clock.advanceMs(400);
    lab.peer.sendTone(3, 800);
    lab.model.session.sink.onSpeechStarted();
    await lab.clock.advanceMs(900);
    expect(lab.model.session.interrupts).toEqual([]);
    expect(lab.peer.toneMs(7)).toBeGreaterThanOrEqual(1280);
    lab.peer.sendDigits("5");
    await lab.clock.advanceMs(300);
    expect(lab.factsOf("bargedIn")).toMatchObject([{ by: "key", sinceVoiceMs: undefined }]);
    await lab.close();
  });

  test("is left to a model that hears while it speaks, but for keys", async () => {
    const lab = new MediaLab({ capabilities: { nativeDuplex: true, serverTurns: false } });
    await lab.openCall();
    lab.model.session.speakTone(7, 3000, "item-1");
    await lab.clock.advanceMs(400);
    lab.peer.sendTone(3, 1500);
    await lab.clock.advanceMs(1500);
    expect(lab.model.session.interrupts).toEqual([]);
    expect(lab.peer.toneMs(7)).toBeGreaterThanOrEqual(1880);
    lab.peer.sendDigits("5");
    await lab.clock.advanceMs(300);
    expect(lab.factsOf("bargedIn")).toMatchObject([{ by: "key" }]);
    await lab.close();
  });
});
