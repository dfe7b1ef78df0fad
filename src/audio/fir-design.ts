/** Low-pass filters by the windowed-sinc method, computed once when a resampler is made. */

/** Kaiser window shape: about 90 dB of stopband attenuation. */
const KAISER_BETA = 9;

/**
 * A linear-phase low-pass of `tapCount` taps whose sum is `gain`.
 * `cutoff` is the -6 dB point in cycles per sample, 0 … 0.5.
 */
export function designLowPass(tapCount: number, cutoff: number, gain: number): Float64Array {
  const taps = new Float64Array(tapCount);
  const centre = (tapCount - 1) / 2;
  let sum = 0;
  for (let i = 0; i < tapCount; i += 1) {
    const tap = sinc(2 * cutoff * (i - centre)) * kaiser((i - centre) / centre);
    taps[i] = tap;
    sum += tap;
  }
  return taps.map((tap) => (tap * gain) / sum);
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function kaiser(position: number): number {
  return besselI0(KAISER_BETA * Math.sqrt(1 - position * position)) / besselI0(KAISER_BETA);
}

/** Modified Bessel function of the first kind and order zero, by its power series. */
function besselI0(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > sum * 1e-16; k += 1) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}
