/** Blocks that say something about a contact: attributes, queue, streaming, recording, hooks, logging. */
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

/** Event → the flow that is run at it. */
const HOOKS = [
  "AgentHold",
  "AgentWhisper",
  "CustomerHold",
  "CustomerQueue",
  "CustomerRemaining",
  "CustomerWhisper",
  "DefaultAgentUI",
  "DisconnectAgentUI",
  "PauseContact",
  "ResumeContact",
] as const;
const PARTICIPANTS = list(choice("Agent", "Customer"), 2);
const CAUGHT = { next: "required", errors: ["NoMatchingError"], conditions: "none" } as const;

/** By type. */
export const CONTACT_BLOCKS = {
  UpdateFlowLoggingBehavior: {
    members: { FlowLoggingBehavior: required(choice("Enabled", "Disabled")) },
    next: "required",
    errors: [],
    conditions: "none",
  },
  UpdateContactAttributes: {
    members: {
      Attributes: required(record()),
      TargetContact: required(choice("Current", "Related")),
    },
    ...CAUGHT,
    mustCatch: ["NoMatchingError"],
  },
  UpdateFlowAttributes: {
    members: { FlowAttributes: required({ kind: "any" }) },
    ...CAUGHT,
    mustCatch: ["NoMatchingError"],
  },
  UpdateContactTargetQueue: {
    members: { QueueId: optional(arn("queue")), AgentId: optional(arn("agent")) },
    oneOf: [["QueueId", "AgentId"]],
    ...CAUGHT,
    mustCatch: ["NoMatchingError"],
    notIn: ["CUSTOMER_HOLD", "AGENT_HOLD", "AGENT_WHISPER", "CUSTOMER_WHISPER", "OUTBOUND_WHISPER"],
  },
  UpdateContactMediaStreamingBehavior: {
    members: {
      MediaStreamingState: required(choice("Enabled", "Disabled")),
      MediaStreamType: required(choice("Audio")),
      Participants: required(
        list(
          object({
            ParticipantType: required(choice("Customer")),
            MediaDirections: required(list(choice("To", "From"), 2)),
          }),
          1,
        ),
      ),
    },
    ...CAUGHT,
    mustCatch: ["NoMatchingError"],
    notIn: ["CUSTOMER_HOLD", "AGENT_HOLD"],
  },
  UpdateContactEventHooks: {
    members: {
      EventHooks: required(
        object(Object.fromEntries(HOOKS.map((name) => [name, optional(arn("flow"))])), [HOOKS]),
      ),
    },
    ...CAUGHT,
    mustCatch: ["NoMatchingError"],
  },
  UpdateContactRecordingBehavior: {
    members: {
      RecordingBehavior: required(
        object({
          RecordedParticipants: required(PARTICIPANTS),
          ScreenRecordedParticipants: optional(list(choice("Agent"), 1)),
          IVRRecordingBehavior: optional(choice("Enabled", "Disabled")),
        }),
      ),
      AnalyticsBehavior: optional({ kind: "any" }),
    },
    next: "required",
    errors: ["NoMatchingError"],
    conditions: "none",
  },
  UpdateContactRecordingAndAnalyticsBehavior: {
    members: {
      VoiceBehavior: optional(
        object({
          VoiceRecordingBehavior: optional(
            object({
              RecordedParticipants: required(PARTICIPANTS),
              IVRRecordingBehavior: optional(choice("Enabled", "Disabled")),
            }),
          ),
          VoiceAnalyticsBehavior: optional(
            object({
              Enabled: required(choice("True", "False")),
              AnalyticsLanguage: optional(
                text(10, /^(?:\$\..*|[a-z]{2}-[A-Z]{2})$/, "a language such as en-US"),
              ),
              AnalyticsRedactionBehavior: optional({ kind: "any" }),
              AnalyticsRedactionResults: optional({ kind: "any" }),
              AnalyticsModes: optional(
                list(choice("RealTime", "PostContact", "AutomatedInteraction"), 3),
              ),
              SentimentConfiguration: optional({ kind: "any" }),
              SummaryConfiguration: optional({ kind: "any" }),
              ChannelConfiguration: optional({ kind: "any" }),
              RedactionConfiguration: optional({ kind: "any" }),
            }),
          ),
        }),
      ),
      ChatBehavior: optional({ kind: "any" }),
      ScreenRecordingBehavior: optional({ kind: "any" }),
    },
    next: "required",
    errors: ["NoMatchingError", "ChannelMismatch"],
    mustCatch: ["NoMatchingError"],
    conditions: "none",
  },
  InvokeLambdaFunction: {
    members: {
      LambdaFunctionARN: required(arn("lambda")),
      InvocationTimeLimitSeconds: required(number(1, 8)),
      InvocationType: optional(choice("SYNCHRONOUS", "ASYNCHRONOUS")),
      LambdaInvocationAttributes: optional(record()),
      ResponseValidation: optional(
        object({ ResponseType: required(choice("STRING_MAP", "JSON")) }),
      ),
    },
    ...CAUGHT,
    mustCatch: ["NoMatchingError"],
  },
} as const satisfies Record<string, BlockType>;
