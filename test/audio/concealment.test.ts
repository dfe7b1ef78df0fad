import { describe, expect, it } from "vitest";
import { Concealer } from "../../src/audio/concealment.ts";
import { levelDbfs } from "../../src/audio/signal.ts";
import { SeededRandom } from "../support/seeded-random.ts";

type Wave = (sample: number) => number;

const tone =
  (hz: number, amplitude: number): Wave =>
  (i) =>
    amplitude * Math.sin((2 * Math.PI * hz * i) / 8000);

/** A voice-like sound: a gliding pitch with falling harmonics. */
const voice: Wave = (i) => {
  const pitch = 110 + 15 * Math.sin((2 * Math.PI * i) / 16_000);
  let sum = 0;
  for (let harmonic = 1; harmonic <= 8; harmonic += 1) {
    sum += Math.sin((2 * Math.PI * pitch * harmonic * i) / 8000 + harmonic) / harmonic;
  }
  return 3000 * sum;
};

/** Frames of a wave through a concealer, with the frames of these numbers lost. */
function conceal(wave: Wave, frameCount: number, lost: ReadonlySet<number>): Int16Array {
  const concealer = new Concealer();
  const out = new Int16Array(frameCount * 160);
  for (let n = 0; n < frameCount; n += 1) {
    const frame = out.subarray(n * 160, (n + 1) * 160);
    if (lost.has(n)) {
      concealer.conceal(frame);
    } else {
      frame.forEach((_, i) => {
        frame[i] = Math.round(wave(n * 160 + i));
      });
      concealer.good(frame);
    }
  }
  return out;
}

/** How far a step at sample `at` exceeds what the wave itself does anywhere: the click, in dBFS. */
function clickDbfs(samples: Int16Array, wave: Wave, at: number): number {
  const step = (read: (i: number) => number, i: number): number =>
    Math.abs(read(i) - 2 * read(i - 1) + read(i - 2));
  let usual = 0;
  for (let i = 2; i < samples.length; i += 1) {
    usual = Math.max(usual, step(wave, i));
  }
  let worst = 0;
  for (let i = at - 2; i < at + 4; i += 1) {
    worst = Math.max(worst, step((k) => samples[k] ?? 0, i) - usual);
  }
  return worst <= 0 ? -120 : 20 * Math.log10(worst / 32_768);
}

describe("Concealer", () => {
  it.each([
    ["a low tone", tone(150, 8000)],
    ["a tone", tone(440, 8000)],
    ["a high tone", tone(1000, 8000)],
    ["a voice", voice],
  ])("makes no click in %s, whether one frame is lost or six", (_name, wave) => {
    const lost = new Set([10, 20, 21, 30, 31, 32, 33, 34, 35, 50, 52]);
    const samples = conceal(wave, 60, lost);
    for (let n = 9; n < 60; n += 1) {
      if (lost.has(n) !== lost.has(n - 1)) {
        expect(clickDbfs(samples, wave, n * 160), `frame ${n}`).toBeLessThan(-50);
      }
    }
  });

  it("keeps the level of a lost frame and fades to silence within 60 ms", () => {
    const samples = conceal(tone(200, 8000), 20, new Set([10, 11, 12, 13, 14]));
    const level = (n: number): number => levelDbfs(samples.subarray(n * 160, (n + 1) * 160));
    expect(level(10)).toBeGreaterThan(level(9) - 2);
    expect(level(11)).toBeLessThan(level(10));
    expect(level(12)).toBeLessThan(level(11));
    expect([level(13), level(14)]).toEqual([-120, -120]);
  });

  it("guesses the first half of a lost frame of a steady tone", () => {
    const wave = tone(200, 8000);
    const samples = conceal(wave, 20, new Set([10]));
    const error = Int16Array.from(
      { length: 80 },
      (_, i) => (samples[1600 + i] ?? 0) - wave(1600 + i),
    );
    expect(levelDbfs(error)).toBeLessThan(-40);
  });

  it("leaves frames alone while nothing is lost", () => {
    const concealer = new Concealer();
    const frame = Int16Array.from({ length: 160 }, (_, i) => i * 100);
    const before = Int16Array.from(frame);
    concealer.good(frame);
    expect(frame).toEqual(before);
    expect(concealer.concealing).toBe(false);
  });

  it("conceals with silence before anything was heard, and after a reset", () => {
    const concealer = new Concealer();
    const frame = new Int16Array(160).fill(500);
    concealer.conceal(frame);
    expect(levelDbfs(frame)).toBe(-120);
    expect(concealer.concealing).toBe(true);
    concealer.good(new Int16Array(160).fill(500));
    concealer.reset();
    concealer.conceal(frame);
    expect(levelDbfs(frame)).toBe(-120);
    expect(concealer.describe()).toBe("Conceal");
  });

  it("stays in range with noise at full scale, for frames of any length", () => {
    const random = new SeededRandom(4);
    for (const rateHz of [8000, 16_000]) {
      const concealer = new Concealer(rateHz);
      for (let n = 0; n < 60; n += 1) {
        const frame = Int16Array.from({ length: 80 * (1 + (n % 6)) }, () => random.uint32());
        if (n % 3 === 2) {
          concealer.conceal(frame);
        } else {
          concealer.good(frame);
        }
        expect(frame.every((sample) => Number.isInteger(sample))).toBe(true);
      }
    }
  });
});
