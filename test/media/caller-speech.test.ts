import { beforeEach, describe, expect, test } from "vitest";
import { BlockPool } from "../../src/media/byte-fifo.ts";
import { CallerSpeech, LEAD_MS, SPEECH_MAX_MS } from "../../src/media/caller-speech.ts";
import { IngressFrame } from "../../src/media/ingress-frame.ts";

const SILENCE = 0xff;

describe("the caller's unanswered speech", () => {
  let pool: BlockPool;
  let speech: CallerSpeech;
  const frame = new IngressFrame();

  beforeEach(() => {
    pool = new BlockPool();
    speech = new CallerSpeech(pool);
  });

  function push(code: number, ms: number, voiced: boolean): void {
    const codes = new Uint8Array(160).fill(code);
    for (let done = 0; done < ms; done += 20) {
      speech.push(frame.show("pcmu", codes, 0, 160), voiced);
    }
  }

  /** Runs of equal codes, with their lengths in milliseconds. */
  function replayed(): readonly string[] {
    const runs: { code: number; count: number }[] = [];
    speech.replay(({ codes, codesOffset, sampleCount }) => {
      for (const code of codes.subarray(codesOffset, codesOffset + sampleCount)) {
        const last = runs.at(-1);
        if (last?.code === code) {
          last.count += 1;
        } else {
          runs.push({ code, count: 1 });
        }
      }
    });
    return runs.map(({ code, count }) => `${code}: ${count / 8}`);
  }

  test("begins with what was heard before the voice was noticed, and leaves long pauses out", () => {
    push(SILENCE, 5000, false);
    push(1, 40, false);
    push(1, 960, true);
    push(SILENCE, 5000, false);
    push(2, 500, true);
    expect(replayed()).toEqual([
      `255: ${LEAD_MS - 40}`,
      "1: 1000",
      `255: ${800 + LEAD_MS}`,
      "2: 500",
    ]);
    expect(replayed()).toHaveLength(4);
  });

  test("is gone when it was answered, except for the lead of what comes next", () => {
    push(1, 1000, true);
    speech.clear();
    push(SILENCE, 1000, false);
    expect(speech.keptMs).toBe(0);
    expect(replayed()).toEqual([`255: ${LEAD_MS}`]);
  });

  test("can begin later, where the caller spoke over an answer", () => {
    push(1, 1000, true);
    push(SILENCE, 2000, false);
    const { position } = speech;
    push(2, 400, true);
    speech.dropBefore(position);
    expect(replayed()).toEqual([`255: ${LEAD_MS}`, "2: 400"]);
  });

  test("keeps the newest 10 s of a long speech, and gives all memory back", () => {
    push(1, 5000, true);
    push(2, 9000, true);
    expect(speech.keptMs).toBe(SPEECH_MAX_MS);
    expect(replayed()).toEqual(["1: 1000", "2: 9000"]);
    speech.close();
    expect(pool.toJSON()["inUseBytes"]).toBe(0);
  });
});
