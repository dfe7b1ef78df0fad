import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { decodeG711, encodeG711 } from "../../src/audio/g711.ts";
import { levelDbfs } from "../../src/audio/level.ts";
import { readWav } from "../../src/audio/wav.ts";
import { EchoDetector } from "../../src/media/echo-detector.ts";
import { SeededRandom } from "../support/seeded-random.ts";

const FRAME = 160;
const VOICED_DBFS = -45;

function wav(path: string): Int16Array {
  const file = new URL(`../../${path}`, import.meta.url);
  return readWav(readFileSync(file)).samples[0] ?? new Int16Array(0);
}

const PLAYOUT = throughG711(wav("flows/prompts/hello-this-is-trunkline-speak-and-i.wav"));
const CODES = new Uint8Array(PLAYOUT.length);
encodeG711("pcmu", PLAYOUT, 0, PLAYOUT.length, CODES, 0);
const CALLER = wav("test/fixtures/audio/barge-in/interruption-01.wav");

function throughG711(samples: Int16Array): Int16Array {
  const codes = new Uint8Array(samples.length);
  encodeG711("pcmu", samples, 0, samples.length, codes, 0);
  const back = new Int16Array(samples.length);
  decodeG711("pcmu", codes, 0, codes.length, back, 0);
  return back;
}

interface Line {
  readonly echoDelayMs: number;
  readonly echoDb: number;
  readonly noiseDbfs: number;
  /** The caller speaks at this level over it. */
  readonly callerDbfs?: number;
}

/** What a caller's line carries while PLAYOUT is sent. */
function lineOf({ echoDelayMs, echoDb, noiseDbfs, callerDbfs }: Line, seed: number): Int16Array {
  const random = new SeededRandom(seed);
  const gain = 10 ** (echoDb / 20);
  const noise = 32_768 * Math.sqrt(3) * 10 ** (noiseDbfs / 20);
  const callerGain =
    callerDbfs === undefined ? 0 : 10 ** ((callerDbfs - levelDbfs(CALLER, CALLER.length)) / 20);
  const line = PLAYOUT.map((_, i) => {
    const delayed = PLAYOUT[i - echoDelayMs * 8] ?? 0;
    const own = callerGain * (CALLER[i % CALLER.length] ?? 0);
    return Math.round(gain * delayed + own + noise * (random.fraction() * 2 - 1));
  });
  return throughG711(line);
}

/** For every voiced frame after the first three, whether it is taken for an echo. */
function judge(line: Int16Array, detector = new EchoDetector()): readonly boolean[] {
  const judged: boolean[] = [];
  let voicedFrames = 0;
  let silentFrames = 10;
  for (let at = 0; at + FRAME <= line.length; at += FRAME) {
    detector.onSent("pcmu", CODES, at, FRAME, FRAME);
    const frame = line.subarray(at, at + FRAME);
    const voiced = levelDbfs(frame, FRAME) > VOICED_DBFS;
    silentFrames = voiced ? 0 : silentFrames + 1;
    voicedFrames += voiced ? 1 : 0;
    if (silentFrames >= 10) {
      detector.begin();
      voicedFrames = 0;
      continue;
    }
    const echo = detector.push(frame, FRAME);
    if (voiced && voicedFrames > 2) {
      judged.push(echo);
    }
  }
  return judged;
}

const shareOf = (judged: readonly boolean[]): number =>
  judged.filter((echo) => echo).length / judged.length;

describe("the echo detector", () => {
  for (const echoDelayMs of [20, 87, 213, 500]) {
    for (const echoDb of [-8, -14, -20]) {
      test(`knows our playout ${echoDelayMs} ms later at ${echoDb} dB on a noisy line`, () => {
        const judged = judge(lineOf({ echoDelayMs, echoDb, noiseDbfs: -60 }, 3));
        expect(judged.length).toBeGreaterThan(20);
        expect(shareOf(judged)).toBeGreaterThan(0.95);
      });
    }
  }

  test.each([-15, -25, -32])("takes nobody at %d dBFS for an echo", (callerDbfs) => {
    const line = lineOf({ echoDelayMs: 120, echoDb: -90, noiseDbfs: -60, callerDbfs }, 4);
    expect(shareOf(judge(line))).toBeLessThan(0.03);
  });

  test.each([-15, -25, -30])("hears a caller at %d dBFS who speaks over an echo", (callerDbfs) => {
    const line = lineOf({ echoDelayMs: 180, echoDb: -20, noiseDbfs: -60, callerDbfs }, 5);
    expect(shareOf(judge(line))).toBeLessThan(0.1);
  });

  test("is only asked while playout can come back", () => {
    const detector = new EchoDetector();
    expect(detector.possible).toBe(false);
    detector.onSent("pcmu", CODES, 8000, FRAME, FRAME);
    expect(detector.possible).toBe(true);
    for (let ms = 0; ms < 560; ms += 20) {
      detector.onSent("pcmu", CODES, 0, 0, FRAME);
    }
    expect(detector.possible).toBe(false);
  });

  test("learns the delay, and says so in a dump", () => {
    const detector = new EchoDetector();
    judge(lineOf({ echoDelayMs: 240, echoDb: -20, noiseDbfs: -60 }, 6), detector);
    expect(detector.toJSON()["knownDelayMs"]).toBeCloseTo(240, -1);
  });
});
