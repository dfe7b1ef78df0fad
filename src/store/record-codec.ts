/** A call record as JSON text, and back: whatever is read is checked before it is believed. */
import { z } from "zod";
import { CONTACT_CLUES, RESULT_OUTCOMES } from "../core/connect-labels.ts";
import { ERROR_CATALOGUE, type ErrorCode, GatewayError } from "../core/errors.ts";
import { asCallId } from "../core/ids.ts";
import { TOOL_KINDS, TOOL_OUTCOMES } from "../core/tool-labels.ts";
import type { CallRecord } from "../ports/call-store.ts";

/** JSON has no `undefined`: an absent or null member reads as `undefined`. */
function absent<T extends z.ZodType>(schema: T) {
  return schema.nullish().transform((value) => value ?? undefined);
}

const TEXT = absent(z.string());
const NUMBER = absent(z.number());

const USAGE = z.object({
  inputTextTokens: z.number(),
  inputAudioTokens: z.number(),
  cachedTokens: z.number(),
  outputTextTokens: z.number(),
  outputAudioTokens: z.number(),
});

const TURN = z.object({
  itemId: z.string(),
  source: absent(z.enum(["answer", "filler", "say", "inject"])),
  model: TEXT,
  turnEndedAtMs: NUMBER,
  truncatedToMs: NUMBER,
  waitedMs: NUMBER,
  toolMs: NUMBER,
  usage: absent(USAGE),
  costUsd: NUMBER,
  lastCallerVoiceAtMs: NUMBER,
  firstModelAudioAtMs: z.number(),
  firstPacketAtMs: z.number(),
  endedAtMs: z.number(),
  playedMs: z.number(),
  unheardMs: z.number(),
  interrupted: z.boolean(),
});

const MODEL_SPAN = z.object({
  model: z.string(),
  fromMs: z.number(),
  toMs: NUMBER,
  ended: absent(z.enum(["callEnded", "renewed", "replaced", "failed"])),
  code: absent(z.string().transform(asErrorCode)),
  reason: TEXT,
});

const USAGE_TOTAL = z.object({ model: z.string(), usage: USAGE, costUsd: NUMBER });

const TOOL = z.object({
  name: z.string(),
  kind: z.enum(TOOL_KINDS),
  atMs: z.number(),
  ms: z.number(),
  outcome: z.enum(TOOL_OUTCOMES),
});

const ROLES = ["customer", "agent", "model", "unknown"] as const;

const PARTICIPANT = z.object({
  id: z.string(),
  role: z.enum(ROLES),
  because: z.string(),
  name: TEXT,
});

const CONTACT = z.object({
  contactId: z.string(),
  initialContactId: TEXT,
  instanceId: TEXT,
  accountId: TEXT,
  foundBy: z.enum(CONTACT_CLUES),
  results: absent(z.enum(RESULT_OUTCOMES)),
});

const STATS = z.object({
  packetsReceived: z.number(),
  packetsSent: z.number(),
  packetsLost: z.number(),
  packetsLate: z.number(),
  packetsRefused: z.number(),
  jitterMs: z.number(),
  roundTripMs: NUMBER,
  remoteLossFraction: NUMBER,
});

const VERDICT = z.object({
  endedBy: z.enum(["caller", "callee", "model", "gateway", "operator"]),
  outcome: z.enum([
    "completed",
    "cancelled",
    "refused",
    "mediaTimeout",
    "modelFailed",
    "serverLost",
    "drained",
    "failed",
    "timeLimit",
  ]),
  reason: z.string(),
});

const CONSENT = z.object({
  state: z.enum(["assumed", "announced", "missing", "given", "refused"]),
  by: z.enum(["flow", "client", "caller", "operator"]),
  atMs: NUMBER,
});

const RECORDING = z.object({
  state: z.enum(["recording", "paused", "finished", "unfinished"]),
  file: z.string(),
  uri: TEXT,
  startedAtMs: z.number(),
  durationMs: z.number(),
  format: z.enum(["pcm16", "mulaw"]),
  paused: z.array(
    z.object({ fromMs: z.number(), toMs: z.number(), by: z.enum(["operator", "client"]) }),
  ),
  droppedMs: z.number(),
  keyId: TEXT,
  sha256: TEXT,
});

const RECORD = z.object({
  callId: z.string().min(1).transform(asCallId),
  sipCallId: z.string(),
  direction: z.enum(["inbound", "outbound"]),
  flow: z.string(),
  mode: z.enum(["agent", "assist", "bridge", "echo"]),
  model: TEXT,
  callingNumber: z.string(),
  calledNumber: z.string(),
  contactId: TEXT,
  contact: CONTACT.optional(),
  trunk: TEXT,
  attributes: z.record(z.string(), z.string()).default({}),
  streamArn: TEXT,
  startedAtMs: z.number(),
  answeredAtMs: NUMBER,
  endedAtMs: z.number(),
  verdict: VERDICT,
  transcript: z.array(
    z.object({
      speaker: z.enum(["caller", "model"]),
      text: z.string(),
      atMs: z.number(),
      role: z.enum(ROLES).optional(),
      participantId: z.string().optional(),
    }),
  ),
  interruptions: z.array(
    z.object({ atMs: z.number(), playedMs: z.number(), unheardMs: z.number() }),
  ),
  turns: z.array(TURN),
  models: z.array(MODEL_SPAN).default([]),
  usage: z.array(USAGE_TOTAL).default([]),
  tools: absent(z.array(TOOL)),
  participants: z.array(PARTICIPANT).optional(),
  consent: absent(CONSENT),
  recording: absent(RECORDING),
  stats: absent(STATS),
});

/** A code that another version wrote and this one does not know reads as `undefined`. */
function asErrorCode(text: string): ErrorCode | undefined {
  return Object.hasOwn(ERROR_CATALOGUE, text) ? (text as ErrorCode) : undefined;
}

/** One line of JSON without line breaks. */
export function encodeRecord(record: CallRecord): string {
  return JSON.stringify(record);
}

/** Throws STORE_FAILED, naming the member that is wrong but never its content. */
export function decodeRecord(text: string): CallRecord {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new GatewayError("STORE_FAILED", { reason: "a stored record is not JSON" });
  }
  const result = RECORD.safeParse(json);
  if (!result.success) {
    const member = result.error.issues[0]?.path.join(".") ?? "";
    throw new GatewayError("STORE_FAILED", { reason: "a stored record is not valid", member });
  }
  return result.data;
}
