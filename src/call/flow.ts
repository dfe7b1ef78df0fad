/** What happens in a call, as written in `flows/*.yaml`. */
import { z } from "zod";
import { dialogueSchema } from "./dialogue-schema.ts";
import { TOOL_NAMES } from "./tools.ts";

const MODES = ["agent", "assist", "bridge"] as const;
/** Said when the model is lost and the flow has no words of its own; a shipped prompt. */
export const DEFAULT_FAREWELL =
  "I am sorry, something went wrong. Please call again later. Goodbye.";

/** One file of the folder flows; the flow's name is the file's name without `.yaml`. */
export const flowSchema = z.strictObject({
  mode: z
    .enum(MODES)
    .superRefine((mode, context) => {
      if (mode !== "agent") {
        context.addIssue({
          code: "custom",
          message: `${mode} is not available in this version`,
        });
      }
    })
    .default("agent")
    .describe("agent: a model answers the call."),
  model: z.string().min(1).describe("Name of a model of gateway.yaml."),
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
  tools: z.array(z.enum(TOOL_NAMES)).default([]).describe("Functions that the model may call."),
  dialogue: dialogueSchema
    .optional()
    .describe("The script for a model that follows one, as the local one does."),
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
    .default(DEFAULT_FAREWELL)
    .describe("Said when the model is lost in the middle of the call."),
});

/** A checked flow. */
export type Flow = Readonly<z.output<typeof flowSchema>>;
