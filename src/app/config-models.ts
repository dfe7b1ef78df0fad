/** The `models` of the configuration: who can answer a call. */
import { z } from "zod";
import { isReservedName } from "../call/route-table.ts";
import { count, notAvailable, secret } from "./config-values.ts";

/** The model that needs neither keys nor network; it is there even when no file names it. */
export const LOCAL_MODEL = "local";

const KEY_EXPECTED = 'the key of the service, best as a reference: "$'.concat(
  '{env:OPENAI_API_KEY}"',
);

/** An address of a WebSocket, without credentials in it. */
function socketUrl(): z.ZodString {
  return z
    .string()
    .refine(isSocketUrl, "expected a ws:// or wss:// address without user and password");
}

function isSocketUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return (
    (url?.protocol === "ws:" || url?.protocol === "wss:") &&
    url.username === "" &&
    url.password === ""
  );
}

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

const localSchema = z.strictObject({
  kind: z.literal("local").describe("Follows the dialogue of a flow; no keys, no network."),
  speech: z
    .enum(["auto", "off"])
    .default("auto")
    .describe("auto: uses speech programs of the machine; off: shipped prompts and keys only."),
});

const openAiSchema = z.strictObject({
  kind: z.literal("openai").describe("OpenAI Realtime, or a service that speaks its protocol."),
  apiKey: secret(KEY_EXPECTED).describe("Key of the service; secret."),
  url: socketUrl()
    .default("wss://api.openai.com/v1/realtime")
    .describe("Where the service is; ws:// for a stand-in on this machine."),
  model: z.string().min(1).default("gpt-realtime").describe("The service's name of the model."),
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
  turnDetection: turnDetectionSchema
    .default({ type: "server_vad" })
    .describe("How the service finds the caller's turns."),
});

const azureSchema = z
  .strictObject({
    kind: z.literal("azure").describe("Azure OpenAI; not available in this version."),
    endpoint: z.string().min(1).describe("Address of the resource."),
    deployment: z.string().min(1).describe("Name of the deployment."),
    apiKey: secret().describe("Key of the resource; secret."),
  })
  .superRefine(notAvailable(() => true, "a model of kind azure"));

const novaSchema = z
  .strictObject({
    kind: z.literal("nova-sonic").describe("Amazon Nova Sonic; not available in this version."),
    region: z.string().min(1).default("us-east-1").describe("AWS region."),
    model: z.string().min(1).default("amazon.nova-2-sonic-v1:0").describe("Bedrock model id."),
    endpoint: z.string().min(1).optional().describe("Only for a stand-in on this machine."),
  })
  .superRefine(notAvailable(() => true, "a model of kind nova-sonic"));

const modelSchema = z.discriminatedUnion("kind", [
  localSchema,
  openAiSchema,
  azureSchema,
  novaSchema,
]);

const modelName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,31}$/, "a name of up to 32 lower-case letters, digits and -")
  .refine(
    (name) => name !== "agent" && !isReservedName(name),
    "a name that is not dialled for something else (agent, echo, ring)",
  );

/** Models by name; the name is also what callers dial. */
export const modelsSchema = z
  .record(modelName, modelSchema)
  .superRefine((models, context) => {
    const local = models[LOCAL_MODEL];
    if (local !== undefined && local.kind !== "local") {
      const message = 'expected "local": this name is kept for the built-in model';
      context.addIssue({ code: "custom", path: [LOCAL_MODEL, "kind"], message });
    }
  })
  .prefault({})
  .transform((models) =>
    Object.hasOwn(models, LOCAL_MODEL)
      ? models
      : { ...models, [LOCAL_MODEL]: localSchema.parse({ kind: "local" }) },
  );

/** The settings of one model. */
export type ModelConfig = z.output<typeof modelSchema>;
