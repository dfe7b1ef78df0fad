/** Settings of a model of Gemini Live. */
import { z } from "zod";
import { pricesSchema, socketUrl } from "./config-model-values.ts";
import { count, secret } from "./config-values.ts";

const KEY_EXPECTED = 'the key of the service, best as a reference: "$'.concat(
  '{env:GEMINI_API_KEY}"',
);
const SERVICE = "google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent";
/** Google's own clients may put the key there; here it would end up where addresses are shown. */
const KEY_PARAMETERS = ["key", "access_token"];

const activityDetectionSchema = z.strictObject({
  startSensitivity: z.enum(["low", "high"]).optional().describe("low: begins a turn less readily."),
  endSensitivity: z.enum(["low", "high"]).optional().describe("low: ends a turn less readily."),
  prefixPaddingMs: count(0, 5000).optional().describe("Milliseconds of speech that begin a turn."),
  silenceDurationMs: count(50, 10_000)
    .optional()
    .describe("Milliseconds of silence that end a turn."),
});

/** A model of Gemini Live. */
export const geminiSchema = z.strictObject({
  kind: z.literal("gemini").describe("Gemini Live of Google, by an API key."),
  apiKey: secret(KEY_EXPECTED).describe("Key of the service; secret."),
  url: socketUrl()
    .refine(hasNoKey, "expected an address without the key, which belongs into apiKey")
    .default(`wss://generativelanguage.googleapis.com/ws/${SERVICE}`)
    .describe("Where the service is; ws:// for a stand-in on this machine."),
  model: z.string().min(1).default("gemini-3.8-live").describe("The service's name of the model."),
  voice: z
    .string()
    .min(1)
    .optional()
    .describe("Voice for flows that name none; absent: the service's choice."),
  transcription: z
    .boolean()
    .default(true)
    .describe("Whether the service writes down what is said; false: no transcripts, no history."),
  activityDetection: activityDetectionSchema
    .prefault({})
    .describe("How the service finds the caller's turns; what is absent is its own choice."),
  maxSessionSeconds: count(30, 86_400)
    .default(600)
    .describe("A connection lasts no longer; the service ends them after about 10 minutes."),
  prices: pricesSchema,
});

function hasNoKey(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return !KEY_PARAMETERS.some((name) => url?.searchParams.has(name) === true);
}
