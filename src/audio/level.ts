/** Loudness in dB below full scale. */

/** The level reported for digital silence. */
export const SILENCE_DBFS = -120;
const FULL_SCALE = 32_768;

/** Level of the first `sampleCount` samples; a full-scale sine is 0 dBFS (AES17). Never below {@link SILENCE_DBFS}. */
export function levelDbfs(frame: Int16Array, sampleCount: number = frame.length): number {
  let energy = 0;
  for (let i = 0; i < sampleCount; i += 1) {
    const sample = frame[i] as number;
    energy += sample * sample;
  }
  return energy === 0 ? SILENCE_DBFS : amplitudeDbfs(Math.sqrt((2 * energy) / sampleCount));
}

/** The level of a sine of this peak amplitude; 32768 is 0 dBFS. */
export function amplitudeDbfs(amplitude: number): number {
  const level = 20 * Math.log10(amplitude / FULL_SCALE);
  return level > SILENCE_DBFS ? level : SILENCE_DBFS;
}
