import { describe, expect, test } from "vitest";
import { PASSTHROUGH_FORMATS, PCM_FORMATS } from "../support/fake-model.ts";
import { MediaLab } from "../support/media-lab.ts";

describe("barge-in", () => {
  for (const [name, formats] of [
    ["passthrough", PASSTHROUGH_FORMATS],
    ["pcm16 at 24 kHz", PCM_FORMATS],
  ] as const) {
    test(`is silence on the wire within 60 ms, and tells exactly what was heard (${name})`, async () => {
      const lab = new MediaLab({ formats });
      await lab.openCall();
      lab.model.session.speakTone(7, 5000, "item-1");
      await lab.clock.advanceMs(1010);
      lab.peer.sendTone(3, 600);
      await lab.clock.advanceMs(200);
      const atUs = lab.clock.nowUs();
      lab.model.session.sink.onSpeechStarted();
      await lab.clock.advanceMs(1000);

      const [barge] = lab.factsOf("bargedIn");
      const toneMs = lab.peer.toneMs(7);
      expect(barge?.itemId).toBe("item-1");
      expect(Math.abs((barge?.playedMs ?? 0) - toneMs)).toBeLessThanOrEqual(20);
      expect((barge?.playedMs ?? 0) + (barge?.unheardMs ?? 0)).toBe(5000);
      expect(lab.model.session.interrupts).toEqual([
        { itemId: "item-1", playedMs: barge?.playedMs },
      ]);
      expect(barge?.sinceVoiceMs).toBeGreaterThanOrEqual(160);
      expect(barge?.sinceVoiceMs).toBeLessThanOrEqual(200);
      const loud = lab.peer.heard.filter((packet) =>
        packet.payload.some((code) => code < 0xf0 && code > 0x8f),
      );
      expect((loud[loud.length - 1]?.atUs ?? 0) - atUs).toBeLessThanOrEqual(60_000);
      expect(lab.peer.sequenceGaps()).toBe(0);
      expect(lab.peer.longestGapMs()).toBe(20);
      await lab.close();
    });
  }

  test("drops and counts audio of the interrupted answer that comes late, and plays the next answer", async () => {
    const lab = new MediaLab();
    await lab.openCall();
    lab.model.session.speakTone(7, 2000, "item-1", 4000, false);
    await lab.clock.advanceMs(300);
    lab.model.session.sink.onSpeechStarted();
    lab.model.session.speakTone(7, 1000, "item-1");
    lab.model.session.speakTone(5, 500, "item-2");
    await lab.clock.advanceMs(1500);
    expect(lab.peer.tonesHeard()).toEqual([7, 5]);
    expect(lab.peer.toneMs(7)).toBeLessThanOrEqual(300);
    const dump = JSON.stringify(lab.host.dump(MediaLab.CALL));
    expect(dump).toContain('"lateDroppedBytes":8000');
    expect(lab.model.session.playedItems).toEqual(["item-2"]);
    await lab.close();
  });

  test("interrupts every queued answer, the unheard ones at zero, and reports turns only for what was heard", async () => {
    const lab = new MediaLab();
    await lab.openCall();
    lab.model.session.speakTone(7, 1000, "item-1");
    lab.model.session.speakTone(5, 1000, "item-2");
    await lab.clock.advanceMs(410);
    lab.model.session.sink.onSpeechStarted();
    await lab.clock.advanceMs(100);
    expect(lab.model.session.interrupts).toEqual([
      { itemId: "item-1", playedMs: 400 },
      { itemId: "item-2", playedMs: 0 },
    ]);
    expect(lab.factsOf("bargedIn")).toMatchObject([{ playedMs: 400, unheardMs: 1600 }]);
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
    lab.model.session.sink.onSpeechStarted();
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
    expect(lab.model.session.interrupts).toEqual([{ itemId: "item-1", playedMs: 200 }]);
    await lab.close();
  });
});
