/** What Gemini Live sends, validated and reduced to what the gateway uses (BidiGenerateContentServerMessage). */
import { z } from "zod";
import type { ModelUsage } from "../ports/realtime-model.ts";
import { GEMINI_SPEAKS } from "./gemini-wire.ts";

/** One thing that a message says; a message may say several, in this order. */
export type GeminiEvent =
  | { readonly kind: "setupComplete" }
  | { readonly kind: "callerText" | "modelText"; readonly text: string }
  /** `base64` as it came, unchecked. */
  | { readonly kind: "audio"; readonly base64: string }
  | { readonly kind: "generationComplete" | "interrupted" | "turnComplete" }
  | {
      readonly kind: "toolCall";
      readonly id: string;
      readonly name: string;
      readonly argumentsJson: string;
    }
  | { readonly kind: "toolsCancelled"; readonly ids: readonly string[] }
  | { readonly kind: "goAway"; readonly remainingMs: number }
  /** `undefined`: the session cannot be resumed as it is now. */
  | { readonly kind: "resumption"; readonly handle: string | undefined }
  | { readonly kind: "usage"; readonly usage: ModelUsage }
  /** `status`: the name of a Google API error, such as `RESOURCE_EXHAUSTED`. */
  | { readonly kind: "error"; readonly status: string }
  | { readonly kind: "wrongRate" | "unknown" | "malformed" };

const UNKNOWN: readonly GeminiEvent[] = [{ kind: "unknown" }];
const MALFORMED: readonly GeminiEvent[] = [{ kind: "malformed" }];

/** Members of a message that say nothing here. */
const IGNORED = new Set(["voiceActivity", "voiceActivityDetectionSignal"]);

const tokenCounts = z
  .array(z.object({ modality: z.string().optional(), tokenCount: z.number().optional() }))
  .optional();

const transcription = z.object({ text: z.string().optional() }).optional();

const part = z.object({
  inlineData: z.object({ mimeType: z.string().optional(), data: z.string() }).optional(),
});

const serverContent = z.object({
  modelTurn: z.object({ parts: z.array(part).optional() }).optional(),
  inputTranscription: transcription,
  outputTranscription: transcription,
  generationComplete: z.boolean().optional(),
  interrupted: z.boolean().optional(),
  turnComplete: z.boolean().optional(),
});

const functionCall = z.object({
  id: z.string().min(1),
  name: z.string().min(1),
  args: z.unknown().optional(),
});

const usageMetadata = z.object({
  promptTokenCount: z.number().optional(),
  cachedContentTokenCount: z.number().optional(),
  responseTokenCount: z.number().optional(),
  thoughtsTokenCount: z.number().optional(),
  toolUsePromptTokenCount: z.number().optional(),
  promptTokensDetails: tokenCounts,
  cacheTokensDetails: tokenCounts,
  responseTokensDetails: tokenCounts,
});

type Reader = (value: unknown) => readonly GeminiEvent[];

function reader<Shape extends z.ZodType>(
  shape: Shape,
  toEvents: (value: z.output<Shape>) => readonly GeminiEvent[],
): Reader {
  return (value) => {
    const result = shape.safeParse(value);
    return result.success ? toEvents(result.data) : MALFORMED;
  };
}

const READERS: Readonly<Record<string, Reader>> = {
  setupComplete: reader(z.object({}), () => [{ kind: "setupComplete" }]),
  serverContent: reader(serverContent, contentEvents),
  toolCall: reader(z.object({ functionCalls: z.array(z.unknown()) }), ({ functionCalls }) =>
    functionCalls.flatMap(readCall),
  ),
  toolCallCancellation: reader(z.object({ ids: z.array(z.string()) }), ({ ids }) => [
    { kind: "toolsCancelled", ids },
  ]),
  goAway: reader(z.object({ timeLeft: z.string().optional() }), ({ timeLeft }) => [
    { kind: "goAway", remainingMs: durationMs(timeLeft) },
  ]),
  sessionResumptionUpdate: reader(
    z.object({ newHandle: z.string().optional(), resumable: z.boolean().optional() }),
    ({ newHandle = "", resumable = false }) => [
      { kind: "resumption", handle: resumable && newHandle !== "" ? newHandle : undefined },
    ],
  ),
  usageMetadata: reader(usageMetadata, (usage) => [{ kind: "usage", usage: toUsage(usage) }]),
  error: reader(z.object({ status: z.string().optional() }), ({ status }) => [
    { kind: "error", status: status ?? "" },
  ]),
};

/** One call; one that is broken does not spoil those beside it. */
const readCall = reader(functionCall, ({ id, name, args }) => [
  { kind: "toolCall", id, name, argumentsJson: JSON.stringify(args ?? {}) },
]);

/** Text first, then audio, then what ends the answer: a message may carry all of them. */
function contentEvents(content: z.output<typeof serverContent>): readonly GeminiEvent[] {
  const events: GeminiEvent[] = [];
  const { inputTranscription, outputTranscription, modelTurn } = content;
  pushText(events, "callerText", inputTranscription?.text);
  for (const { inlineData } of modelTurn?.parts ?? []) {
    if (inlineData !== undefined) {
      const { data, mimeType } = inlineData;
      events.push(isSpoken(mimeType) ? { kind: "audio", base64: data } : { kind: "wrongRate" });
    }
  }
  pushText(events, "modelText", outputTranscription?.text);
  for (const kind of ["generationComplete", "interrupted", "turnComplete"] as const) {
    if (content[kind] === true) {
      events.push({ kind });
    }
  }
  return events;
}

function pushText(
  events: GeminiEvent[],
  kind: "callerText" | "modelText",
  text: string | undefined,
): void {
  if (text !== undefined && text !== "") {
    events.push({ kind, text });
  }
}

/** `audio/pcm;rate=24000`; without a rate it is the one that is documented. */
function isSpoken(mimeType: string | undefined): boolean {
  const [type, ...parameters] = (mimeType ?? "audio/pcm").toLowerCase().split(/\s*;\s*/);
  const rate = parameters.find((parameter) => parameter.startsWith("rate="));
  return type === "audio/pcm" && (rate === undefined || rate === `rate=${GEMINI_SPEAKS.rateHz}`);
}

/** A Duration of Protocol Buffers in JSON, such as `9.500s`; what is none is no time at all. */
function durationMs(text: string | undefined): number {
  const seconds = /^(\d{1,9}(?:\.\d{1,9})?)s$/.exec(text ?? "")?.[1];
  return seconds === undefined ? 0 : Math.round(Number(seconds) * 1000);
}

/**
 * Counts of audio come by modality; all the rest is text. What was cached is part of the input as the service counts it.
 * Tokens of thoughts are charged as output.
 */
function toUsage(usage: z.output<typeof usageMetadata>): ModelUsage {
  const cachedTokens = usage.cachedContentTokenCount ?? 0;
  const cachedAudio = audioTokens(usage.cacheTokensDetails);
  const inputAudio = audioTokens(usage.promptTokensDetails);
  const inputTokens = (usage.promptTokenCount ?? 0) + (usage.toolUsePromptTokenCount ?? 0);
  const outputAudioTokens = audioTokens(usage.responseTokensDetails);
  const outputTokens = (usage.responseTokenCount ?? 0) + (usage.thoughtsTokenCount ?? 0);
  return {
    inputTextTokens: Math.max(0, inputTokens - inputAudio - (cachedTokens - cachedAudio)),
    inputAudioTokens: Math.max(0, inputAudio - cachedAudio),
    cachedTokens,
    outputTextTokens: Math.max(0, outputTokens - outputAudioTokens),
    outputAudioTokens,
  };
}

function audioTokens(details: z.output<typeof tokenCounts>): number {
  const ofAudio = (details ?? []).filter(({ modality }) => modality === "AUDIO");
  return ofAudio.reduce((sum, { tokenCount }) => sum + (tokenCount ?? 0), 0);
}

/** Reads one message; never throws. A message without any known member is `unknown`, an empty one says nothing. */
export function parseServerMessage(text: string): readonly GeminiEvent[] {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return MALFORMED;
  }
  if (typeof message !== "object" || message === null || Array.isArray(message)) {
    return MALFORMED;
  }
  return Object.entries(message).flatMap(([member, value]) => {
    const read = Object.hasOwn(READERS, member) ? READERS[member] : undefined;
    return read === undefined ? unread(member) : read(value);
  });
}

function unread(member: string): readonly GeminiEvent[] {
  return IGNORED.has(member) ? [] : UNKNOWN;
}
