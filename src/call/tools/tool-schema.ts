/** How a flow names the tools of its model: built-in ones by name, webhooks by what they do and where they are. */
import { z } from "zod";
import { argumentSchema } from "./argument-schema.ts";

/** The tools that need nothing but the call. */
export const BUILT_IN_TOOLS = ["hang_up", "send_dtmf", "transfer", "set_attribute"] as const;

/** A name of {@link BUILT_IN_TOOLS}. */
export type BuiltInTool = (typeof BUILT_IN_TOOLS)[number];

/** The most that an answer of a webhook may hold, and so the most that a model is told. */
const MAX_ANSWER_BYTES = 65_536;

function isWebhookUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isHttp = url?.protocol === "https:" || url?.protocol === "http:";
  return isHttp && url.username === "" && url.password === "" && url.hash === "";
}

const webhookSchema = z.strictObject({
  url: z
    .string()
    .max(2000)
    .refine(isWebhookUrl, "is no https:// or http:// address without user and password")
    .describe("Where arguments are posted to; its host must be in tools.allowedHosts."),
  timeoutMs: z
    .number()
    .int()
    .min(100)
    .max(60_000)
    .default(5000)
    .describe("Milliseconds that the whole exchange may take."),
  maxBytes: z
    .number()
    .int()
    .min(1)
    .max(MAX_ANSWER_BYTES)
    .default(16_384)
    .describe("Bytes that the answer may have; the model is told all of it."),
  secret: z
    .string("text")
    .min(16, "at least 16 characters that nobody guesses")
    .meta({ writeOnly: true })
    .optional()
    .describe("Key that requests are signed with (HMAC-SHA256); secret."),
});

const webhookToolSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, "1 to 64 letters, digits, _ and -, a letter first")
    .describe("What the model calls it by."),
  description: z
    .string()
    .min(1)
    .max(1000)
    .describe("What it does and when to use it, for the model."),
  parameters: argumentSchema
    .default({ type: "object", properties: {}, additionalProperties: false })
    .describe("JSON Schema of the arguments: an object."),
  webhook: webhookSchema.describe("The HTTP service that does the work."),
  filler: z
    .string()
    .min(1)
    .max(300)
    .optional()
    .describe("Spoken once while the tool takes its time; absent: nothing."),
  fillerAfterMs: z
    .number()
    .int()
    .min(0)
    .max(30_000)
    .default(1200)
    .describe("Milliseconds before the filler is spoken."),
});

/** One entry of a flow's `tools`. */
export const toolSchema = z.union([z.enum(BUILT_IN_TOOLS), webhookToolSchema]);

/** One entry of a flow's `tools`, checked. */
export type FlowTool = Readonly<z.output<typeof toolSchema>>;

/** A tool that is a service elsewhere. */
export type WebhookTool = Exclude<FlowTool, string>;

/** What the model calls a tool by. */
export function toolName(tool: FlowTool): string {
  return typeof tool === "string" ? tool : tool.name;
}

/** Places of a list of tools whose name was taken before, or is a built-in one's. */
export function takenNames(tools: readonly FlowTool[]): readonly number[] {
  const taken = new Set<string>(BUILT_IN_TOOLS);
  const builtIn = new Set<string>();
  return tools.flatMap((tool, index) => {
    const set = typeof tool === "string" ? builtIn : taken;
    const name = toolName(tool);
    const isTaken = set.has(name);
    set.add(name);
    return isTaken ? [index] : [];
  });
}
