/** Settings of models that speak the protocols of OpenAI. */
import { z } from "zod";
import { pricesSchema, socketUrl } from "./config-model-values.ts";
import { count, secret } from "./config-values.ts";

const KEY_EXPECTED = 'the key of the service, best as a reference: "$'.concat(
  '{env:OPENAI_API_KEY}"',
);

/** The service ends a session of Realtime after an hour. */
const OPENAI_SESSION_SECONDS = 3600;

const turnDetectionSchema = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("server_vad").describe("By loudness and pauses."),
    threshold: z.number().min(0).max(1).optional().describe("Higher needs louder speech."),
    prefixPaddingMs: count(0, 5000).optional().describe("Milliseconds kept before speech."),
    silenceDurationMs: count(50, 10_000)
      .optional()
      .describe("Milliseconds of silence that end a turn."),
  }),
  z.strictObject({
    type: z.literal("semantic_vad").describe("By what is said."),
    eagerness: z
      .enum(["low", "medium", "high", "auto"])
      .optional()
      .describe("How soon the model answers."),
  }),
]);

/** What a session of the Realtime protocol can be told, wherever it runs. */
const realtimeFields = {
  voice: z
    .string()
    .min(1)
    .optional()
    .describe("Voice for flows that name none; absent: the service's choice."),
  transcriptionModel: z
    .string()
    .min(1)
    .default("gpt-4o-mini-transcribe")
    .describe("Writes down what the caller says; off: nobody does."),
  transcriptionLanguage: z
    .string()
    .regex(/^[a-z]{2,3}$/, "a language of ISO 639-1, such as en")
    .optional()
    .describe("Language the caller speaks; absent: the service finds out."),
  transcriptionPrompt: z
    .string()
    .min(1)
    .max(1000)
    .optional()
    .describe("Words to expect, such as names of products."),
  turnDetection: turnDetectionSchema
    .default({ type: "server_vad" })
    .describe("How the service finds the caller's turns."),
  noiseReduction: z
    .enum(["near_field", "far_field", "off"])
    .default("off")
    .describe("near_field: a handset; far_field: a speakerphone."),
  maxSessionSeconds: count(30, OPENAI_SESSION_SECONDS)
    .default(OPENAI_SESSION_SECONDS)
    .describe("Seconds that a session lasts; the next one takes over before."),
  prices: pricesSchema,
};

/** A model of OpenAI Realtime. */
export const openAiSchema = z.strictObject({
  kind: z.literal("openai").describe("OpenAI Realtime, or a service that speaks its protocol."),
  apiKey: secret(KEY_EXPECTED).describe("Key of the service; secret."),
  url: socketUrl()
    .default("wss://api.openai.com/v1/realtime")
    .describe("Where the service is; ws:// for a stand-in on this machine."),
  model: z.string().min(1).default("gpt-realtime").describe("The service's name of the model."),
  ...realtimeFields,
});

/** A deployment of such a model in Azure. */
export const azureSchema = z
  .strictObject({
    kind: z.literal("azure").describe("OpenAI Realtime in a resource of Azure."),
    endpoint: z
      .string()
      .refine(isEndpoint, "expected an https:// or wss:// address without user, password and query")
      .describe("Address of the resource; http:// or ws:// for a stand-in on this machine."),
    deployment: z.string().min(1).describe("Name of the deployment."),
    apiKey: secret().optional().describe("Key of the resource; secret."),
    bearerToken: secret()
      .optional()
      .describe("Token of Entra ID in place of a key; secret. It is read when the gateway starts."),
    ...realtimeFields,
  })
  .superRefine(({ apiKey, bearerToken }, context) => {
    if ((apiKey === undefined) === (bearerToken === undefined)) {
      const message = "expected either apiKey or bearerToken";
      context.addIssue({ code: "custom", path: ["apiKey"], message });
    }
  });

function isEndpoint(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return (
    url !== undefined &&
    ["https:", "wss:", "http:", "ws:"].includes(url.protocol) &&
    url.username === "" &&
    url.password === "" &&
    url.search === ""
  );
}

/** A transcription by OpenAI. */
export const openAiTranscriptionSchema = z.strictObject({
  kind: z
    .literal("openai-transcription")
    .describe("Transcription of OpenAI: listens to recording sessions, never speaks."),
  apiKey: secret(KEY_EXPECTED).describe("Key of the service; secret."),
  url: socketUrl()
    .default("wss://api.openai.com/v1/realtime")
    .describe("Where the service is; ws:// for a stand-in on this machine."),
  model: z
    .string()
    .min(1)
    .default("gpt-4o-mini-transcribe")
    .describe("The service's name of a model that transcribes and finds turns."),
  language: realtimeFields.transcriptionLanguage.describe(
    "Language that is spoken, by ISO 639-1; absent: the service finds out.",
  ),
  prompt: realtimeFields.transcriptionPrompt,
  turnDetection: realtimeFields.turnDetection.describe("How the service finds utterances."),
  noiseReduction: realtimeFields.noiseReduction,
  maxSessionSeconds: realtimeFields.maxSessionSeconds,
  prices: pricesSchema,
});

/** GPT-Live, which hears while it speaks. */
export const gptLiveSchema = z.strictObject({
  kind: z.literal("gpt-live").describe("GPT-Live of OpenAI: full duplex, decides by itself."),
  apiKey: secret(KEY_EXPECTED).describe("Key of the service; secret."),
  url: socketUrl()
    .default("wss://api.openai.com/v1/live/sessions")
    .describe("Where the service is; ws:// for a stand-in on this machine."),
  model: z.string().min(1).default("gpt-live-1").describe("The service's name of the model."),
  voice: z
    .string()
    .min(1)
    .optional()
    .describe("Voice for flows that name none; absent: the service's choice."),
  toolModel: z
    .string()
    .min(1)
    .optional()
    .describe("Model of the Responses API that calls the tools of flows; absent: no tools."),
  maxSessionSeconds: count(30, 86_400)
    .optional()
    .describe("Seconds that a session lasts; absent: as long as the service says."),
});
