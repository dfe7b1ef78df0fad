/** Moments in a query: ISO 8601 or milliseconds since 1970. */
import { z } from "zod";

const EPOCH_MS = /^\d{1,15}$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
/** A `+` of an offset reaches us as a space where it was not written as `%2B`. */
const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+ -]\d{2}:\d{2})$/i;

const EXPECTED =
  "write 2026-01-31, 2026-01-31T09:00:00Z, 2026-01-31T09:00:00+01:00 or milliseconds since 1970";

/** Wall milliseconds, or `undefined` for a text that is no moment. A date alone is its midnight in UTC. */
export function parseMoment(text: string): number | undefined {
  if (EPOCH_MS.test(text)) {
    return Number(text);
  }
  if (!(DATE.test(text) || DATE_TIME.test(text))) {
    return undefined;
  }
  const atMs = Date.parse(text.toUpperCase().replace(" ", "+"));
  return Number.isNaN(atMs) ? undefined : atMs;
}

/** Parses a moment of a query. */
export const MOMENT = z.string().transform((text, context) => {
  const atMs = parseMoment(text);
  if (atMs === undefined) {
    context.addIssue({ code: "custom", message: EXPECTED });
    return z.NEVER;
  }
  return atMs;
});
