/** What Nova Sonic sends, validated and reduced to what the gateway uses. */
import { z } from "zod";
import type { ModelUsage } from "../ports/realtime-model.ts";

/** Who a content belongs to, and whether it is only planned. */
export interface ContentStart {
  readonly contentId: string;
  readonly type: "TEXT" | "AUDIO" | "TOOL";
  readonly role: "USER" | "ASSISTANT" | "OTHER";
  /** Planned, and not yet spoken. */
  readonly speculative: boolean;
  /** Of audio, where the service says so. */
  readonly rateHz: number | undefined;
}

/** An event of the service. */
export type NovaEvent =
  | { readonly kind: "contentStart"; readonly content: ContentStart }
  | { readonly kind: "text"; readonly contentId: string; readonly text: string }
  /** `base64` as it came, unchecked. */
  | { readonly kind: "audio"; readonly contentId: string; readonly base64: string }
  | {
      readonly kind: "toolUse";
      readonly contentId: string;
      readonly toolUseId: string;
      readonly name: string;
      readonly argumentsJson: string;
    }
  | { readonly kind: "contentEnd"; readonly contentId: string; readonly stopReason: string }
  | { readonly kind: "completionStart" }
  | { readonly kind: "completionEnd"; readonly stopReason: string }
  | { readonly kind: "usage"; readonly usage: ModelUsage }
  | { readonly kind: "unknown" }
  | { readonly kind: "malformed" };

type EventReader = (body: unknown) => NovaEvent;

const MALFORMED: NovaEvent = { kind: "malformed" };

function reader<Shape extends z.ZodType>(
  shape: Shape,
  toEvent: (body: z.output<Shape>) => NovaEvent,
): EventReader {
  return (body) => {
    const result = shape.safeParse(body);
    return result.success ? toEvent(result.data) : MALFORMED;
  };
}

const contentStartShape = z.object({
  contentId: z.string(),
  type: z.enum(["TEXT", "AUDIO", "TOOL"]),
  role: z.string().optional(),
  additionalModelFields: z.unknown().optional(),
  audioOutputConfiguration: z.object({ sampleRateHertz: z.number().optional() }).optional(),
});

/** The stage is JSON within a JSON string; an object is taken as well. */
const stageShape = z.object({ generationStage: z.string() });

function isSpeculative(fields: unknown): boolean {
  const value = typeof fields === "string" ? parseJson(fields) : fields;
  return stageShape.safeParse(value).data?.generationStage === "SPECULATIVE";
}

function toContentStart(body: z.output<typeof contentStartShape>): NovaEvent {
  const { contentId, type, role, additionalModelFields, audioOutputConfiguration } = body;
  return {
    kind: "contentStart",
    content: {
      contentId,
      type,
      role: role === "USER" || role === "ASSISTANT" ? role : "OTHER",
      speculative: isSpeculative(additionalModelFields),
      rateHz: audioOutputConfiguration?.sampleRateHertz,
    },
  };
}

const tokenCounts = z
  .object({ speechTokens: z.number().optional(), textTokens: z.number().optional() })
  .optional();

const usageShape = z.object({
  details: z.object({ delta: z.object({ input: tokenCounts, output: tokenCounts }) }),
});

function toUsage({ details: { delta } }: z.output<typeof usageShape>): NovaEvent {
  return {
    kind: "usage",
    usage: {
      inputTextTokens: delta.input?.textTokens ?? 0,
      inputAudioTokens: delta.input?.speechTokens ?? 0,
      cachedTokens: 0,
      outputTextTokens: delta.output?.textTokens ?? 0,
      outputAudioTokens: delta.output?.speechTokens ?? 0,
    },
  };
}

const toolUseShape = z.object({
  contentId: z.string(),
  toolUseId: z.string(),
  toolName: z.string(),
  content: z.string().optional(),
});

const READERS = new Map<string, EventReader>([
  ["completionStart", () => ({ kind: "completionStart" })],
  ["contentStart", reader(contentStartShape, toContentStart)],
  [
    "textOutput",
    reader(z.object({ contentId: z.string(), content: z.string() }), (body) => ({
      kind: "text",
      contentId: body.contentId,
      text: body.content,
    })),
  ],
  [
    "audioOutput",
    reader(z.object({ contentId: z.string(), content: z.string() }), (body) => ({
      kind: "audio",
      contentId: body.contentId,
      base64: body.content,
    })),
  ],
  [
    "toolUse",
    reader(toolUseShape, ({ contentId, toolUseId, toolName, content }) => ({
      kind: "toolUse",
      contentId,
      toolUseId,
      name: toolName,
      argumentsJson: content ?? "{}",
    })),
  ],
  [
    "contentEnd",
    reader(z.object({ contentId: z.string(), stopReason: z.string().optional() }), (body) => ({
      kind: "contentEnd",
      contentId: body.contentId,
      stopReason: body.stopReason ?? "",
    })),
  ],
  [
    "completionEnd",
    reader(z.object({ stopReason: z.string().optional() }), (body) => ({
      kind: "completionEnd",
      stopReason: body.stopReason ?? "",
    })),
  ],
  ["usageEvent", reader(usageShape, toUsage)],
]);

/** Reads one event: `{"event":{"name":{…}}}`; never throws. */
export function parseNovaEvent(text: string): NovaEvent {
  const envelope = parseJson(text);
  const event = fieldsOf(fieldsOf(envelope)?.["event"]);
  const name = event === undefined ? undefined : Object.keys(event)[0];
  if (event === undefined || name === undefined) {
    return MALFORMED;
  }
  return READERS.get(name)?.(event[name]) ?? { kind: "unknown" };
}

/** Whether a text is the service's word for an interruption: JSON, spaced as it likes. */
export function isInterruption(text: string): boolean {
  return text.includes("interrupted") && fieldsOf(parseJson(text))?.["interrupted"] === true;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
