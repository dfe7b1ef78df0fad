/** Blocks that speak to a participant or hear them. */
import type { BlockType } from "./block-type.ts";
import {
  arn,
  choice,
  list,
  number,
  object,
  optional,
  record,
  required,
  text,
} from "./parameter-types.ts";

/** A flow without text that can be spoken says so by what it plays. */
const SAID = ["PromptId", "Text", "SSML", "Media"] as const;
const MEDIA = object({
  Uri: required(text(2048)),
  SourceType: required(choice("S3")),
  MediaType: required(choice("Audio")),
});
const SPOKEN = {
  PromptId: optional(arn("prompt")),
  Text: optional(text(3000)),
  SSML: optional(
    text(6000, /^\s*(?:\$\.|<speak>[\s\S]*<\/speak>\s*$)/, "text between <speak> and </speak>"),
  ),
  Media: optional(MEDIA),
};

const DIGITS = text(50, /^(?:\$\..*|[0-9*#,]+)$/, "keys: 0-9, *, # and commas");

/** By type. */
export const SPEAKING_BLOCKS = {
  MessageParticipant: {
    members: SPOKEN,
    oneOf: [SAID],
    next: "required",
    errors: ["NoMatchingError"],
    conditions: "none",
  },
  MessageParticipantIteratively: {
    members: {
      Messages: required(list(object(SPOKEN, [SAID]), 50)),
      InterruptFrequencySeconds: optional(number(20, 300)),
    },
    next: "optional",
    errors: ["NoMatchingError"],
    conditions: "optional",
    flows: ["CUSTOMER_QUEUE", "CUSTOMER_HOLD", "AGENT_HOLD"],
  },
  GetParticipantInput: {
    members: {
      ...SPOKEN,
      InputTimeLimitSeconds: required(number(1, 180)),
      StoreInput: required(choice("True", "False")),
      InputValidation: optional({ kind: "any" }),
      InputEncryption: optional({ kind: "any" }),
      DTMFConfiguration: optional(
        object({
          InputTerminationSequence: optional(text(5, /^[0-9*#]+$/, "keys: 0-9, * and #")),
          DisableCancelKey: optional(choice("True", "False")),
          InterdigitTimeLimitSeconds: optional(number(1, 20)),
        }),
      ),
    },
    oneOf: [SAID],
    next: "optional",
    errors: [
      "NoMatchingError",
      "NoMatchingCondition",
      "InputTimeLimitExceeded",
      "InvalidPhoneNumber",
    ],
    mustCatch: ["NoMatchingError"],
    conditions: "optional",
    notIn: ["CUSTOMER_HOLD", "AGENT_HOLD", "AGENT_WHISPER", "CUSTOMER_WHISPER", "OUTBOUND_WHISPER"],
  },
  ConnectParticipantWithLexBot: {
    members: {
      ...SPOKEN,
      LexV2Bot: required(object({ AliasArn: required(arn("lexAlias")) })),
      LexSessionAttributes: optional(record()),
      LexInitializationData: optional({ kind: "any" }),
      LexTimeoutSeconds: optional({ kind: "any" }),
    },
    oneOf: [[...SAID, "LexInitializationData"]],
    next: "optional",
    errors: ["NoMatchingError", "NoMatchingCondition", "InputTimeLimitExceeded"],
    mustCatch: ["NoMatchingError"],
    conditions: "optional",
    notIn: ["CUSTOMER_HOLD", "AGENT_HOLD", "AGENT_WHISPER", "CUSTOMER_WHISPER", "OUTBOUND_WHISPER"],
  },
  UpdateContactTextToSpeechVoice: {
    members: {
      TextToSpeechVoice: required(text(64)),
      TextToSpeechEngine: optional(choice("Standard", "Neural", "Generative")),
      TextToSpeechStyle: optional(choice("None", "Conversational", "Newscaster")),
    },
    next: "required",
    errors: ["NoMatchingError"],
    conditions: "none",
  },
  Wait: {
    members: {
      TimeoutSeconds: required(number(1, 604_800)),
      Events: optional(list(choice("CustomerReturned", "BotParticipantDisconnected"), 5)),
    },
    next: "optional",
    errors: ["NoMatchingError", "ParticipantNotFound"],
    mustCatch: ["NoMatchingError"],
    conditions: "required",
    chatOnly: true,
    flows: ["CONTACT_FLOW", "CUSTOMER_QUEUE", "AGENT_TRANSFER", "QUEUE_TRANSFER"],
  },
} as const satisfies Record<string, BlockType>;

/** Keys that are pressed towards somebody. */
export const KEYS = DIGITS;
