/** Reads what the Realtime service sends: validated, and reduced to what the gateway uses. */
import { z } from "zod";
import type { ServerError, ServerEvent, ServerToolCall } from "./openai-server-event.ts";
import {
  toTranscriptionUsage,
  toUsage,
  transcriptionUsageShape,
  usageShape,
} from "./openai-usage.ts";

type EventReader = (event: unknown) => ServerEvent;

const IGNORED: ServerEvent = { kind: "ignored" };
const MALFORMED: ServerEvent = { kind: "malformed" };

function reader<Shape extends z.ZodType>(
  shape: Shape,
  toEvent: (event: z.output<Shape>) => ServerEvent,
): EventReader {
  return (event) => {
    const result = shape.safeParse(event);
    return result.success ? toEvent(result.data) : MALFORMED;
  };
}

const anything = z.object({});
const ofItem = z.object({ item_id: z.string() });
const itemDelta = z.object({ item_id: z.string(), delta: z.string().optional() });
const itemTranscript = z.object({ item_id: z.string(), transcript: z.string() });

const callerTranscript = itemTranscript.extend({ usage: transcriptionUsageShape });
const speechShape = z.object({
  item_id: z.string().optional().catch(undefined),
  audio_start_ms: z.number().nonnegative().optional().catch(undefined),
  audio_end_ms: z.number().nonnegative().optional().catch(undefined),
});

const sessionShape = z.object({
  session: z
    .object({ expires_at: z.number().positive().nullish().catch(undefined) })
    .nullish()
    .catch(undefined),
});

const errorShape = z.object({
  type: z.string().nullish(),
  code: z.string().nullish(),
  event_id: z.string().nullish(),
});

const outputItem = z.object({
  type: z.string(),
  status: z.string().optional(),
  call_id: z.string().optional(),
  name: z.string().optional(),
  arguments: z.string().optional(),
});

const responseShape = z.object({
  response: z.object({
    status: z.enum(["completed", "cancelled", "failed", "incomplete"]),
    status_details: z
      .object({ reason: z.string().nullish(), error: errorShape.nullish() })
      .nullish(),
    output: z.array(outputItem).optional(),
    usage: usageShape,
  }),
});

function toError(error: z.output<typeof errorShape>): ServerError {
  return {
    type: error.type ?? "unknown",
    code: error.code ?? undefined,
    clientEventId: error.event_id ?? undefined,
  };
}

/** A call whose arguments are whole: those of a cancelled answer may end in the middle. */
function toToolCall(item: z.output<typeof outputItem>): ServerToolCall | undefined {
  const whole = item.status === undefined || item.status === "completed";
  if (item.type !== "function_call" || !whole) {
    return undefined;
  }
  if (item.call_id === undefined || item.name === undefined) {
    return undefined;
  }
  return { callId: item.call_id, name: item.name, argumentsJson: item.arguments ?? "{}" };
}

function toOutcome({ response }: z.output<typeof responseShape>): ServerEvent {
  const { status, status_details: details, output } = response;
  const calls = status === "completed" ? (output ?? []).map(toToolCall) : [];
  return {
    kind: "responseDone",
    outcome: {
      status,
      reason: details?.reason ?? undefined,
      error: details?.error ? toError(details.error) : undefined,
      toolCalls: calls.filter((call) => call !== undefined),
      usage: toUsage(response.usage),
    },
  };
}

const TRANSCRIPTION = "conversation.item.input_audio_transcription";
const TRANSCRIPT = "response.output_audio_transcript";

const READERS = new Map<string, EventReader>([
  ["session.created", reader(sessionShape, (event) => sessionEvent("sessionCreated", event))],
  ["session.updated", reader(sessionShape, (event) => sessionEvent("sessionUpdated", event))],
  [
    "input_audio_buffer.speech_started",
    reader(speechShape, (event) => ({
      kind: "speechStarted",
      itemId: event.item_id,
      audioMs: event.audio_start_ms,
    })),
  ],
  [
    "input_audio_buffer.speech_stopped",
    reader(speechShape, (event) => ({
      kind: "speechStopped",
      itemId: event.item_id,
      audioMs: event.audio_end_ms,
    })),
  ],
  [
    "input_audio_buffer.committed",
    reader(ofItem, (event) => ({ kind: "turnCommitted", itemId: event.item_id })),
  ],
  ["response.created", reader(anything, () => ({ kind: "responseCreated" }))],
  ["response.done", reader(responseShape, toOutcome)],
  [
    "response.output_audio.delta",
    reader(z.object({ item_id: z.string(), delta: z.string() }), (event) => ({
      kind: "audioDelta",
      itemId: event.item_id,
      base64: event.delta,
    })),
  ],
  [
    "response.output_audio.done",
    reader(ofItem, (event) => ({ kind: "audioDone", itemId: event.item_id })),
  ],
  [`${TRANSCRIPT}.delta`, reader(itemDelta, (event) => textDelta("modelText", event))],
  [`${TRANSCRIPTION}.delta`, reader(itemDelta, (event) => textDelta("callerText", event))],
  [`${TRANSCRIPT}.done`, reader(itemTranscript, (event) => textDone("modelTextDone", event))],
  [
    `${TRANSCRIPTION}.completed`,
    reader(callerTranscript, (event) => ({
      ...textDone("callerTextDone", event),
      usage: toTranscriptionUsage(event.usage),
    })),
  ],
  [
    `${TRANSCRIPTION}.failed`,
    reader(ofItem, (event) => ({ kind: "callerTextFailed", itemId: event.item_id })),
  ],
  [
    "response.output_item.done",
    reader(z.object({ item: outputItem }), ({ item }) => {
      const call = toToolCall(item);
      return call === undefined ? IGNORED : { kind: "toolCall", call };
    }),
  ],
  [
    "error",
    reader(z.object({ error: errorShape }), ({ error }) => ({
      kind: "error",
      error: toError(error),
    })),
  ],
]);

function sessionEvent(
  kind: "sessionCreated" | "sessionUpdated",
  { session }: z.output<typeof sessionShape>,
): ServerEvent {
  return { kind, expiresAtS: session?.expires_at ?? undefined };
}

function textDelta(
  kind: "modelText" | "callerText",
  event: z.output<typeof itemDelta>,
): ServerEvent {
  return { kind, itemId: event.item_id, delta: event.delta ?? "" };
}

function textDone(
  kind: "modelTextDone" | "callerTextDone",
  event: z.output<typeof itemTranscript>,
) {
  return { kind, itemId: event.item_id, text: event.transcript };
}

const IGNORED_TYPES = new Set([
  "conversation.created",
  "conversation.item.added",
  "conversation.item.created",
  "conversation.item.done",
  "conversation.item.deleted",
  "conversation.item.retrieved",
  "conversation.item.truncated",
  `${TRANSCRIPTION}.segment`,
  "input_audio_buffer.cleared",
  "input_audio_buffer.timeout_triggered",
  "rate_limits.updated",
  "response.content_part.added",
  "response.content_part.done",
  "response.output_item.added",
  "response.output_text.delta",
  "response.output_text.done",
  "response.function_call_arguments.delta",
  "response.function_call_arguments.done",
]);

/** Reads one text message; never throws. */
export function parseServerEvent(text: string): ServerEvent {
  let event: unknown;
  try {
    event = JSON.parse(text);
  } catch {
    return MALFORMED;
  }
  const type = typeOf(event);
  if (type === undefined) {
    return MALFORMED;
  }
  const read = READERS.get(type);
  if (read !== undefined) {
    return read(event);
  }
  return IGNORED_TYPES.has(type) ? IGNORED : { kind: "unknown" };
}

function typeOf(event: unknown): string | undefined {
  if (typeof event !== "object" || event === null || !("type" in event)) {
    return undefined;
  }
  return typeof event.type === "string" ? event.type : undefined;
}
