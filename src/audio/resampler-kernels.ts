/**
 * The inner loops of the resampler. A linear-phase filter is symmetric, so samples at equal distance from its centre are
 * added (and subtracted) once and serve several outputs; two positions run side by side to reuse each coefficient.
 */

/** Samples that a kernel may read, and ignore, past the end of its piece. */
export const SLACK_SAMPLES = 4;

/** Rounds half away from zero into the range of a sample. */
export function clampToInt16(value: number): number {
  const rounded = value < 0 ? value - 0.5 : value + 0.5;
  return rounded > 32_767 ? 32_767 : rounded < -32_768 ? -32_768 : rounded;
}

/** Sum of products of `count` (a multiple of 4) samples and coefficients. */
export function dot(
  line: Float64Array,
  first: number,
  taps: Float64Array,
  row: number,
  count: number,
): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (let k = 0; k < count; k += 4) {
    a += (line[first + k] as number) * (taps[row + k] as number);
    b += (line[first + k + 1] as number) * (taps[row + k + 1] as number);
    c += (line[first + k + 2] as number) * (taps[row + k + 2] as number);
    d += (line[first + k + 3] as number) * (taps[row + k + 3] as number);
  }
  return a + b + (c + d);
}

/** Coefficients of the first and last phase (mirror images) as half their sum and half their difference. */
export interface FoldedPhases {
  readonly even: Float64Array;
  readonly odd: Float64Array;
  /** First half of the middle phase, which is its own mirror image; unused when there are two phases. */
  readonly middle: Float64Array;
}

/** Folds rows of `tapCount` coefficients, one row per phase. */
export function foldPhases(rows: Float64Array, phaseCount: number, tapCount: number): FoldedPhases {
  const half = tapCount / 2;
  const even = new Float64Array(half);
  const odd = new Float64Array(half);
  for (let k = 0; k < half; k += 1) {
    const near = rows[k] as number;
    const far = rows[tapCount - 1 - k] as number;
    even[k] = (near + far) / 2;
    odd[k] = (near - far) / 2;
  }
  const middle = phaseCount === 3 ? rows.slice(tapCount, tapCount + half) : new Float64Array(half);
  return { even, odd, middle };
}

/** Two outputs per input; returns how many were written. */
export function upsampleBy2(
  line: Float64Array,
  count: number,
  phases: FoldedPhases,
  target: Int16Array,
  offset: number,
): number {
  const { even, odd } = phases;
  const half = even.length;
  const last = 2 * half - 1;
  let written = offset;
  for (let i = 0; i < count; i += 2) {
    let e = 0;
    let o = 0;
    let nextE = 0;
    let nextO = 0;
    let x = line[i] as number;
    let nextY = line[i + last + 1] as number;
    for (let k = 0; k < half; k += 1) {
      const nextX = line[i + k + 1] as number;
      const y = line[i + last - k] as number;
      const evenTap = even[k] as number;
      const oddTap = odd[k] as number;
      e += (x + y) * evenTap;
      o += (x - y) * oddTap;
      nextE += (nextX + nextY) * evenTap;
      nextO += (nextX - nextY) * oddTap;
      x = nextX;
      nextY = y;
    }
    target[written] = clampToInt16(e + o);
    target[written + 1] = clampToInt16(e - o);
    if (i + 1 < count) {
      target[written + 2] = clampToInt16(nextE + nextO);
      target[written + 3] = clampToInt16(nextE - nextO);
    }
    written += 4;
  }
  return 2 * count;
}

/** Three outputs per input; returns how many were written. */
export function upsampleBy3(
  line: Float64Array,
  count: number,
  phases: FoldedPhases,
  target: Int16Array,
  offset: number,
): number {
  const { even, odd, middle } = phases;
  const half = even.length;
  const last = 2 * half - 1;
  let written = offset;
  for (let i = 0; i < count; i += 2) {
    let e = 0;
    let o = 0;
    let m = 0;
    let nextE = 0;
    let nextO = 0;
    let nextM = 0;
    let x = line[i] as number;
    let nextY = line[i + last + 1] as number;
    for (let k = 0; k < half; k += 1) {
      const nextX = line[i + k + 1] as number;
      const y = line[i + last - k] as number;
      const evenTap = even[k] as number;
      const oddTap = odd[k] as number;
      const middleTap = middle[k] as number;
      const sum = x + y;
      const nextSum = nextX + nextY;
      e += sum * evenTap;
      o += (x - y) * oddTap;
      m += sum * middleTap;
      nextE += nextSum * evenTap;
      nextO += (nextX - nextY) * oddTap;
      nextM += nextSum * middleTap;
      x = nextX;
      nextY = y;
    }
    target[written] = clampToInt16(e + o);
    target[written + 1] = clampToInt16(m);
    target[written + 2] = clampToInt16(e - o);
    if (i + 1 < count) {
      target[written + 3] = clampToInt16(nextE + nextO);
      target[written + 4] = clampToInt16(nextM);
      target[written + 5] = clampToInt16(nextE - nextO);
    }
    written += 6;
  }
  return 3 * count;
}

/**
 * One output per `step` inputs, the first one at input `position`. `half` is the first half of a symmetric filter,
 * of even length. Returns how many were written.
 */
export function decimate(
  line: Float64Array,
  count: number,
  position: number,
  step: number,
  half: Float64Array,
  target: Int16Array,
  offset: number,
): number {
  const length = half.length;
  const last = 2 * length - 1;
  let written = offset;
  let i = position;
  while (i < count) {
    let a = 0;
    let b = 0;
    let nextA = 0;
    let nextB = 0;
    const end = i + last;
    const next = i + step;
    const nextEnd = end + step;
    for (let k = 0; k < length; k += 2) {
      const tap = half[k] as number;
      const tap1 = half[k + 1] as number;
      a += ((line[i + k] as number) + (line[end - k] as number)) * tap;
      b += ((line[i + k + 1] as number) + (line[end - k - 1] as number)) * tap1;
      nextA += ((line[next + k] as number) + (line[nextEnd - k] as number)) * tap;
      nextB += ((line[next + k + 1] as number) + (line[nextEnd - k - 1] as number)) * tap1;
    }
    target[written] = clampToInt16(a + b);
    written += 1;
    if (next < count) {
      target[written] = clampToInt16(nextA + nextB);
      written += 1;
    }
    i = next + step;
  }
  return written - offset;
}
