/** Measures how long one call takes: median over many runs, after a warm-up. */

/** µs per call of `action`, median and best of `runs` runs of `calls` calls. */
export function measureUs(action: () => void, calls = 2000, runs = 25) {
  for (let i = 0; i < calls * 5; i += 1) {
    action();
  }
  const results: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const startedMs = performance.now();
    for (let i = 0; i < calls; i += 1) {
      action();
    }
    results.push(((performance.now() - startedMs) * 1000) / calls);
  }
  results.sort((a, b) => a - b);
  return { medianUs: results[runs >> 1] ?? 0, bestUs: results[0] ?? 0 };
}
