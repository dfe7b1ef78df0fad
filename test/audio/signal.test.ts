import { describe, expect, it } from "vitest";
import {
  correlate,
  EnergyVad,
  fillSine,
  fitSine,
  goertzelPower,
  levelDbfs,
  SILENCE_DBFS,
  toneLevelDbfs,
} from "../../src/audio/signal.ts";
import { SeededRandom } from "../support/seeded-random.ts";

function sine(rateHz: number, hz: number, amplitude: number, length: number): Int16Array {
  const samples = new Int16Array(length);
  fillSine(samples, rateHz, hz, amplitude, 0);
  return samples;
}

function noise(amplitude: number, length: number, seed = 1): Int16Array {
  const random = new SeededRandom(seed);
  return Int16Array.from({ length }, () => Math.round((random.fraction() * 2 - 1) * amplitude));
}

describe("levels", () => {
  it.each([
    [32_767, 0],
    [16_384, -6.02],
    [328, -40],
  ])("calls a sine of amplitude %i %d dBFS", (amplitude, expected) => {
    const samples = sine(8000, 1000, amplitude, 800);
    expect(levelDbfs(samples)).toBeCloseTo(expected, 1);
    expect(toneLevelDbfs(samples, 8000, 1000)).toBeCloseTo(expected, 1);
    expect(10 * Math.log10((2 * goertzelPower(samples, 8000, 1000)) / 2 ** 30)).toBeCloseTo(
      expected,
      1,
    );
  });

  it("has a floor for digital silence", () => {
    expect(levelDbfs(new Int16Array(160))).toBe(SILENCE_DBFS);
    expect(toneLevelDbfs(new Int16Array(160), 8000, 440)).toBe(SILENCE_DBFS);
  });

  it("measures only as many samples as told", () => {
    const samples = Int16Array.of(1000, -1000, 0, 0);
    expect(levelDbfs(samples, 2)).toBeGreaterThan(levelDbfs(samples));
  });

  it("continues a sine where the last piece ended", () => {
    const whole = sine(8000, 440, 9000, 320);
    const tail = new Int16Array(160);
    fillSine(tail, 8000, 440, 9000, 160);
    expect(tail).toEqual(whole.subarray(160));
  });

  it("tells a tone from its neighbour and from noise", () => {
    const samples = sine(8000, 697, 8000, 1600);
    expect(toneLevelDbfs(samples, 8000, 1209)).toBeLessThan(-55);
    const noisy = samples.map((sample, i) => sample + (noise(80, 1600)[i] as number));
    const { snrDb, amplitude } = fitSine(noisy, 8000, 697);
    expect(amplitude / 8000).toBeCloseTo(1, 2);
    expect(snrDb).toBeGreaterThan(38);
    expect(snrDb).toBeLessThan(45);
  });
});

describe("correlate", () => {
  it("finds delay and likeness of a quieter, noisy copy", () => {
    const original = noise(9000, 16_000);
    const copy = new Int16Array(16_500);
    const disturbance = noise(300, 16_500, 2);
    copy.forEach((_, i) => {
      copy[i] = (original[i - 437] ?? 0) * 0.5 + (disturbance[i] as number);
    });
    const { lag, coefficient } = correlate(original, copy, 1000);
    expect(lag).toBe(437);
    expect(coefficient).toBeGreaterThan(0.98);
    expect(correlate(copy, original, 1000).lag).toBe(-437);
  });

  it("finds no likeness in strangers and silence", () => {
    expect(correlate(noise(9000, 8000), noise(9000, 8000, 3), 800).coefficient).toBeLessThan(0.2);
    expect(correlate(noise(9000, 800), new Int16Array(800), 80)).toEqual({
      lag: 0,
      coefficient: 0,
    });
  });

  it("handles 10 s at 24 kHz", () => {
    const original = noise(9000, 240_000);
    expect(correlate(original, original.subarray(1234), 24_000).lag).toBe(-1234);
  });
});

describe("EnergyVad", () => {
  /** Pushes 20 ms frames and says at which millisecond what changed. */
  function listen(vad: EnergyVad, samples: Int16Array): string[] {
    const changes: string[] = [];
    for (let start = 0; start + 160 <= samples.length; start += 160) {
      const change = vad.push(samples.subarray(start, start + 160), 160);
      if (change !== "none") {
        changes.push(`${change} ${start / 8 + 20}`);
      }
    }
    return changes;
  }

  function join(...parts: readonly Int16Array[]): Int16Array {
    return Int16Array.from(parts.flatMap((part) => [...part]));
  }

  it("notices speech after the onset and its end after the hangover", () => {
    const vad = new EnergyVad({ frameMs: 20 });
    const samples = join(noise(20, 8000), sine(8000, 300, 8000, 8000), noise(20, 8000));
    expect(listen(vad, samples)).toEqual([`started ${1000 + vad.onsetMs}`, "stopped 2500"]);
    expect([vad.talking, vad.voiced]).toEqual([false, false]);
  });

  it("bridges pauses between words and ignores clicks", () => {
    const vad = new EnergyVad({ frameMs: 20, hangoverMs: 300 });
    const word = sine(8000, 300, 8000, 1600);
    const click = sine(8000, 300, 20_000, 160);
    const pause = new Int16Array(1600);
    expect(listen(vad, join(pause, click, pause, word, pause, word, pause, pause))).toEqual([
      "started 480",
      "stopped 1320",
    ]);
  });

  it("learns a noisy line and still hears a talker above it", () => {
    const vad = new EnergyVad({ frameMs: 20 });
    const line = noise(400, 80_000);
    listen(vad, line);
    expect(vad.talking).toBe(false);
    expect(vad.floorDbfs).toBeGreaterThan(-50);
    expect(listen(vad, sine(8000, 300, 8000, 1600))).toEqual(["started 60"]);
  });

  it("calls nothing below its least level voice", () => {
    const vad = new EnergyVad({ frameMs: 20, minDbfs: -40 });
    expect(listen(vad, sine(8000, 300, 200, 16_000))).toEqual([]);
  });

  it("stays with a steady talker for ten seconds", () => {
    const vad = new EnergyVad({ frameMs: 20 });
    expect(listen(vad, sine(8000, 300, 8000, 80_000))).toEqual(["started 60"]);
  });

  it("forgets on reset", () => {
    const vad = new EnergyVad({ frameMs: 20, onsetMs: 20 });
    listen(vad, sine(8000, 300, 8000, 320));
    expect(vad.toJSON()).toMatchObject({ talking: true });
    vad.reset();
    expect([vad.talking, vad.voiced, vad.levelDbfs]).toEqual([false, false, SILENCE_DBFS]);
  });
});
