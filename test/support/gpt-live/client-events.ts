/** What a client may send to GPT-Live over a WebSocket, strictly: the service rejects fields it does not know. */
import { z } from "zod";

const eventId = z.string().max(512).nullish();

const format = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("audio/pcm"),
    rate: z.union([z.literal(16_000), z.literal(24_000)]),
  }),
  z.strictObject({ type: z.literal("audio/pcmu"), rate: z.literal(8000) }),
  z.strictObject({ type: z.literal("audio/pcma"), rate: z.literal(8000) }),
]);

const message = z.discriminatedUnion("role", [
  z.strictObject({
    type: z.literal("message").optional(),
    role: z.enum(["user", "developer"]),
    content: z.tuple([
      z.strictObject({ type: z.literal("input_text").optional(), text: z.string() }),
    ]),
  }),
  z.strictObject({
    type: z.literal("message").optional(),
    role: z.literal("assistant"),
    content: z.tuple([z.strictObject({ type: z.enum(["text", "output_text"]), text: z.string() })]),
  }),
]);

const tool = z.strictObject({
  type: z.literal("function"),
  name: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
  description: z.string().nullish(),
  parameters: z.looseObject({ type: z.literal("object") }).nullish(),
});

const delegation = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("client") }),
  z.strictObject({
    type: z.literal("responses"),
    responses: z.strictObject({
      model: z.string(),
      instructions: z.string().nullish(),
      tools: z.array(tool).optional(),
    }),
  }),
]);

const session = z.strictObject({
  model: z.string(),
  instructions: z.string().nullish(),
  audio: z
    .strictObject({
      format: format.optional(),
      output: z.strictObject({ voice: z.string().optional() }).optional(),
    })
    .optional(),
  input: z.array(message).max(128).optional(),
  delegation: delegation.nullish(),
  store: z.boolean().optional(),
});

/** 500 tokens, which is never more than 4 characters each in the tests' languages. */
const append = {
  event_id: eventId,
  content: z.string().min(1).max(2000),
  delegation_id: z.null(),
};

/** Every client event the stand-in takes. */
export const liveClientEvent = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("session.start"), event_id: eventId, session }),
  z.strictObject({
    type: z.literal("session.input_audio.append"),
    event_id: eventId,
    audio: z.base64(),
  }),
  z.strictObject({ type: z.literal("session.input_audio.mute"), event_id: eventId }),
  z.strictObject({ type: z.literal("session.input_audio.unmute"), event_id: eventId }),
  z.strictObject({ type: z.literal("session.instructions.append"), ...append }),
  z.strictObject({ type: z.literal("session.thinking.append"), ...append }),
  z.strictObject({ type: z.literal("session.commentary.append"), ...append }),
  z.strictObject({
    type: z.literal("response.item.create"),
    event_id: eventId,
    item: z.strictObject({
      type: z.literal("function_call_output"),
      call_id: z.string(),
      output: z.string(),
    }),
  }),
  z.strictObject({ type: z.literal("response.create"), event_id: eventId }),
  z.strictObject({ type: z.literal("session.close"), event_id: eventId }),
]);

/** A valid client event. */
export type LiveClientEvent = z.output<typeof liveClientEvent>;
/** The session as a client asks for it. */
export type LiveSessionRequest = z.output<typeof session>;
