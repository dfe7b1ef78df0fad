/** Finds the pitch period at the end of a piece of audio. */

/**
 * The lag of `minLag` … `maxLag` samples at which the last `templateSamples` of `history` are most like what came before
 * them. `history` holds at least `templateSamples + maxLag`; `work` has its length. Coarse at every other lag, then exact.
 */
export function findPitchLag(
  history: Int16Array,
  minLag: number,
  maxLag: number,
  templateSamples: number,
  work: Float64Array,
): number {
  for (let i = 0; i < history.length; i += 1) {
    work[i] = history[i] as number;
  }
  let best = minLag;
  let bestScore = Number.NEGATIVE_INFINITY;
  for (let lag = minLag; lag <= maxLag; lag += 2) {
    const score = likeness(work, lag, templateSamples, 2);
    if (score > bestScore) {
      bestScore = score;
      best = lag;
    }
  }
  const coarse = best;
  bestScore = Number.NEGATIVE_INFINITY;
  for (let lag = coarse - 1; lag <= coarse + 1; lag += 1) {
    const score = likeness(work, lag, templateSamples, 1);
    if (lag >= minLag && lag <= maxLag && score > bestScore) {
      bestScore = score;
      best = lag;
    }
  }
  return best;
}

/** Correlation over the square root of the earlier part's energy, every `step` samples. */
function likeness(work: Float64Array, lag: number, count: number, step: number): number {
  const end = work.length;
  let product = 0;
  let energy = 0;
  for (let i = end - count; i < end; i += step) {
    const earlier = work[i - lag] as number;
    product += (work[i] as number) * earlier;
    energy += earlier * earlier;
  }
  return energy < 1 ? 0 : product / Math.sqrt(energy);
}
