/** The client messages of Gemini Live, checked strictly: a field that the documentation does not know is refused. */
import { z } from "zod";

const content = z.strictObject({
  role: z.enum(["user", "model"]),
  parts: z.array(z.strictObject({ text: z.string().min(1) })).min(1),
});

const setup = z.strictObject({
  model: z.string().startsWith("models/"),
  generationConfig: z.strictObject({
    responseModalities: z.tuple([z.literal("AUDIO")]),
    speechConfig: z
      .strictObject({
        voiceConfig: z.strictObject({
          prebuiltVoiceConfig: z.strictObject({ voiceName: z.string().min(1) }),
        }),
      })
      .optional(),
  }),
  systemInstruction: z
    .strictObject({ parts: z.array(z.strictObject({ text: z.string().min(1) })).min(1) })
    .optional(),
  tools: z
    .tuple([
      z.strictObject({
        functionDeclarations: z
          .array(
            z.strictObject({
              name: z.string().regex(/^[A-Za-z_][\w.:-]{0,127}$/),
              description: z.string(),
              parametersJsonSchema: z.looseObject({ type: z.literal("object") }),
            }),
          )
          .min(1),
      }),
    ])
    .optional(),
  realtimeInputConfig: z.strictObject({
    automaticActivityDetection: z.strictObject({
      startOfSpeechSensitivity: z
        .enum(["START_SENSITIVITY_HIGH", "START_SENSITIVITY_LOW"])
        .optional(),
      endOfSpeechSensitivity: z.enum(["END_SENSITIVITY_HIGH", "END_SENSITIVITY_LOW"]).optional(),
      prefixPaddingMs: z.int().min(0).optional(),
      silenceDurationMs: z.int().min(0).optional(),
    }),
  }),
  inputAudioTranscription: z.strictObject({}).optional(),
  outputAudioTranscription: z.strictObject({}).optional(),
  sessionResumption: z.strictObject({ handle: z.string().min(1).optional() }),
  contextWindowCompression: z.strictObject({ slidingWindow: z.strictObject({}) }),
  historyConfig: z.strictObject({ initialHistoryInClientContent: z.boolean() }).optional(),
});

/** Every client message the stand-in takes: exactly one member. */
export const clientMessage = z.union([
  z.strictObject({ setup }),
  z.strictObject({
    clientContent: z.strictObject({ turns: z.array(content), turnComplete: z.boolean() }),
  }),
  z.strictObject({
    realtimeInput: z.strictObject({
      audio: z.strictObject({ mimeType: z.literal("audio/pcm;rate=16000"), data: z.base64() }),
    }),
  }),
  z.strictObject({ realtimeInput: z.strictObject({ audioStreamEnd: z.literal(true) }) }),
  z.strictObject({
    toolResponse: z.strictObject({
      functionResponses: z
        .array(
          z.strictObject({
            id: z.string().min(1),
            name: z.string().min(1),
            response: z.record(z.string(), z.unknown()),
          }),
        )
        .min(1),
    }),
  }),
]);

/** A valid client message. */
export type ClientMessage = z.output<typeof clientMessage>;
/** The session as a client asks for it. */
export type SetupRequest = z.output<typeof setup>;
/** A piece of the conversation in text. */
export type Content = z.output<typeof content>;
