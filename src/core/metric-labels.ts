/** The longer closed sets of label values. */

/** What the SIP server answers with an error by itself; `refused` + the word is its counter. */
export const SIP_REFUSALS = [
  "malformed",
  "notAdmitted",
  "tooManyHops",
  "scheme",
  "extension",
  "overload",
  "noApplication",
  "method",
  "stray",
  "merged",
  "outOfOrder",
  "glare",
  "sessionInterval",
  "tooBig",
] as const;

/** What the SIP server does not answer; `dropped` + the word is its counter. */
export const SIP_DROPS = [
  "empty",
  "tooBig",
  "unterminated",
  "notSip",
  "notAdmitted",
  "malformed",
  "badFraming",
  "slowPeer",
  "tooManyConnections",
  "tooManyFromSource",
  "handshake",
  "backlog",
  "strayResponse",
  "strayAck",
] as const;

/** Counters of the SIP server that say that something failed. */
export const SIP_FAILURES = [
  "silentApplication",
  "ackTimeouts",
  "prackTimeouts",
  "sessionsExpired",
  "requestTimeouts",
  "sendFailures",
  "failovers",
  "adminRefused",
  "transportErrors",
  "certificateReloads",
  "faults",
] as const;

/** What became of an order to call somebody. */
export const OUTBOUND_OUTCOMES = [
  "placed",
  "notANumber",
  "notListed",
  "deniedByTrunk",
  "premium",
  "satellite",
  "trunkUnknown",
  "trunkDown",
  "trunkFull",
  "capReached",
  "draining",
  "noFlow",
  "failed",
] as const;

/** Who decides on admission, in their order. */
export const ADMISSION_DECIDERS = [
  "rateLimit",
  "drain",
  "scanner",
  "source",
  "digest",
  "trunkRate",
  "trunkCap",
  "cap",
] as const;

/** Why a model failed: codes of the catalogue. */
export const MODEL_FAILURES = [
  "MODEL_UNKNOWN",
  "MODEL_CONNECT_FAILED",
  "MODEL_REJECTED",
  "MODEL_RATE_LIMITED",
  "MODEL_PROTOCOL",
  "MODEL_LOST",
] as const;

/** What providers charge for. */
export const TOKEN_KINDS = [
  "inputText",
  "inputAudio",
  "cached",
  "outputText",
  "outputAudio",
] as const;

/** What an operator can have a call do. */
export const OPERATOR_COMMANDS = ["say", "inject", "mute", "sendDigits", "record"] as const;

/** What became of it. */
export const OPERATOR_OUTCOMES = [
  "done",
  "notTalking",
  "modelCannotSay",
  "voiceCannotSay",
  "clipsFull",
  "noDigits",
  "notRecorded",
  "failed",
] as const;
