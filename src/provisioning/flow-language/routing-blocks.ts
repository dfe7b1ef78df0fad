/** Blocks that decide where a contact goes: branches, loops, queues, other flows, the Voice Connector, the end. */
import type { BlockType } from "./block-type.ts";
import { arn, choice, number, object, optional, required, text } from "./parameter-types.ts";
import { KEYS } from "./speaking-blocks.ts";

const E164 = /^(?:\$\..*|\+[1-9]\d{6,14})$/;
/** One block has the names of one spelling only: see {@link spellingProblem}. */
const CONNECTOR = object({
  VoiceConnectorType: required(choice("CallTransferConnector", "ChimeConnector")),
  VoiceConnectorArn: required(arn("connector")),
  ToUser: required(text(256)),
  FromUser: required(text(256)),
  UserToUserInformation: optional(text(1024)),
});
const CALLER_ID = object({
  Name: optional(text(256)),
  Number: optional(text(16, E164, "a number in E.164, such as +12065550100")),
});

/** By type. */
export const ROUTING_BLOCKS = {
  Compare: {
    members: { ComparisonValue: required(text(1024)) },
    next: "optional",
    errors: ["NoMatchingCondition", "NoMatchingError"],
    mustCatch: ["NoMatchingCondition"],
    conditions: "required",
  },
  Loop: {
    members: { LoopCount: required(number(1, 100)) },
    next: "optional",
    errors: ["NoMatchingCondition"],
    conditions: { choices: ["ContinueLooping", "DoneLooping"] },
  },
  CheckHoursOfOperation: {
    members: { HoursOfOperationId: optional(arn("hours")) },
    next: "optional",
    errors: ["NoMatchingError", "NoMatchingCondition"],
    mustCatch: ["NoMatchingError"],
    conditions: { choices: ["True", "False"] },
  },
  TransferContactToQueue: {
    members: {},
    next: "optional",
    errors: ["QueueAtCapacity", "NoMatchingError"],
    mustCatch: ["QueueAtCapacity", "NoMatchingError"],
    conditions: "none",
    flows: ["CONTACT_FLOW", "CUSTOMER_QUEUE", "AGENT_TRANSFER", "QUEUE_TRANSFER"],
  },
  TransferToFlow: {
    members: { ContactFlowId: required(arn("flow")) },
    next: "optional",
    errors: ["NoMatchingError"],
    mustCatch: ["NoMatchingError"],
    conditions: "none",
    flows: ["CONTACT_FLOW", "AGENT_TRANSFER", "QUEUE_TRANSFER", "CAMPAIGN"],
  },
  TransferParticipantToThirdParty: {
    members: {
      ThirdPartyPhoneNumber: optional(text(16, E164, "a number in E.164, such as +12065550100")),
      VoiceConnector: optional(CONNECTOR),
      ThirdPartyConnectionTimeLimitSeconds: optional(number(1, 600)),
      ThirdPartyConnectionTimeoutSeconds: optional(number(1, 600)),
      ContinueFlowExecution: required(choice("True", "False")),
      ThirdPartyDTMFDigits: optional(KEYS),
      CallerId: optional(CALLER_ID),
    },
    oneOf: [
      ["ThirdPartyPhoneNumber", "VoiceConnector"],
      ["ThirdPartyConnectionTimeLimitSeconds", "ThirdPartyConnectionTimeoutSeconds"],
    ],
    next: "optional",
    errors: ["CallFailed", "ConnectionTimeLimitExceeded", "NoMatchingError"],
    mustCatch: ["CallFailed", "ConnectionTimeLimitExceeded", "NoMatchingError"],
    conditions: "none",
    flows: ["CONTACT_FLOW", "CUSTOMER_QUEUE", "AGENT_TRANSFER", "QUEUE_TRANSFER"],
  },
  CompleteOutboundCall: {
    members: {
      VoiceConnector: optional(CONNECTOR),
      ConnectionTimeLimitSeconds: optional(number(1, 600)),
      CallerId: optional(CALLER_ID),
    },
    next: "required",
    errors: ["CallFailed", "ConnectionTimeLimitExceeded", "NoMatchingError"],
    conditions: "none",
    flows: ["OUTBOUND_WHISPER"],
  },
  DisconnectParticipant: {
    members: {},
    next: "none",
    errors: [],
    conditions: "none",
    notIn: ["CUSTOMER_HOLD", "AGENT_HOLD", "AGENT_WHISPER", "CUSTOMER_WHISPER", "OUTBOUND_WHISPER"],
  },
  EndFlowExecution: { members: {}, next: "none", errors: [], conditions: "none" },
} as const satisfies Record<string, BlockType>;
