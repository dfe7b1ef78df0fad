/** How long to wait before connecting again: longer each time, and never in step with other pages. */

const FIRST_MS = 500;
const LONGEST_MS = 15_000;

/** @param attempt 1 for the first one after a loss. @param random 0 … 1. */
export function backOffMs(attempt: number, random: number): number {
  const fullMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt - 1, 10));
  return Math.round(fullMs * (0.5 + random / 2));
}
