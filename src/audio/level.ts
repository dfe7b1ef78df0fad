/** Loudness in dB below full scale. */

/** The level reported for digital silence. */
export const SILENCE_DBFS = -120;
const FULL_SCALE = 32_768;

/** Level of the first `sampleCount` samples; a full-scale sine is 0 dBFS (AES17). Never below {@link SILENCE_DBFS}. */
export function levelDbfs(frame: Int16Array, sampleCount: number = frame.length): number {
  return levelOfEnergy(energyOf(frame, sampleCount), sampleCount);
}

/** The same of a sum of squares. */
export function levelOfEnergy(energy: number, sampleCount: number): number {
  return energy === 0 ? SILENCE_DBFS : amplitudeDbfs(Math.sqrt((2 * energy) / sampleCount));
}

/** Sum of squares, in two sums that do not wait for each other. */
export function energyOf(frame: Int16Array, sampleCount: number): number {
  let even = 0;
  let odd = 0;
  const pairs = sampleCount - (sampleCount & 1);
  for (let i = 0; i < pairs; i += 2) {
    const first = frame[i] as number;
    const second = frame[i + 1] as number;
    even += first * first;
    odd += second * second;
  }
  const last = pairs < sampleCount ? (frame[pairs] as number) : 0;
  return even + odd + last * last;
}

/** The level of a sine of this peak amplitude; 32768 is 0 dBFS. */
export function amplitudeDbfs(amplitude: number): number {
  const level = 20 * Math.log10(amplitude / FULL_SCALE);
  return level > SILENCE_DBFS ? level : SILENCE_DBFS;
}
