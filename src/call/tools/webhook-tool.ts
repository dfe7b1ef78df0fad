/** A tool that is a service elsewhere: what it is sent, what is said meanwhile, and what the model is told of it. */
import { after, type Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/logger.ts";
import type { ToolWebhook, WebhookFailure } from "../../ports/tool-webhook.ts";
import { speakOwn } from "../own-voice.ts";
import { refusal, type Tool, type ToolAnswer, type ToolCall } from "./tool.ts";
import type { WebhookTool } from "./tool-schema.ts";

/** What webhook tools work with. */
export interface WebhookToolOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly webhook: ToolWebhook;
}

const WORDS: Partial<Readonly<Record<WebhookFailure, string>>> = {
  status: "The service refused the request.",
  redirect: "The service refused the request.",
  notText: "The answer of the service could not be read.",
  tooBig: "The answer of the service was too long.",
  timedOut: "The service did not answer in time.",
};

/** The tool as a flow describes it. */
export function webhookTool(tool: WebhookTool, options: WebhookToolOptions): Tool {
  const { name, description, parameters } = tool;
  return {
    kind: "webhook",
    definition: { name, description, parameters: { ...parameters } },
    run: (call) => runWebhook(tool, options, call),
  };
}

async function runWebhook(
  tool: WebhookTool,
  { clock, logger, webhook }: WebhookToolOptions,
  call: ToolCall,
): Promise<ToolAnswer> {
  const { url, secret, timeoutMs, maxBytes } = tool.webhook;
  const { line } = call;
  const { filler } = tool;
  const meanwhile =
    filler === undefined
      ? undefined
      : after(clock, tool.fillerAfterMs, () => void speakOwn(line, filler, "filler"));
  const stopFiller = (): void => meanwhile?.cancel();
  line.signal.addEventListener("abort", stopFiller, { once: true });
  const body = bodyOf(tool, call);
  const { signal } = line;
  const outcome = await webhook.post({ url, body, secret, timeoutMs, maxBytes, signal });
  stopFiller();
  line.signal.removeEventListener("abort", stopFiller);
  if (outcome.kind === "answered") {
    return { outcome: "done", outputJson: `{"ok":true,"result":${outcome.json}}` };
  }
  if (signal.aborted) {
    return refusal("callEnded", "The call has ended.");
  }
  const { failure, status } = outcome;
  logger.warn("webhook of a tool failed", { tool: tool.name, failure, status });
  return refusal(failure, WORDS[failure] ?? "The service could not be reached.");
}

/** What the service is told: the call, and what the model wants. */
function bodyOf({ name }: WebhookTool, { line, toolCallId, arguments: given }: ToolCall): string {
  const { origin, attributes } = line.record;
  const { callId, direction, flow, callingNumber, calledNumber, contactId, trunk } = origin;
  return JSON.stringify({
    tool: name,
    toolCallId,
    arguments: given,
    call: {
      callId,
      direction,
      flow,
      callingNumber,
      calledNumber,
      contactId: contactId ?? null,
      trunk: trunk ?? null,
      attributes,
    },
  });
}
