/** The `models` of the configuration: who can answer a call. */
import { z } from "zod";
import { isReservedName } from "../call/route-table.ts";
import { geminiSchema } from "./config-gemini.ts";
import { novaSchema } from "./config-nova.ts";
import {
  azureSchema,
  gptLiveSchema,
  openAiSchema,
  openAiTranscriptionSchema,
} from "./config-openai.ts";
import { transcribeSchema } from "./config-transcribe.ts";

/** The model that needs neither keys nor network; it is there even when no file names it. */
export const LOCAL_MODEL = "local";

const localSchema = z.strictObject({
  kind: z.literal("local").describe("Follows the dialogue of a flow; no keys, no network."),
  speech: z
    .enum(["auto", "off"])
    .default("auto")
    .describe("auto: uses speech programs of the machine; off: shipped prompts and keys only."),
});

const modelSchema = z.discriminatedUnion("kind", [
  localSchema,
  openAiSchema,
  geminiSchema,
  azureSchema,
  gptLiveSchema,
  novaSchema,
  transcribeSchema,
  openAiTranscriptionSchema,
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

/** Kinds that write down what they hear, and never speak. */
const LISTENING_KINDS: ReadonlySet<ModelConfig["kind"]> = new Set([
  "transcribe",
  "openai-transcription",
]);

/** Names of the configured models that only listen: recording sessions name them as ears, calls have no use for them. */
export function listenersOf(models: Readonly<Record<string, ModelConfig>>): readonly string[] {
  return Object.entries(models).flatMap(([name, { kind }]) =>
    LISTENING_KINDS.has(kind) ? [name] : [],
  );
}

/** The settings of one model. */
export type ModelConfig = z.output<typeof modelSchema>;
