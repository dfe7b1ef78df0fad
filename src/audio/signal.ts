/** Measures of sound: level, tones, likeness; used by voice activity, tests and wire proofs. */

import { amplitudeDbfs } from "./level.ts";

export { type Correlation, correlate } from "./correlation.ts";
export { EnergyVad, type EnergyVadOptions, type VadChange } from "./energy-vad.ts";
export { amplitudeDbfs, levelDbfs, SILENCE_DBFS } from "./level.ts";

/** Fills `target` with a sine; `startSample` continues the phase of an earlier piece. */
export function fillSine(
  target: Int16Array,
  rateHz: number,
  frequencyHz: number,
  amplitude: number,
  startSample: number,
): void {
  const step = (2 * Math.PI * frequencyHz) / rateHz;
  for (let i = 0; i < target.length; i += 1) {
    target[i] = Math.round(amplitude * Math.sin(step * (startSample + i)));
  }
}

/** Mean power of one frequency by Goertzel's recursion: A² / 2 for a sine of amplitude A over whole periods. */
export function goertzelPower(samples: Int16Array, rateHz: number, frequencyHz: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * frequencyHz) / rateHz);
  let previous = 0;
  let beforePrevious = 0;
  for (let i = 0; i < samples.length; i += 1) {
    const current = (samples[i] as number) + coefficient * previous - beforePrevious;
    beforePrevious = previous;
    previous = current;
  }
  const squared =
    previous * previous + beforePrevious * beforePrevious - coefficient * previous * beforePrevious;
  return (2 * squared) / (samples.length * samples.length);
}

/** A sine that was fitted to samples, and what it leaves unexplained. */
export interface FittedSine {
  readonly amplitude: number;
  /** Root mean square of samples minus sine. */
  readonly residualRms: number;
  /** Power of the sine over power of the residual. */
  readonly snrDb: number;
}

/** The sine of this frequency that fits best (least squares over cosine and sine). */
export function fitSine(samples: Int16Array, rateHz: number, frequencyHz: number): FittedSine {
  const step = (2 * Math.PI * frequencyHz) / rateHz;
  let cc = 0;
  let ss = 0;
  let cs = 0;
  let xc = 0;
  let xs = 0;
  let xx = 0;
  for (let i = 0; i < samples.length; i += 1) {
    const x = samples[i] as number;
    const c = Math.cos(step * i);
    const s = Math.sin(step * i);
    cc += c * c;
    ss += s * s;
    cs += c * s;
    xc += x * c;
    xs += x * s;
    xx += x * x;
  }
  const determinant = cc * ss - cs * cs;
  const a = (xc * ss - xs * cs) / determinant;
  const b = (xs * cc - xc * cs) / determinant;
  const explained = a * xc + b * xs;
  const residual = Math.max(0, xx - explained);
  return {
    amplitude: Math.hypot(a, b),
    residualRms: Math.sqrt(residual / samples.length),
    snrDb: residual === 0 ? 200 : 10 * Math.log10(explained / residual),
  };
}

/** Level of the sine of this frequency within `samples`; a full-scale sine is 0 dBFS. */
export function toneLevelDbfs(samples: Int16Array, rateHz: number, frequencyHz: number): number {
  return amplitudeDbfs(fitSine(samples, rateHz, frequencyHz).amplitude);
}
