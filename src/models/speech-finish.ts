/** Gives spoken audio the same finish wherever it comes from: no silence around it, one level. */

const RATE_HZ = 8000;
const WINDOW_SAMPLES = RATE_HZ / 100;
/** Windows below this root mean square are silence. */
const SILENCE_RMS = 130;
/** Kept around speech, so that soft beginnings and endings survive. */
const MARGIN_WINDOWS = 3;
/** 20 dB below full scale. */
const TARGET_RMS = 3277;
const PEAK_LIMIT = 29_000;

/** A copy of 8 kHz `samples` without leading and trailing silence, at -20 dBFS root mean square over its voiced parts. */
export function finishSpeech(samples: Int16Array): Int16Array {
  const levels = windowLevels(samples);
  const first = levels.findIndex((rms) => rms > SILENCE_RMS);
  if (first < 0) {
    return new Int16Array(0);
  }
  const last = levels.findLastIndex((rms) => rms > SILENCE_RMS);
  const start = Math.max(0, first - MARGIN_WINDOWS) * WINDOW_SAMPLES;
  const end = Math.min(samples.length, (last + 1 + MARGIN_WINDOWS) * WINDOW_SAMPLES);
  const gain = gainFor(samples, levels);
  return samples.slice(start, end).map((sample) => Math.round(sample * gain));
}

/** Root mean square of each 10 ms. */
function windowLevels(samples: Int16Array): number[] {
  const levels: number[] = [];
  for (let start = 0; start < samples.length; start += WINDOW_SAMPLES) {
    const window = samples.subarray(start, start + WINDOW_SAMPLES);
    const energy = window.reduce((sum, sample) => sum + sample * sample, 0);
    levels.push(Math.sqrt(energy / window.length));
  }
  return levels;
}

function gainFor(samples: Int16Array, levels: readonly number[]): number {
  const voiced = levels.filter((rms) => rms > SILENCE_RMS);
  const meanSquare = voiced.reduce((sum, rms) => sum + rms * rms, 0) / voiced.length;
  const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 1);
  return Math.min(TARGET_RMS / Math.sqrt(meanSquare), PEAK_LIMIT / peak);
}
