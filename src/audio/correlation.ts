/** How alike two recordings are, and how far one lags behind the other. */

/** Where `b` matches `a` best. */
export interface Correlation {
  /** Samples by which `b` is later than `a`; negative when it is earlier. */
  readonly lag: number;
  /** Of the overlap at that lag, -1 … 1; 1 is the same shape at any level. */
  readonly coefficient: number;
}

/** Overlaps shorter than this part of the shorter recording are not considered. */
const MIN_OVERLAP = 0.1;

/** Normalised cross-correlation over all lags from `-maxLagSamples` to `maxLagSamples`, by FFT. Allocates. */
export function correlate(a: Int16Array, b: Int16Array, maxLagSamples: number): Correlation {
  const products = crossProducts(a, b);
  const energyA = cumulativeEnergy(a);
  const energyB = cumulativeEnergy(b);
  const minOverlap = Math.max(1, MIN_OVERLAP * Math.min(a.length, b.length));
  let best: Correlation = { lag: 0, coefficient: 0 };
  for (let lag = -maxLagSamples; lag <= maxLagSamples; lag += 1) {
    const start = Math.max(0, -lag);
    const end = Math.min(a.length, b.length - lag);
    if (end - start < minOverlap) {
      continue;
    }
    const power =
      energyBetween(energyA, start, end) * energyBetween(energyB, start + lag, end + lag);
    const product = products[(lag + products.length) % products.length] as number;
    const coefficient = power === 0 ? 0 : product / Math.sqrt(power);
    if (coefficient > best.coefficient) {
      best = { lag, coefficient };
    }
  }
  return best;
}

function cumulativeEnergy(samples: Int16Array): Float64Array {
  const sums = new Float64Array(samples.length + 1);
  for (let i = 0; i < samples.length; i += 1) {
    sums[i + 1] = (sums[i] as number) + (samples[i] as number) ** 2;
  }
  return sums;
}

function energyBetween(sums: Float64Array, start: number, end: number): number {
  return (sums[end] as number) - (sums[start] as number);
}

/** Element `lag` (negative lags from the end) is the sum of `a[i] * b[i + lag]`. */
function crossProducts(a: Int16Array, b: Int16Array): Float64Array {
  let size = 1;
  while (size < a.length + b.length) {
    size *= 2;
  }
  const re = new Float64Array(size);
  const im = new Float64Array(size);
  re.set(a);
  im.set(b);
  transform(re, im);
  const outRe = new Float64Array(size);
  const outIm = new Float64Array(size);
  for (let k = 0; k < size; k += 1) {
    const mirror = (size - k) & (size - 1);
    const aRe = ((re[k] as number) + (re[mirror] as number)) / 2;
    const aIm = ((im[k] as number) - (im[mirror] as number)) / 2;
    const bRe = ((im[k] as number) + (im[mirror] as number)) / 2;
    const bIm = ((re[mirror] as number) - (re[k] as number)) / 2;
    outRe[k] = (aRe * bRe + aIm * bIm) / size;
    outIm[k] = -(aRe * bIm - aIm * bRe) / size;
  }
  transform(outRe, outIm);
  return outRe;
}

/** Radix-2 FFT in place. */
function transform(re: Float64Array, im: Float64Array): void {
  reorder(re, im);
  for (let half = 1; half < re.length; half *= 2) {
    const angle = -Math.PI / half;
    for (let k = 0; k < half; k += 1) {
      const c = Math.cos(angle * k);
      const s = Math.sin(angle * k);
      for (let i = k; i < re.length; i += 2 * half) {
        butterfly(re, im, i, i + half, c, s);
      }
    }
  }
}

function butterfly(
  re: Float64Array,
  im: Float64Array,
  i: number,
  j: number,
  c: number,
  s: number,
): void {
  const tRe = (re[j] as number) * c - (im[j] as number) * s;
  const tIm = (re[j] as number) * s + (im[j] as number) * c;
  re[j] = (re[i] as number) - tRe;
  im[j] = (im[i] as number) - tIm;
  re[i] = (re[i] as number) + tRe;
  im[i] = (im[i] as number) + tIm;
}

function reorder(re: Float64Array, im: Float64Array): void {
  for (let i = 1, j = 0; i < re.length; i += 1) {
    let bit = re.length >> 1;
    for (; (j & bit) !== 0; bit >>= 1) {
      j ^= bit;
    }
    j ^= bit;
    if (i < j) {
      swap(re, i, j);
      swap(im, i, j);
    }
  }
}

function swap(values: Float64Array, i: number, j: number): void {
  const held = values[i] as number;
  values[i] = values[j] as number;
  values[j] = held;
}
