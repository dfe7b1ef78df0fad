/** What a client may send to the Realtime service (GA), strictly: a field of the beta, or a misspelt one, is an error. */
import { z } from "zod";

const eventId = z.string().max(512).optional();

const format = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("audio/pcm"), rate: z.literal(24_000) }),
  z.strictObject({ type: z.literal("audio/pcmu") }),
  z.strictObject({ type: z.literal("audio/pcma") }),
]);

const turnDetection = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("server_vad"),
    threshold: z.number().min(0).max(1).optional(),
    prefix_padding_ms: z.int().min(0).optional(),
    silence_duration_ms: z.int().min(0).optional(),
    idle_timeout_ms: z.int().min(5000).max(30_000).nullish(),
    create_response: z.boolean().optional(),
    interrupt_response: z.boolean().optional(),
  }),
  z.strictObject({
    type: z.literal("semantic_vad"),
    eagerness: z.enum(["low", "medium", "high", "auto"]).optional(),
    create_response: z.boolean().optional(),
    interrupt_response: z.boolean().optional(),
  }),
]);

const tool = z.strictObject({
  type: z.literal("function"),
  name: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
  description: z.string(),
  parameters: z.looseObject({ type: z.literal("object") }),
});

const toolChoice = z.enum(["auto", "none", "required"]);
const modalities = z.tuple([z.enum(["audio", "text"])]);
const voice = z.enum([
  "alloy",
  "ash",
  "ballad",
  "coral",
  "echo",
  "sage",
  "shimmer",
  "verse",
  "marin",
  "cedar",
]);

const session = z.strictObject({
  type: z.literal("realtime"),
  model: z.string().optional(),
  instructions: z.string().optional(),
  output_modalities: modalities.optional(),
  audio: z
    .strictObject({
      input: z
        .strictObject({
          format: format.optional(),
          noise_reduction: z.strictObject({ type: z.enum(["near_field", "far_field"]) }).nullish(),
          transcription: z
            .strictObject({
              model: z.string(),
              language: z.string().optional(),
              prompt: z.string().optional(),
            })
            .nullish(),
          turn_detection: turnDetection.nullish(),
        })
        .optional(),
      output: z
        .strictObject({
          format: format.optional(),
          voice: voice.optional(),
          speed: z.number().min(0.25).max(1.5).optional(),
        })
        .optional(),
    })
    .optional(),
  tools: z.array(tool).optional(),
  tool_choice: toolChoice.optional(),
  max_output_tokens: z.union([z.int().min(1).max(4096), z.literal("inf")]).optional(),
  truncation: z.enum(["auto", "disabled"]).optional(),
});

const item = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("message"),
    id: z.string().max(32).optional(),
    role: z.enum(["user", "assistant", "system"]),
    content: z.array(
      z.discriminatedUnion("type", [
        z.strictObject({ type: z.literal("input_text"), text: z.string() }),
        z.strictObject({ type: z.literal("output_text"), text: z.string() }),
        z.strictObject({ type: z.literal("input_audio"), audio: z.string() }),
      ]),
    ),
  }),
  z.strictObject({
    type: z.literal("function_call_output"),
    id: z.string().max(32).optional(),
    call_id: z.string(),
    output: z.string(),
  }),
]);

const response = z.strictObject({
  instructions: z.string().optional(),
  output_modalities: modalities.optional(),
  conversation: z.enum(["auto", "none"]).optional(),
  metadata: z.record(z.string(), z.string()).nullish(),
  tools: z.array(tool).optional(),
  tool_choice: toolChoice.optional(),
  max_output_tokens: z.union([z.int(), z.literal("inf")]).optional(),
});

/** Every client event the stand-in takes. */
export const clientEvent = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("session.update"), event_id: eventId, session }),
  z.strictObject({
    type: z.literal("input_audio_buffer.append"),
    event_id: eventId,
    audio: z.base64(),
  }),
  z.strictObject({ type: z.literal("input_audio_buffer.commit"), event_id: eventId }),
  z.strictObject({ type: z.literal("input_audio_buffer.clear"), event_id: eventId }),
  z.strictObject({
    type: z.literal("conversation.item.create"),
    event_id: eventId,
    previous_item_id: z.string().nullish(),
    item,
  }),
  z.strictObject({
    type: z.literal("conversation.item.truncate"),
    event_id: eventId,
    item_id: z.string(),
    content_index: z.literal(0),
    audio_end_ms: z.int().min(0),
  }),
  z.strictObject({
    type: z.literal("conversation.item.delete"),
    event_id: eventId,
    item_id: z.string(),
  }),
  z.strictObject({
    type: z.literal("response.create"),
    event_id: eventId,
    response: response.optional(),
  }),
  z.strictObject({
    type: z.literal("response.cancel"),
    event_id: eventId,
    response_id: z.string().optional(),
  }),
]);

/** A valid client event. */
export type ClientEvent = z.output<typeof clientEvent>;
/** The session as a client asks for it. */
export type SessionRequest = z.output<typeof session>;
