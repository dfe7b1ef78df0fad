/** Reads what GPT-Live sends: validated, and reduced to what the gateway uses. */
import { z } from "zod";
import type { ServerError, ServerToolCall } from "./openai-server-event.ts";

/** An event of the service. */
export type LiveEvent =
  /** `expiresAtS` is Unix time in seconds. */
  | { readonly kind: "started"; readonly expiresAtS: number | undefined }
  | { readonly kind: "closed"; readonly reason: string }
  /** `base64` as it came, unchecked. */
  | { readonly kind: "audioDelta"; readonly base64: string }
  /** Times are of the session, in milliseconds. */
  | {
      readonly kind: "modelText" | "callerText";
      readonly delta: string;
      readonly startMs: number;
      readonly endMs: number;
    }
  | { readonly kind: "toolCall"; readonly call: ServerToolCall }
  /** Seconds of audio so far. */
  | { readonly kind: "usage"; readonly seconds: number }
  | { readonly kind: "error"; readonly error: ServerError }
  /** Known, and of no use here. */
  | { readonly kind: "ignored" }
  | { readonly kind: "unknown" }
  | { readonly kind: "malformed" };

type EventReader = (event: unknown) => LiveEvent;

const IGNORED: LiveEvent = { kind: "ignored" };
const MALFORMED: LiveEvent = { kind: "malformed" };

function reader<Shape extends z.ZodType>(
  shape: Shape,
  toEvent: (event: z.output<Shape>) => LiveEvent,
): EventReader {
  return (event) => {
    const result = shape.safeParse(event);
    return result.success ? toEvent(result.data) : MALFORMED;
  };
}

const transcript = z.object({ delta: z.string(), start_ms: z.number(), end_ms: z.number() });

/** The nested event of the Responses API; only a whole function call is of use. */
const responseEvent = z.object({
  event: z.object({
    type: z.string(),
    item: z
      .object({
        type: z.string(),
        call_id: z.string().optional(),
        name: z.string().optional(),
        arguments: z.string().optional(),
      })
      .optional()
      .catch(undefined),
  }),
});

function toToolCall({ event }: z.output<typeof responseEvent>): LiveEvent {
  const { item } = event;
  if (event.type !== "response.output_item.done" || item?.type !== "function_call") {
    return IGNORED;
  }
  const { call_id: callId, name } = item;
  return callId === undefined || name === undefined
    ? MALFORMED
    : { kind: "toolCall", call: { callId, name, argumentsJson: item.arguments ?? "{}" } };
}

const READERS = new Map<string, EventReader>([
  [
    "session.started",
    reader(
      z.object({
        session: z
          .object({ expires_at: z.number().positive().nullish().catch(undefined) })
          .nullish()
          .catch(undefined),
      }),
      ({ session }) => ({ kind: "started", expiresAtS: session?.expires_at ?? undefined }),
    ),
  ],
  [
    "session.closed",
    reader(z.object({ reason: z.string() }), ({ reason }) => ({ kind: "closed", reason })),
  ],
  [
    "session.output_audio.delta",
    reader(z.object({ delta: z.string() }), ({ delta }) => ({ kind: "audioDelta", base64: delta })),
  ],
  ["session.output_transcript.delta", reader(transcript, (event) => text("modelText", event))],
  ["session.input_transcript.delta", reader(transcript, (event) => text("callerText", event))],
  ["response.event", reader(responseEvent, toToolCall)],
  [
    "session.usage.updated",
    reader(z.object({ usage: z.object({ seconds: z.number().min(0) }) }), ({ usage }) => ({
      kind: "usage",
      seconds: usage.seconds,
    })),
  ],
  [
    "error",
    reader(
      z.object({
        error: z.object({
          type: z.string().nullish(),
          code: z.string().nullish(),
          client_event_id: z.string().nullish(),
        }),
      }),
      ({ error }) => ({
        kind: "error",
        error: {
          type: error.type ?? "unknown",
          code: error.code ?? undefined,
          clientEventId: error.client_event_id ?? undefined,
        },
      }),
    ),
  ],
]);

function text(kind: "modelText" | "callerText", event: z.output<typeof transcript>): LiveEvent {
  return { kind, delta: event.delta, startMs: event.start_ms, endMs: event.end_ms };
}

const IGNORED_TYPES = new Set([
  "info",
  "session.updated",
  "session.input_audio.muted",
  "session.input_audio.unmuted",
  "session.instructions.appended",
  "session.thinking.appended",
  "session.commentary.appended",
  "session.delegation.created",
]);

/** Reads one text message; never throws. */
export function parseLiveEvent(message: string): LiveEvent {
  let event: unknown;
  try {
    event = JSON.parse(message);
  } catch {
    return MALFORMED;
  }
  if (typeof event !== "object" || event === null || !("type" in event)) {
    return MALFORMED;
  }
  const { type } = event;
  if (typeof type !== "string") {
    return MALFORMED;
  }
  const read = READERS.get(type);
  if (read !== undefined) {
    return read(event);
  }
  return IGNORED_TYPES.has(type) ? IGNORED : { kind: "unknown" };
}
