/** Chat completions as they stream: server-sent events, each with a piece of the answer. */
import { z } from "zod";
import type { AdviceFailure } from "../ports/advisor.ts";
import { jsonOf } from "./growing-advice.ts";

const chunkSchema = z.object({
  choices: z
    .array(z.object({ delta: z.object({ content: z.string().nullish() }).nullish() }))
    .default([]),
  error: z.unknown().optional(),
});

/** Characters of one event, and of all. */
const MAX_CHARACTERS = 1024 * 1024;

/**
 * Hands over each piece until the answer ends; `undefined`: it came to its end, otherwise what is wrong with it.
 *
 * Rejects when the connection breaks.
 *
 * @param take `false`: no more is wanted.
 */
export async function readCompletionStream(
  body: AsyncIterable<Uint8Array>,
  take: (piece: string) => boolean,
): Promise<AdviceFailure | undefined> {
  const decoder = new TextDecoder();
  let pending = "";
  let characters = 0;
  for await (const bytes of body) {
    const text = decoder.decode(bytes, { stream: true });
    characters += text.length;
    if (characters > MAX_CHARACTERS) {
      return "tooBig";
    }
    const lines = `${pending}${text}`.split(/\r\n|\n|\r(?!$)/);
    pending = lines.pop() ?? "";
    for (const line of lines) {
      const data = /^data: ?(.*)$/s.exec(line)?.[1];
      if (data?.trim() === "[DONE]") {
        return undefined;
      }
      const failure = data === undefined ? undefined : takeChunk(data, take);
      if (failure !== undefined) {
        return failure;
      }
    }
  }
  // Some servers end without a last word: whether the answer is whole is seen by its JSON.
  return undefined;
}

function takeChunk(data: string, take: (piece: string) => boolean): AdviceFailure | undefined {
  const chunk = chunkSchema.safeParse(jsonOf(data));
  if (!chunk.success) {
    return "badAnswer";
  }
  if (chunk.data.error !== undefined && chunk.data.error !== null) {
    return "status";
  }
  const content = chunk.data.choices[0]?.delta?.content;
  return content === undefined || content === null || take(content) ? undefined : "tooBig";
}
