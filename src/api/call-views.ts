/** Calls as the API shows them: times as ISO 8601 in UTC, what is not known as null. */
import { z } from "zod";
import { CONTACT_CLUES, RESULT_OUTCOMES } from "../core/connect-labels.ts";
import type { CallDetail, CallSummary } from "../ports/call-directory.ts";
import type { CallRecord } from "../ports/call-store.ts";
import { CONVERSATION, viewConversation } from "./conversation-views.ts";
import { iso, isoOrNull, TIME } from "./view-times.ts";

const DIRECTION = z.enum(["inbound", "outbound"]);
const MODE = z.enum(["agent", "assist", "bridge", "echo"]);

const ATTRIBUTES = z
  .record(z.string(), z.string())
  .describe(
    "Headers of the invitation that the trunk keeps, what a call of ours was ordered with, and what the model set.",
  );

const STATS = z
  .object({
    packetsReceived: z.number(),
    packetsSent: z.number(),
    packetsLost: z.number(),
    packetsLate: z.number(),
    packetsRefused: z.number(),
    jitterMs: z.number(),
    roundTripMs: z.number().nullable(),
    remoteLossFraction: z.number().nullable(),
  })
  .nullable();

const PARTIES = {
  direction: DIRECTION,
  phoneNumber: z.string().describe("The calling number."),
  calledNumber: z.string(),
  contactId: z.string().nullable().describe("Amazon Connect's contact."),
  trunk: z.string().nullable().describe("The trunk that the call came or went over."),
  flow: z.string(),
  mode: MODE,
  model: z.string().nullable(),
};

const CONTACT = z
  .object({
    initialContactId: z.string().nullable(),
    instanceId: z.string().nullable(),
    accountId: z.string().nullable(),
    foundBy: z.enum(CONTACT_CLUES),
    results: z.enum(RESULT_OUTCOMES).nullable().describe("What became of the results for it."),
  })
  .nullable()
  .describe("More of Amazon Connect's contact.");

/** A call in progress, in short. */
export const CALL_IN_SHORT = z.object({
  callId: z.string(),
  state: z.string(),
  ...PARTIES,
  start: TIME,
  answered: TIME.nullable(),
});

/** A call in progress, with what was said so far. */
export const CALL_IN_FULL = CALL_IN_SHORT.extend({
  muted: z
    .object({ caller: z.boolean(), model: z.boolean() })
    .describe("Whom an operator has muted."),
  ...CONVERSATION,
  attributes: ATTRIBUTES,
  contact: CONTACT,
});

/** A call that ended. */
export const CALL_LOG = z.object({
  sessionId: z.string().describe("The call id."),
  sipCallId: z.string(),
  ...PARTIES,
  attributes: ATTRIBUTES,
  contact: CONTACT,
  streamArn: z.string().nullable().describe("The Kinesis Video stream of the call."),
  start: TIME,
  answered: TIME.nullable(),
  end: TIME,
  durationMs: z.number().describe("From start to end."),
  verdict: z.object({
    endedBy: z.enum(["caller", "callee", "model", "gateway", "operator"]),
    outcome: z.string(),
    reason: z.string(),
  }),
  modelResponses: z.array(z.string()).describe("What the model said, in order."),
  ...CONVERSATION,
  stats: STATS,
});

/** A call in progress, in short. */
export function viewSummary(call: CallSummary): z.infer<typeof CALL_IN_SHORT> {
  return {
    callId: call.callId,
    state: call.state,
    ...viewParties(call),
    start: iso(call.startedAtMs),
    answered: isoOrNull(call.answeredAtMs),
  };
}

/** A call in progress, with what was said so far. */
export function viewDetail(call: CallDetail): z.infer<typeof CALL_IN_FULL> {
  const [muted, attributes] = [{ ...call.muted }, { ...call.attributes }];
  const contact = viewContact(call.contact);
  return { ...viewSummary(call), muted, ...viewConversation(call), attributes, contact };
}

/** A call that ended. */
export function viewRecord(record: CallRecord): z.infer<typeof CALL_LOG> {
  const { startedAtMs, endedAtMs, stats } = record;
  return {
    sessionId: record.callId,
    sipCallId: record.sipCallId,
    ...viewParties(record),
    attributes: { ...record.attributes },
    contact: viewContact(record.contact),
    streamArn: record.streamArn ?? null,
    start: iso(startedAtMs),
    answered: isoOrNull(record.answeredAtMs),
    end: iso(endedAtMs),
    durationMs: endedAtMs - startedAtMs,
    verdict: record.verdict,
    modelResponses: record.transcript
      .filter(({ speaker }) => speaker === "model")
      .map(({ text }) => text),
    ...viewConversation(record),
    stats:
      stats === undefined
        ? null
        : {
            ...stats,
            roundTripMs: stats.roundTripMs ?? null,
            remoteLossFraction: stats.remoteLossFraction ?? null,
          },
  };
}

function viewContact(contact: CallRecord["contact"]): z.infer<typeof CONTACT> {
  if (contact === undefined) {
    return null;
  }
  const { initialContactId, instanceId, accountId, foundBy, results } = contact;
  return {
    initialContactId: initialContactId ?? null,
    instanceId: instanceId ?? null,
    accountId: accountId ?? null,
    foundBy,
    results: results ?? null,
  };
}

function viewParties(call: CallSummary | CallRecord) {
  const { direction, callingNumber, calledNumber, contactId, trunk, flow, mode, model } = call;
  return {
    direction,
    phoneNumber: callingNumber,
    calledNumber,
    contactId: contactId ?? null,
    trunk: trunk ?? null,
    flow,
    mode,
    model: model ?? null,
  };
}
