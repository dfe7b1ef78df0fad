/** Times as the API shows them: ISO 8601 in UTC, null where nothing is known. */
import { z } from "zod";

/** The schema of a time. */
export const TIME = z.iso.datetime().describe("UTC, with milliseconds.");

/** From wall milliseconds. */
export function iso(atMs: number): string {
  return new Date(atMs).toISOString();
}

/** The same where there may be none. */
export function isoOrNull(atMs: number | undefined): string | null {
  return atMs === undefined ? null : iso(atMs);
}
