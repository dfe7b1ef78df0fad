/** A way to services that answers as the test says. */
import type { ToolWebhook, WebhookOutcome, WebhookRequest } from "../../src/ports/tool-webhook.ts";

/** Keeps every request; without an answer it never answers, until the request's signal aborts. */
export class FakeWebhook implements ToolWebhook {
  readonly requests: WebhookRequest[] = [];
  answer: (request: WebhookRequest) => Promise<WebhookOutcome> = untilAborted;

  post(request: WebhookRequest): Promise<WebhookOutcome> {
    this.requests.push(request);
    return this.answer(request);
  }
}

function untilAborted({ signal }: WebhookRequest): Promise<WebhookOutcome> {
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve({ kind: "failed", failure: "timedOut" }));
  });
}
