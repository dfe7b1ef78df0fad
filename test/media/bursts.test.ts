import { describe, expect, test } from "vitest";
import { encodeG711 } from "../../src/audio/g711.ts";
import { after } from "../../src/core/clock.ts";
import { MediaLab } from "../support/media-lab.ts";
import { countingFaults, wordsFrom, wordsIn } from "../support/numbered-words.ts";
import { SeededRandom } from "../support/seeded-random.ts";

const CODES_PER_MS = 8;
const WHOLE = { maxGapMs: 60, maxLengthErrorMs: 20 };

function spokenWords(count: number): Uint8Array {
  const pcm = wordsFrom(0, count);
  const codes = new Uint8Array(pcm.length);
  encodeG711("pcmu", pcm, 0, pcm.length, codes, 0);
  return codes;
}

/** Gives an answer in chunks, each after `dueMs(index)`. */
function speak(
  lab: MediaLab,
  codes: Uint8Array,
  chunkMs: number,
  dueMs: (index: number) => number,
): void {
  const { sink } = lab.model.session;
  const size = chunkMs * CODES_PER_MS;
  const chunks = Math.ceil(codes.length / size);
  for (let i = 0; i < chunks; i += 1) {
    after(lab.clock, dueMs(i), () => {
      sink.onAudio(codes.subarray(i * size, (i + 1) * size), "answer");
      if (i === chunks - 1) {
        sink.onAudioDone("answer");
      }
    });
  }
}

describe("audio that does not come as it is played", () => {
  test("10 s within 200 ms are played without a gap or a speed-up, and nothing is lost", async () => {
    const lab = new MediaLab();
    await lab.openCall();
    speak(lab, spokenWords(25), 100, (i) => i * 2);
    await lab.clock.advanceMs(11_000);
    const words = wordsIn(lab.peer.heardPcm());
    expect(words).toHaveLength(25);
    expect(countingFaults(words, WHOLE)).toEqual([]);
    expect(lab.factsOf("turnPlayed")[0]?.turn).toMatchObject({ playedMs: 10_000, unheardMs: 0 });
    expect(lab.peer.longestGapMs()).toBe(20);
    await lab.close();
  });

  test("100 ms pieces that are up to 80 ms late are played without a gap or a speed-up, and nothing is lost", async () => {
    const lab = new MediaLab();
    await lab.openCall();
    const random = new SeededRandom(5);
    const codes = spokenWords(25);
    let dueMs = 0;
    speak(lab, codes, 100, (i) => {
      dueMs = Math.max(dueMs, i * 100 + (i === 0 ? 0 : random.uint32() % 81));
      return dueMs;
    });
    await lab.clock.advanceMs(11_000);
    const words = wordsIn(lab.peer.heardPcm());
    expect(words).toHaveLength(25);
    expect(countingFaults(words, WHOLE)).toEqual([]);
    expect(lab.factsOf("turnPlayed")[0]?.turn).toMatchObject({ playedMs: 10_000, unheardMs: 0 });
    await lab.close();
  });

  test("more than 30 s ahead of the caller is more than is kept: the newest is dropped and counted", async () => {
    const lab = new MediaLab();
    await lab.openCall();
    speak(lab, spokenWords(100), 1000, () => 0);
    await lab.clock.advanceMs(31_000);
    const words = wordsIn(lab.peer.heardPcm());
    expect(words).toHaveLength(75);
    expect(countingFaults(words, WHOLE)).toEqual([]);
    expect(JSON.stringify(lab.host.dump(MediaLab.CALL))).toContain('"playoutDroppedMs":10000');
    await lab.close();
  });
});
