/** The closed sets of label values of contacts: how they are found, and what becomes of results. */

/** What a contact was found by. */
export const CONTACT_CLUES = ["headers", "code", "number"] as const;

/** What became of a question for a contact. */
export const LOOKUP_OUTCOMES = [
  "found",
  "unknown",
  "otherInstance",
  "timedOut",
  "refused",
  "rateLimited",
  "failed",
] as const;

/** What became of results that were to be written to a contact. */
export const RESULT_OUTCOMES = [
  "written",
  "trimmed",
  "unknown",
  "otherInstance",
  "timedOut",
  "refused",
  "rateLimited",
  "failed",
] as const;

/** What became of a contact that was announced by `POST /contacts`. */
export const ANNOUNCEMENT_OUTCOMES = ["taken", "evicted", "full"] as const;
