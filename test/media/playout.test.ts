import { describe, expect, test } from "vitest";
import { PASSTHROUGH_FORMATS, PCM_FORMATS } from "../support/fake-model.ts";
import { MediaLab } from "../support/media-lab.ts";

describe("playout", () => {
  for (const [name, formats] of [
    ["passthrough", PASSTHROUGH_FORMATS],
    ["pcm16 at 24 kHz", PCM_FORMATS],
  ] as const) {
    test(`plays 10 s that came within 200 ms without a gap (${name})`, async () => {
      const lab = new MediaLab({ formats });
      await lab.openCall();
      lab.model.session.streamTone(7, 10_000, "item-1", 500, 200);
      await lab.clock.advanceMs(11_000);
      const spans = lab.peer.spansHeard().filter((span) => span.sound === 7);
      expect(spans).toHaveLength(1);
      expect(Math.abs((spans[0]?.ms ?? 0) - 10_000)).toBeLessThanOrEqual(20);
      expect(lab.peer.longestGapMs()).toBe(20);
      expect(lab.model.session.playedItems).toEqual(["item-1"]);
      await lab.close();
    });
  }

  test("joins chunks of odd lengths without a click (pcm16)", async () => {
    const lab = new MediaLab({ formats: PCM_FORMATS });
    await lab.openCall();
    lab.model.session.speakTone(4, 1000, "item-1", 333);
    await lab.clock.advanceMs(1500);
    const spans = lab.peer.spansHeard();
    expect(spans.filter((span) => span.sound === 4)).toHaveLength(1);
    expect(lab.peer.toneMs(4)).toBeGreaterThanOrEqual(980);
    // The filter's delay makes a mixed frame of each edge.
    expect(spans.filter((span) => span.sound === "noise" && span.ms > 20)).toEqual([]);
    await lab.close();
  });

  test("leaves the model's bytes untouched when it speaks the leg's codec", async () => {
    const lab = new MediaLab();
    await lab.openCall();
    const bytes = lab.model.session.toneBytes(6, 400);
    lab.model.session.speakTone(6, 400, "item-1");
    await lab.clock.advanceMs(600);
    const heard = Buffer.concat(lab.peer.heard.map((packet) => packet.payload));
    expect(heard.indexOf(Buffer.from(bytes))).toBeGreaterThanOrEqual(0);
    await lab.close();
  });

  test("is bounded to 30 s, dropping the newest, counted", async () => {
    const lab = new MediaLab();
    await lab.openCall();
    lab.model.session.speakTone(7, 40_000, "item-1");
    expect(JSON.stringify(lab.host.dump(MediaLab.CALL))).toContain('"playoutDroppedMs":10000');
    await lab.clock.advanceMs(31_000);
    expect(lab.peer.toneMs(7)).toBe(30_000);
    await lab.close();
  });

  test("marks the first packet of each talkspurt", async () => {
    const lab = new MediaLab();
    await lab.openCall();
    await lab.clock.advanceMs(200);
    lab.model.session.speakTone(7, 200, "item-1");
    await lab.clock.advanceMs(600);
    lab.model.session.speakTone(7, 200, "item-2");
    await lab.clock.advanceMs(600);
    const marked = lab.peer.heard.filter((packet) => packet.marker);
    expect(marked).toHaveLength(3);
    expect(marked[0]).toBe(lab.peer.heard[0]);
    await lab.close();
  });

  test("stamps each turn where the caller hears it", async () => {
    const lab = new MediaLab();
    await lab.openCall();
    lab.peer.sendTone(3, 1000);
    await lab.clock.advanceMs(1000);
    const voiceEndsAtMs = lab.clock.wallMs();
    await lab.clock.advanceMs(300);
    const audioAtMs = lab.clock.wallMs();
    lab.model.session.speakTone(7, 500, "item-1");
    await lab.clock.advanceMs(1000);
    lab.model.session.speakTone(5, 100, "item-2");
    await lab.clock.advanceMs(1000);
    const [answer, unasked] = lab.factsOf("turnPlayed").map((fact) => fact.turn);
    expect(answer).toMatchObject({
      itemId: "item-1",
      firstModelAudioAtMs: audioAtMs,
      playedMs: 500,
      unheardMs: 0,
      interrupted: false,
    });
    expect(Math.abs((answer?.lastCallerVoiceAtMs ?? 0) - voiceEndsAtMs)).toBeLessThanOrEqual(20);
    expect((answer?.firstPacketAtMs ?? 0) - audioAtMs).toBeLessThanOrEqual(20);
    const playedForMs = (answer?.endedAtMs ?? 0) - (answer?.firstPacketAtMs ?? 0);
    expect(playedForMs).toBe(480);
    expect(unasked).toMatchObject({ itemId: "item-2", lastCallerVoiceAtMs: undefined });
    await lab.close();
  });

  test("waits on hold and goes on afterwards, with one SSRC and no gap in the sequence", async () => {
    const lab = new MediaLab();
    await lab.openCall();
    lab.model.session.speakTone(7, 2000, "item-1");
    await lab.clock.advanceMs(500);
    await lab.update({ direction: "inactive" });
    const before = lab.peer.heard.length;
    await lab.clock.advanceMs(1000);
    expect(lab.peer.heard.length).toBe(before);
    await lab.update({ direction: "sendrecv" });
    await lab.clock.advanceMs(2000);
    expect(lab.peer.toneMs(7)).toBe(2000);
    expect(lab.peer.ssrcsHeard()).toHaveLength(1);
    expect(lab.peer.sequenceGaps()).toBe(0);
    const last = lab.peer.heard[before - 1];
    const resumed = lab.peer.heard[before];
    expect(resumed?.marker).toBe(true);
    const samples = (resumed?.rtpTimestamp ?? 0) - (last?.rtpTimestamp ?? 0);
    expect(samples / 8).toBe(((resumed?.atUs ?? 0) - (last?.atUs ?? 0)) / 1000);
    await lab.close();
  });

  test("recovers from a stall of 500 ms with at most five packets at once", async () => {
    const lab = new MediaLab();
    await lab.openCall();
    lab.model.session.speakTone(7, 5000, "item-1");
    await lab.clock.advanceMs(1000);
    const before = lab.peer.heard.length;
    lab.clock.stallMs(500);
    await lab.clock.advanceMs(1);
    expect(lab.peer.heard.length - before).toBe(5);
    await lab.clock.advanceMs(2000);
    expect(lab.peer.sequenceGaps()).toBe(0);
    const first = lab.peer.heard[0];
    const last = lab.peer.heard[lab.peer.heard.length - 1];
    const sentMs = ((last?.rtpTimestamp ?? 0) - (first?.rtpTimestamp ?? 0)) / 8;
    expect(Math.abs(sentMs - ((last?.atUs ?? 0) - (first?.atUs ?? 0)) / 1000)).toBeLessThan(1);
    expect(lab.host.toJSON()).toMatchObject({ clock: { reanchored: 1 } });
    await lab.close();
  });

  test("is drained when everything was played, or at the deadline", async () => {
    const lab = new MediaLab();
    await lab.openCall();
    const drain = async (deadlineMs: number): Promise<number> => {
      await lab.host.execute({ kind: "drainPlayout", ...lab.ids, deadlineMs });
      return lab.clock.nowUs() / 1000;
    };
    const startMs = lab.clock.nowUs() / 1000;
    expect(await drain(1000)).toBe(startMs);
    lab.model.session.speakTone(7, 400, "item-1");
    const drained = drain(5000);
    await lab.clock.advanceMs(1000);
    expect(Math.abs((await drained) - startMs - 400)).toBeLessThanOrEqual(40);
    lab.model.session.speakTone(7, 4000, "item-2");
    const cut = drain(500);
    await lab.clock.advanceMs(1000);
    expect(await cut).toBe(startMs + 1500);
    await lab.close();
    expect(lab.clock.pending).toBe(0);
  });
});
