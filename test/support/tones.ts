/** Numbered test tones, told apart in 20 ms, so that audio proves where it came from. */
import { goertzelPower, levelDbfs } from "../../src/audio/signal.ts";

/** Tones 0 … 9 lie on multiples of 50 Hz, so that 20 ms holds whole periods of each. */
export function toneHz(tone: number): number {
  return 400 + tone * 250;
}

const TONES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const SILENT_DBFS = -50;

/** The number of the tone that fills `samples`; "silence"; or "noise" for anything else. */
export function identifyTone(samples: Int16Array, rateHz: number): number | "silence" | "noise" {
  if (levelDbfs(samples, samples.length) < SILENT_DBFS) {
    return "silence";
  }
  let total = 0;
  for (const sample of samples) {
    total += sample * sample;
  }
  const meanPower = total / samples.length;
  for (const tone of TONES) {
    if (goertzelPower(samples, rateHz, toneHz(tone)) > meanPower * 0.6) {
      return tone;
    }
  }
  return "noise";
}

/** A run of equal 20 ms frames. */
export interface HeardSpan {
  readonly sound: number | "silence" | "noise";
  readonly ms: number;
}

/** What is heard in `samples`, frame by frame, equal neighbours joined. */
export function spansOf(samples: Int16Array, rateHz: number): readonly HeardSpan[] {
  const frame = rateHz / 50;
  const spans: { sound: HeardSpan["sound"]; ms: number }[] = [];
  for (let start = 0; start + frame <= samples.length; start += frame) {
    const sound = identifyTone(samples.subarray(start, start + frame), rateHz);
    const last = spans[spans.length - 1];
    if (last !== undefined && last.sound === sound) {
      last.ms += 20;
    } else {
      spans.push({ sound, ms: 20 });
    }
  }
  return spans;
}

/** The numbers of the tones in `samples`, in order; spans under `minMs` are edges and do not count. */
export function tonesIn(samples: Int16Array, rateHz: number, minMs = 40): readonly number[] {
  const tones: number[] = [];
  for (const { sound, ms } of spansOf(samples, rateHz)) {
    if (typeof sound === "number" && ms >= minMs && tones[tones.length - 1] !== sound) {
      tones.push(sound);
    }
  }
  return tones;
}
