/** What an answer of the Realtime service cost in tokens. */
import { z } from "zod";
import type { ModelUsage } from "../ports/realtime-model.ts";

const tokens = z.number().int().min(0).nullish();
const split = z.object({ text_tokens: tokens, audio_tokens: tokens }).nullish();

/** The `usage` of a response; what cannot be read counts as nothing. */
export const usageShape = z
  .object({
    input_token_details: z
      .object({
        text_tokens: tokens,
        audio_tokens: tokens,
        cached_tokens: tokens,
        cached_tokens_details: split,
      })
      .nullish(),
    output_token_details: split,
  })
  .nullish()
  .catch(undefined);

/**
 * The service counts cached tokens among those of text and audio; here they are apart. Without details of the cached
 * ones, they are taken for text first: instructions and tools are what is cached.
 */
export function toUsage(usage: z.output<typeof usageShape>): ModelUsage | undefined {
  const input = usage?.input_token_details;
  const output = usage?.output_token_details;
  if (input === undefined || input === null) {
    return undefined;
  }
  const text = input.text_tokens ?? 0;
  const audio = input.audio_tokens ?? 0;
  const cached = Math.min(input.cached_tokens ?? 0, text + audio);
  const details = input.cached_tokens_details;
  const cachedText = Math.min(details?.text_tokens ?? cached, text, cached);
  const cachedAudio = Math.min(cached - cachedText, audio);
  return {
    inputTextTokens: text - cachedText,
    inputAudioTokens: audio - cachedAudio,
    cachedTokens: cachedText + cachedAudio,
    outputTextTokens: output?.text_tokens ?? 0,
    outputAudioTokens: output?.audio_tokens ?? 0,
  };
}

/** The `usage` of a transcript: tokens as a rule; models that are paid by the second count none. */
export const transcriptionUsageShape = z
  .object({
    input_token_details: z.object({ text_tokens: tokens, audio_tokens: tokens }).nullish(),
    output_tokens: tokens,
  })
  .nullish()
  .catch(undefined);

/** What writing down one turn took. */
export function toTranscriptionUsage(
  usage: z.output<typeof transcriptionUsageShape>,
): ModelUsage | undefined {
  const input = usage?.input_token_details;
  if (input === undefined || input === null) {
    return undefined;
  }
  return {
    inputTextTokens: input.text_tokens ?? 0,
    inputAudioTokens: input.audio_tokens ?? 0,
    cachedTokens: 0,
    outputTextTokens: usage?.output_tokens ?? 0,
    outputAudioTokens: 0,
  };
}
