/** What a leg says besides its model: injected audio, the machine's own voice; pauses, mutes, and one voice after another. */
import { describe, expect, test } from "vitest";
import { decodeG711 } from "../../src/audio/g711.ts";
import { fillSine } from "../../src/audio/signal.ts";
import { BlockPool } from "../../src/media/byte-fifo.ts";
import { Mouth } from "../../src/media/mouth.ts";
import type { PlayoutItem } from "../../src/media/playout-item.ts";
import { MediaLab } from "../support/media-lab.ts";
import { spansOf, toneHz } from "../support/tones.ts";

const QUIET = { onItemStarted: () => undefined, onItemPlayed: () => undefined };
const PCM8 = { encoding: "pcm16", rateHz: 8000 } as const;
const PCM24 = { encoding: "pcm16", rateHz: 24_000 } as const;

function tone(number: number, durationMs: number, rateHz = 8000): Int16Array {
  const samples = new Int16Array((durationMs * rateHz) / 1000);
  fillSine(samples, rateHz, toneHz(number), 8000, 0);
  return samples;
}

function bytes(samples: Int16Array): Uint8Array {
  return new Uint8Array(samples.buffer);
}

/** Pulls packets of 20 ms; silence where nothing is said. */
function listen(mouth: Mouth, durationMs: number): Int16Array {
  const heard = new Int16Array(durationMs * 8);
  const packet = new Uint8Array(160);
  for (let at = 0; at < heard.length; at += 160) {
    packet.fill(0xff);
    mouth.fill("pcmu", packet, 0, 160);
    mouth.settle();
    decodeG711("pcmu", packet, 0, 160, heard, at);
  }
  return heard;
}

describe("a mouth", () => {
  test("pauses with the next packet and goes on with the very next sample, rising from silence", () => {
    const mouth = new Mouth(new BlockPool());
    const samples = tone(2, 400);
    mouth.open({ format: PCM8, listener: QUIET }).queue.push(bytes(samples), "item");
    expect(spansOf(listen(mouth, 100), 8000)).toEqual([{ sound: 2, ms: 100 }]);
    mouth.pause();
    expect(spansOf(listen(mouth, 200), 8000)).toEqual([{ sound: "silence", ms: 200 }]);
    expect(mouth.busy).toBe(true);
    mouth.resume();
    const rising = listen(mouth, 20);
    expect(Math.abs(rising[0] as number)).toBeLessThan(10);
    for (let i = 120; i < 160; i += 1) {
      const expected = ((samples[800 + i] as number) * i) / 160;
      expect(Math.abs((rising[i] as number) - expected)).toBeLessThan(400);
    }
    expect(spansOf(listen(mouth, 300), 8000)).toEqual([
      { sound: 2, ms: 280 },
      { sound: "silence", ms: 20 },
    ]);
  });

  test("plays what one model left before the model that follows, each in its own format", () => {
    const mouth = new Mouth(new BlockPool());
    const first = mouth.open({ format: PCM8, listener: QUIET });
    first.queue.push(bytes(tone(2, 100)), "left");
    const second = mouth.follow({ format: PCM24, listener: QUIET });
    second.queue.push(bytes(tone(5, 100, 24_000)), "next");
    second.queue.finish("next");
    first.queue.finishAll();
    const sounds = spansOf(listen(mouth, 260), 8000).filter(({ ms }) => ms > 20);
    expect(sounds.map(({ sound }) => sound)).toEqual([2, 5, "silence"]);
    expect(mouth.busy).toBe(false);
  });

  test("lets a muted model pass in silence and counts it as played", () => {
    const played: PlayoutItem[] = [];
    const mouth = new Mouth(new BlockPool());
    const listener = { ...QUIET, onItemPlayed: (item: PlayoutItem) => played.push(item) };
    const voice = mouth.open({ format: PCM8, listener });
    voice.queue.push(bytes(tone(2, 200)), "item");
    voice.queue.finish("item");
    mouth.muted = true;
    expect(spansOf(listen(mouth, 200), 8000)).toEqual([{ sound: "silence", ms: 200 }]);
    expect(played).toEqual([{ itemId: "item", playedMs: 200, unheardMs: 0 }]);
  });

  test("refuses clips beyond five minutes", () => {
    const mouth = new Mouth(new BlockPool());
    const clip = { itemId: "long", samples: new Int16Array(2_400_000), listener: QUIET };
    expect(mouth.clips.play(clip)).toBe(true);
    expect(mouth.clips.play({ ...clip, samples: new Int16Array(1) })).toBe(false);
    expect(mouth.clips.clear()).toEqual([{ itemId: "long", playedMs: 0, unheardMs: 300_000 }]);
  });
});

describe("a leg that is told to speak", () => {
  test("plays injected audio at once, one after the other, and the model goes on afterwards", async () => {
    const lab = new MediaLab();
    await lab.openCall();
    lab.model.session.speakTone(7, 400, "item-1");
    await lab.clock.advanceMs(210);
    await lab.host.execute({ kind: "inject", ...lab.ids, samples: tone(2, 100) });
    await lab.host.execute({ kind: "inject", ...lab.ids, samples: tone(3, 100) });
    await lab.clock.advanceMs(600);
    expect(lab.peer.tonesHeard()).toEqual([7, 2, 3, 7]);
    expect(lab.peer.toneMs(7)).toBe(400);
    const turns = lab.factsOf("turnPlayed").map(({ turn }) => [turn.source, turn.playedMs]);
    expect(turns).toEqual([
      ["inject", 100],
      ["inject", 100],
      ["answer", 400],
    ]);
    await lab.close();
    expect(lab.clock.pending).toBe(0);
  });

  test("speaks in the machine's own voice, and says when it has none", async () => {
    const voice = { canSay: () => true, render: () => Promise.resolve(tone(4, 100)) };
    const lab = new MediaLab({ voice });
    await lab.openCall();
    await lab.host.execute({ kind: "say", ...lab.ids, text: "Wait.", by: "voice", as: "filler" });
    await lab.clock.advanceMs(300);
    expect(lab.peer.tonesHeard()).toEqual([4]);
    expect(lab.factsOf("turnPlayed")[0]?.turn.source).toBe("filler");
    await lab.close();
    const silent = new MediaLab();
    await silent.openCall();
    const said = silent.host.execute({ kind: "say", ...silent.ids, text: "Hello.", by: "voice" });
    await expect(said).rejects.toMatchObject({ code: "VOICE_CANNOT_SAY" });
    await silent.close();
  });

  test("counts what was not heard of a clip when the leg closes", async () => {
    const lab = new MediaLab();
    await lab.openCall();
    await lab.host.execute({ kind: "inject", ...lab.ids, samples: tone(2, 1000) });
    await lab.clock.advanceMs(205);
    await lab.close();
    const [fact] = lab.factsOf("turnPlayed");
    expect(fact?.turn).toMatchObject({ source: "inject", interrupted: false });
    expect((fact?.turn.playedMs ?? 0) + (fact?.turn.unheardMs ?? 0)).toBe(1000);
  });

  test("gives the model silence while the caller is muted, at the same pace", async () => {
    const lab = new MediaLab();
    await lab.openCall();
    lab.peer.sendTone(3, 900);
    await lab.clock.advanceMs(300);
    await lab.host.execute({ kind: "mute", ...lab.ids, who: "caller", on: true });
    await lab.clock.advanceMs(300);
    await lab.host.execute({ kind: "mute", ...lab.ids, who: "caller", on: false });
    await lab.clock.advanceMs(300);
    const spans = lab.model.session.spansHeard().filter(({ ms }) => ms > 20);
    expect(spans.map(({ sound }) => sound)).toEqual([3, "silence", 3]);
    expect(spans[1]?.ms).toBe(300);
    await lab.close();
  });
});
