/** Errors of recordings: rows of the catalogue. */

/** See `errors.ts`. */
export const RECORDING_ERRORS = {
  RECORDING_NOT_ACTIVE: {
    sipStatus: 500,
    blame: "caller",
    retry: false,
    meaning: "The call is not being recorded, or this cannot be done to its recording now.",
  },
  RECORDING_KEY_WRONG: {
    sipStatus: 500,
    blame: "operator",
    retry: false,
    meaning: "The key of a recording is not there, or is another one.",
  },
  RECORDING_KEY_UNAVAILABLE: {
    sipStatus: 500,
    blame: "upstream",
    retry: true,
    meaning: "The key service gave no key for a recording.",
  },
  RECORDING_DAMAGED: {
    sipStatus: 500,
    blame: "unknown",
    retry: false,
    meaning: "The file is not the recording that was written.",
  },
  RECORDING_UPLOAD_FAILED: {
    sipStatus: 500,
    blame: "upstream",
    retry: true,
    meaning: "A recording could not be uploaded.",
  },
} as const;
