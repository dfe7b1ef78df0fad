/** What was said in a call as the API shows it: transcript, interruptions, and the ledger of what was heard when. */
import { z } from "zod";
import { sharesOf } from "../call/turn-shares.ts";
import { TOOL_KINDS, TOOL_OUTCOMES } from "../core/tool-labels.ts";
import type { CallRecord } from "../ports/call-store.ts";
import type { TurnTiming } from "../ports/media-facts.ts";
import { RECORDED, viewRecorded } from "./recording-views.ts";
import { iso, isoOrNull, TIME } from "./view-times.ts";

const ROLE = z.enum(["customer", "agent", "model", "unknown"]);

const TRANSCRIPT = z.array(
  z.object({
    speaker: z.enum(["caller", "model"]),
    text: z.string(),
    at: TIME,
    role: ROLE.optional().describe("Of a recording session: who spoke."),
    participantId: z.string().optional().describe("Of a recording session: the stream's label."),
  }),
);

/** The streams of a recording session. */
export const PARTICIPANTS = z.array(
  z.object({
    id: z.string(),
    role: ROLE,
    because: z.string().describe("Why it has this role."),
    name: z.string().nullable(),
  }),
);

const INTERRUPTIONS = z.array(
  z.object({
    at: TIME,
    playedMs: z.number().describe("Of the answer, when the caller spoke over it."),
    unheardMs: z.number().describe("Dropped, because the caller spoke over it."),
  }),
);

const USAGE = z.object({
  inputTextTokens: z.number(),
  inputAudioTokens: z.number(),
  cachedTokens: z.number(),
  outputTextTokens: z.number(),
  outputAudioTokens: z.number(),
});

const COST = z
  .number()
  .nullable()
  .describe("US dollars, by the prices that the model is configured with.");

const TURN = z.object({
  itemId: z.string(),
  source: z
    .enum(["answer", "filler", "say", "inject"])
    .describe("say and inject: ordered by an operator."),
  model: z
    .string()
    .nullable()
    .describe("Who spoke; null: the gateway's own voice, or injected audio."),
  lastCallerVoiceAt: TIME.nullable().describe("The last packet with the caller's voice before it."),
  turnEndedAt: TIME.nullable().describe("When the model decided that the caller's turn was over."),
  firstModelAudioAt: TIME,
  firstPacketAt: TIME,
  endedAt: TIME,
  responseMs: z
    .number()
    .nullable()
    .describe("From the caller's last voiced packet to the first packet of the answer."),
  modelMs: z
    .number()
    .nullable()
    .describe(
      "The model's part of it: from the end of the turn to the first byte, without toolMs.",
    ),
  gatewayMs: z.number().describe("Our part: from the first byte to the first packet."),
  waitedMs: z.number().describe("Between those, while something else was being said."),
  toolMs: z.number().nullable().describe("Spent in tools before the answer."),
  playedMs: z.number().describe("Sent to the caller, in packets of RTP."),
  unheardMs: z.number(),
  interrupted: z.boolean(),
  truncatedToMs: z
    .number()
    .nullable()
    .describe("What the model was told was heard of an answer that was cut off."),
  usage: USAGE.nullable().describe("What the provider counted since the turn before."),
  costUsd: COST,
});

const MODELS = z.array(
  z.object({
    model: z.string(),
    from: TIME,
    to: TIME.nullable(),
    ended: z
      .enum(["callEnded", "renewed", "replaced", "failed"])
      .nullable()
      .describe("null: it goes on. renewed: at the provider's limit, by another session."),
    code: z.string().nullable().describe("Of a failure: a code of docs/errors.md."),
    reason: z.string().nullable(),
  }),
);

const TOOLS = z.array(
  z.object({
    name: z.string().describe("As the flow names it; unknown: the flow has no such tool."),
    kind: z.enum(TOOL_KINDS),
    at: TIME,
    ms: z.number().describe("From the call of the tool to its answer."),
    outcome: z.enum(TOOL_OUTCOMES),
  }),
);

/** Members of every call that has more than a summary. */
export const CONVERSATION = {
  transcript: TRANSCRIPT,
  interruptions: INTERRUPTIONS,
  turns: z.array(TURN).describe("One row for each thing the caller heard."),
  models: MODELS.describe("Which model spoke when, and what ended it."),
  tools: TOOLS.describe("What the model called."),
  participants: PARTICIPANTS.optional().describe("Of a recording session: its streams."),
  usage: z.array(z.object({ model: z.string(), ...USAGE.shape, costUsd: COST })),
  ...RECORDED,
};

/** What {@link viewConversation} shows. */
export type Conversation = Pick<
  CallRecord,
  | "transcript"
  | "interruptions"
  | "turns"
  | "tools"
  | "models"
  | "usage"
  | "participants"
  | "consent"
  | "recording"
>;

/** In the shape of {@link CONVERSATION}. */
export function viewConversation(call: Conversation) {
  return {
    ...viewRecorded(call),
    transcript: call.transcript.map(({ atMs, ...line }) => ({ ...line, at: iso(atMs) })),
    ...(call.participants === undefined
      ? {}
      : { participants: viewParticipants(call.participants) }),
    interruptions: call.interruptions.map(({ atMs, playedMs, unheardMs }) => ({
      at: iso(atMs),
      playedMs,
      unheardMs,
    })),
    turns: call.turns.map(viewTurn),
    models: call.models.map(({ model, fromMs, toMs, ended, code, reason }) => ({
      model,
      from: iso(fromMs),
      to: isoOrNull(toMs),
      ended: ended ?? null,
      code: code ?? null,
      reason: reason ?? null,
    })),
    tools: (call.tools ?? []).map(({ atMs, ...use }) => ({ ...use, at: iso(atMs) })),
    usage: call.usage.map(({ model, usage, costUsd }) => ({
      model,
      ...usage,
      costUsd: costUsd ?? null,
    })),
  };
}

/** In the shape of {@link PARTICIPANTS}. */
export function viewParticipants(participants: NonNullable<CallRecord["participants"]>) {
  return participants.map((one) => ({ ...one, name: one.name ?? null }));
}

function viewTurn(turn: TurnTiming): z.infer<typeof TURN> {
  const { responseMs, modelMs, gatewayMs } = sharesOf(turn);
  return {
    itemId: turn.itemId,
    source: turn.source ?? "answer",
    model: turn.model ?? null,
    lastCallerVoiceAt: isoOrNull(turn.lastCallerVoiceAtMs),
    turnEndedAt: isoOrNull(turn.turnEndedAtMs),
    firstModelAudioAt: iso(turn.firstModelAudioAtMs),
    firstPacketAt: iso(turn.firstPacketAtMs),
    endedAt: iso(turn.endedAtMs),
    responseMs: responseMs ?? null,
    modelMs: modelMs ?? null,
    gatewayMs,
    waitedMs: turn.waitedMs ?? 0,
    toolMs: turn.toolMs ?? null,
    playedMs: turn.playedMs,
    unheardMs: turn.unheardMs,
    interrupted: turn.interrupted,
    truncatedToMs: turn.truncatedToMs ?? null,
    usage: turn.usage ?? null,
    costUsd: turn.costUsd ?? null,
  };
}
