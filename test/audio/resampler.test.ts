import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SampleRateHz } from "../../src/audio/frame.ts";
import { Resampler } from "../../src/audio/resampler.ts";
import { fillSine, fitSine, toneLevelDbfs } from "../../src/audio/signal.ts";

const PAIRS: readonly (readonly [SampleRateHz, SampleRateHz])[] = [
  [8000, 16000],
  [8000, 24000],
  [16000, 8000],
  [24000, 8000],
  [16000, 24000],
  [24000, 16000],
];

/** Half a second of tone through a resampler in frames of 20 ms; the first 20 ms are cut off. */
function resampleTone(from: SampleRateHz, to: SampleRateHz, hz: number, amplitude: number) {
  const source = new Int16Array(from / 2);
  fillSine(source, from, hz, amplitude, 0);
  return resampleInFrames(new Resampler(from, to), source, from / 50).subarray(to / 50);
}

function resampleInFrames(resampler: Resampler, source: Int16Array, frame: number): Int16Array {
  const out: number[] = [];
  const target = new Int16Array(3 * frame + 3);
  for (let start = 0; start < source.length; start += frame) {
    const piece = source.subarray(start, start + frame);
    const written = resampler.process(piece, piece.length, target);
    out.push(...target.subarray(0, written));
  }
  return Int16Array.from(out);
}

describe("Resampler", () => {
  it.each(PAIRS)("keeps a 1 kHz tone from %i to %i Hz within 0.5 dB and 80 dB SNR", (from, to) => {
    const fit = fitSine(resampleTone(from, to, 1000, 16_000), to, 1000);
    expect(Math.abs(20 * Math.log10(fit.amplitude / 16_000))).toBeLessThan(0.05);
    expect(fit.snrDb).toBeGreaterThan(80);
  });

  it.each(PAIRS)("keeps the telephone band from %i to %i Hz within 0.5 dB", (from, to) => {
    for (const hz of [200, 300, 1800, 2500, 3000, 3400]) {
      const level = toneLevelDbfs(resampleTone(from, to, hz, 16_000), to, hz);
      expect(Math.abs(level - 20 * Math.log10(16_000 / 32_768)), `${hz} Hz`).toBeLessThan(0.5);
    }
  });

  it.each([
    [8000, 16000],
    [8000, 24000],
    [16000, 24000],
  ] as const)("rejects images from %i to %i Hz by more than 50 dB", (from, to) => {
    for (const hz of [500, 1700, 3000, 3400]) {
      const tone = (hz * from) / 8000;
      const output = resampleTone(from, to, tone, 16_000);
      const level = toneLevelDbfs(output, to, tone);
      expect(level - toneLevelDbfs(output, to, from - tone), `${tone} Hz`).toBeGreaterThan(50);
    }
  });

  it.each([
    [16000, 8000],
    [24000, 8000],
    [24000, 16000],
  ] as const)("rejects aliases from %i to %i Hz by more than 50 dB", (from, to) => {
    const edge = (to / 2) * 1.15;
    for (const hz of [edge, edge + 370, from / 2 - 90]) {
      const output = resampleTone(from, to, hz, 16_000);
      const peak = output.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
      expect(peak, `${hz} Hz`).toBeLessThan(16_000 * 10 ** (-50 / 20));
    }
  });

  it.each(PAIRS)("gives the same stream from %i to %i Hz for any chunks", (from, to) => {
    const source = new Int16Array(3000);
    fillSine(source, from, 700, 9000, 0);
    const whole = new Int16Array(9000);
    const count = new Resampler(from, to).process(source, 3000, whole);
    expect(count).toBe(Math.ceil((3000 * to) / from));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 500 }), { maxLength: 30 }), (lengths) => {
        const resampler = new Resampler(from, to);
        const target = new Int16Array(1500);
        let read = 0;
        let written = 0;
        let differing = 0;
        for (const wanted of lengths) {
          const length = Math.min(wanted, 3000 - read);
          const got = resampler.process(source.subarray(read), length, target);
          for (let i = 0; i < got; i += 1) {
            differing += target[i] === whole[written + i] ? 0 : 1;
          }
          read += length;
          written += got;
          expect(written).toBe(Math.ceil((read * to) / from));
        }
        expect(differing).toBe(0);
      }),
      { numRuns: 40 },
    );
  });

  it("writes no more than it reports", () => {
    for (const [from, to] of PAIRS) {
      const target = new Int16Array(64).fill(77);
      const source = new Int16Array(7).fill(1000);
      const written = new Resampler(from, to).process(source, 7, target);
      expect(target.subarray(written).every((sample) => sample === 77)).toBe(true);
    }
  });

  it("clamps instead of wrapping at full scale", () => {
    const square = Int16Array.from({ length: 800 }, (_, i) => (i % 16 < 8 ? 32_767 : -32_768));
    const target = new Int16Array(2400);
    new Resampler(8000, 24000).process(square, 800, target);
    const jumps = target.filter((sample, i) => Math.abs(sample - (target[i - 1] ?? 0)) > 40_000);
    expect(jumps).toHaveLength(0);
    expect(Math.max(...target)).toBe(32_767);
  });

  it("delays by the time it says", () => {
    for (const [from, to] of PAIRS) {
      const source = new Int16Array(800);
      source[400] = 20_000;
      const target = new Int16Array(2400);
      const resampler = new Resampler(from, to);
      const count = resampler.process(source, 800, target);
      const peak = target.indexOf(Math.max(...target.subarray(0, count)));
      const delayMs = (peak / to - 400 / from) * 1000;
      expect(Math.abs(delayMs - resampler.delayMs)).toBeLessThan(1000 / Math.min(from, to));
    }
  });

  it("copies when both rates are the same", () => {
    const target = new Int16Array(3);
    expect(new Resampler(8000, 8000).process(Int16Array.of(1, -2, 3), 3, target)).toBe(3);
    expect([...target]).toEqual([1, -2, 3]);
  });

  it("starts anew after a reset", () => {
    const source = new Int16Array(160).fill(5000);
    const first = new Int16Array(480);
    const second = new Int16Array(480);
    const resampler = new Resampler(8000, 24000);
    resampler.process(source, 160, first);
    resampler.reset();
    resampler.process(source, 160, second);
    expect(second).toEqual(first);
    expect(resampler.describe()).toBe("Resample(8000->24000)");
    expect(resampler.toJSON()).toEqual({ fromHz: 8000, toHz: 24000 });
  });
});
