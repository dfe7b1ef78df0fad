/** Advice by chat completions as OpenAI defined them, which many services and local servers speak. */
import { z } from "zod";
import type { Clock } from "../core/clock.ts";
import type { AdviceOutcome, AdviceRequest, Advisor } from "../ports/advisor.ts";
import {
  ADVICE_INSTRUCTIONS,
  ADVICE_MAX_TOKENS,
  ADVICE_NAME,
  ADVICE_SCHEMA,
  advicePrompt,
  failureOfStatus,
  readAdvice,
  withinTime,
} from "./advice-prompt.ts";
import { readCompletionStream } from "./completion-stream.ts";
import { GrowingAdvice, jsonOf } from "./growing-advice.ts";

/** Where the service is, and what it is asked with. */
export interface OpenAiAdvisorOptions {
  readonly clock: Clock;
  /** Up to the version, for example `https://api.openai.com/v1`. */
  readonly url: string;
  readonly model: string;
  /** Absent: none is sent. */
  readonly apiKey?: string | undefined;
  /** Absent: the system's. */
  readonly fetch?: typeof fetch;
}

const MAX_BYTES = 128 * 1024;

const completionSchema = z.object({
  choices: z.array(z.object({ message: z.object({ content: z.string() }) })).min(1),
});

/** See the port. */
export class OpenAiAdvisor implements Advisor {
  readonly kind = "openai";
  readonly #options: OpenAiAdvisorOptions;

  constructor(options: OpenAiAdvisorOptions) {
    this.#options = options;
  }

  async advise(request: AdviceRequest): Promise<AdviceOutcome> {
    return await withinTime(this.#options.clock, request, (signal) => this.#ask(request, signal));
  }

  async #ask(request: AdviceRequest, signal: AbortSignal): Promise<AdviceOutcome> {
    const { url, model, apiKey, fetch: send = fetch } = this.#options;
    const isGrowing = request.onPartial !== undefined;
    const response = await send(`${url.replace(/\/+$/, "")}/chat/completions`, {
      method: "POST",
      redirect: "error",
      signal,
      headers: {
        "content-type": "application/json",
        accept: isGrowing ? "text/event-stream, application/json" : "application/json",
        ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
      },
      body: JSON.stringify({
        model,
        ...(isGrowing ? { stream: true } : {}),
        max_completion_tokens: ADVICE_MAX_TOKENS,
        messages: [
          { role: "system", content: ADVICE_INSTRUCTIONS },
          { role: "user", content: advicePrompt(request) },
        ],
        response_format: {
          type: "json_schema",
          json_schema: { name: ADVICE_NAME, strict: true, schema: ADVICE_SCHEMA },
        },
      }),
    });
    if (!response.ok) {
      await response.body?.cancel();
      return failureOfStatus(response.status);
    }
    // A server that knows no streams answers as a whole.
    if (/^text\/event-stream\b/i.test(response.headers.get("content-type") ?? "")) {
      return await readGrowing(response, request);
    }
    const text = await boundedText(response);
    if (text === undefined) {
      return { kind: "failed", failure: "tooBig" };
    }
    const completion = completionSchema.safeParse(jsonOf(text));
    const content = completion.data?.choices[0]?.message.content;
    return readAdvice(content === undefined ? undefined : jsonOf(content), request);
  }
}

async function readGrowing(response: Response, request: AdviceRequest): Promise<AdviceOutcome> {
  const advice = new GrowingAdvice(request);
  const body = (response.body ?? []) as AsyncIterable<Uint8Array>;
  const failure = await readCompletionStream(body, (piece) => advice.push(piece));
  return failure === undefined ? advice.finish() : { kind: "failed", failure };
}

/** `undefined`: it is too long. */
async function boundedText(response: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) {
      return undefined;
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
