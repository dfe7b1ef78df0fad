/** A frame made a little longer or shorter, by linear interpolation. */

/** Fills the first `targetCount` samples of `target` from the first `sourceCount` of `source`; both at least 2. */
export function stretch(
  source: Int16Array,
  sourceCount: number,
  target: Int16Array,
  targetCount: number,
): void {
  const step = (sourceCount - 1) / (targetCount - 1);
  for (let i = 0; i < targetCount; i += 1) {
    const place = i * step;
    const index = Math.min(sourceCount - 2, Math.floor(place));
    const before = source[index] as number;
    const after = source[index + 1] as number;
    target[i] = Math.round(before + (after - before) * (place - index));
  }
}
