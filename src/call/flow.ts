/** What happens in a call, as written in `flows/*.yaml`. */
import { z } from "zod";
import { contactSchema } from "./briefing/contact-schema.ts";
import { dialogueSchema, phrase } from "./dialogue-schema.ts";
import { flowProblems } from "./flow-problems.ts";
import { recordingSchema } from "./recording-policy.ts";
import { roleRulesSchema } from "./role-rules.ts";
import { toolSchema } from "./tools/tool-schema.ts";
import { lastResortSchema, transfersSchema } from "./transfer-schema.ts";

const MODES = ["agent", "assist", "bridge"] as const;
/** Said when the model is lost and the flow has no words of its own; a shipped prompt. */
export const DEFAULT_FAREWELL =
  "I am sorry, something went wrong. Please call again later. Goodbye.";
/** The same where the flow goes on with a last resort; a shipped prompt. */
export const DEFAULT_LAST_RESORT_FAREWELL = "I am sorry, something went wrong. One moment, please.";

const bargeInSchema = z.strictObject({
  mode: z
    .enum(["reversible", "immediate", "off"])
    .default("reversible")
    .describe(
      "reversible: a voice pauses the answer until it is known whether it was an interruption. immediate: whatever the model takes for speech ends the answer. off: only keys end it.",
    ),
});

const modelName = z.string().min(1);

/** Who listens where a flow does not say. */
export const DEFAULT_EARS = "local";
/** How many streams of a recording session are listened to where a flow does not say. */
export const DEFAULT_MAX_STREAMS = 16;

const earsSchema = z.strictObject({
  model: modelName.default(DEFAULT_EARS).describe("Name of a model of gateway.yaml."),
  maxStreams: z
    .number()
    .int()
    .min(1)
    .max(64)
    .default(DEFAULT_MAX_STREAMS)
    .describe("Streams of a session beyond this are not recorded; each one takes two UDP ports."),
  phrases: z
    .array(phrase)
    .max(500)
    .default([])
    .describe("Words that the local model can recognise, where its recogniser is installed."),
});

const continuitySchema = z.strictObject({
  answerTimeoutMs: z
    .number()
    .int()
    .min(500)
    .max(60_000)
    .optional()
    .describe(
      "Milliseconds without an answer's first audio after which a model has failed; absent: it may take its time.",
    ),
  filler: z
    .strictObject({
      text: z.string().min(1).max(300).describe("Spoken by the machine's own voice."),
      afterMs: z
        .number()
        .int()
        .min(0)
        .max(30_000)
        .default(700)
        .describe("Milliseconds of silence before it."),
    })
    .optional()
    .describe("Spoken while a model is replaced; absent: silence."),
});

/** One file of the folder flows; the flow's name is the file's name without `.yaml`. */
export const flowSchema = z
  .strictObject({
    mode: z
      .enum(MODES)
      .superRefine((mode, context) => {
        if (mode === "bridge") {
          context.addIssue({
            code: "custom",
            message: `${mode} is not available in this version`,
          });
        }
      })
      .default("agent")
      .describe("agent: a model answers the call. assist: a recording session is listened to."),
    model: modelName.optional().describe("Name of a model of gateway.yaml; short for models."),
    models: z
      .array(modelName)
      .min(1)
      .max(8)
      .optional()
      .describe("Models in their order: when one fails, the next one takes over."),
    continuity: continuitySchema
      .optional()
      .describe("How a conversation goes on when a model fails."),
    ears: earsSchema
      .optional()
      .describe("Of mode assist: who listens to the streams of a recording session."),
    roles: roleRulesSchema
      .default([])
      .describe("Of mode assist: who is the customer and who the agent; the first that fits."),
    instructions: z
      .string()
      .max(32_768)
      .default("")
      .describe("What the model is told about its task, and how to talk."),
    greeting: z
      .string()
      .min(1)
      .max(1000)
      .optional()
      .describe("Said first; absent: the model waits for the caller."),
    voice: z.string().min(1).optional().describe("The provider's name of a voice."),
    tools: z.array(toolSchema).max(64).default([]).describe("Functions that the model may call."),
    transfers: transfersSchema
      .default({})
      .describe("Whom a call may be handed to, by names of your own."),
    attributes: z
      .array(z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, "letters, digits, _ and -"))
      .max(32)
      .default([])
      .describe("Names that set_attribute may set in the call record."),
    contact: contactSchema
      .prefault({})
      .describe("What is known of the Amazon Connect contact of a call, and left with it."),
    dialogue: dialogueSchema
      .optional()
      .describe("The script for a model that follows one, as the local one does."),
    bargeIn: bargeInSchema
      .prefault({})
      .describe("What the caller's voice does to an answer; keys always end it."),
    recording: recordingSchema.prefault({}).describe("Whether calls are recorded to files."),
    maxCallSeconds: z
      .number()
      .int()
      .min(5)
      .max(86_400)
      .default(3600)
      .describe("Seconds after which the call is ended."),
    farewell: z
      .string()
      .min(1)
      .max(1000)
      .optional()
      .describe("Said when no model is left; absent: an apology."),
    whenUnreachable: z
      .enum(["apologise", "refuse"])
      .default("apologise")
      .describe(
        "What becomes of a call whose models all fail while it rings. apologise: it is answered, told the farewell, and goes to the last resort; refuse: it gets a 5xx, so that the trunk or the contact flow can send it elsewhere.",
      ),
    lastResort: lastResortSchema
      .optional()
      .describe("What follows the farewell: a transfer, or a menu of keys; absent: the end."),
  })
  .superRefine((flow, context) => {
    for (const { path, message } of flowProblems(flow)) {
      context.addIssue({ code: "custom", path: [...path], message });
    }
  });

/** A checked flow. */
export type Flow = Readonly<z.output<typeof flowSchema>>;

/** The models of a flow, the first one first. */
export function modelsOf({ model, models }: Pick<Flow, "model" | "models">): readonly string[] {
  return models ?? (model === undefined ? [] : [model]);
}

/** What is said when no model is left. */
export function farewellOf({ farewell, lastResort }: Flow): string {
  const apology = lastResort === undefined ? DEFAULT_FAREWELL : DEFAULT_LAST_RESORT_FAREWELL;
  return farewell ?? apology;
}
