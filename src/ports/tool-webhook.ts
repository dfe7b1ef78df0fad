/** The port to the services that do the work of a model's tools. */
import type { WEBHOOK_FAILURES } from "../core/tool-labels.ts";

/** One exchange. */
export interface WebhookRequest {
  readonly url: string;
  /** JSON. */
  readonly body: string;
  /** Key of the signature; `undefined`: the request is not signed. Never logged. */
  readonly secret: string | undefined;
  /** For the whole exchange. */
  readonly timeoutMs: number;
  /** Longer answers are refused. */
  readonly maxBytes: number;
  /** Ends the exchange when it aborts. */
  readonly signal: AbortSignal;
}

/** Why there is no answer. */
export type WebhookFailure = (typeof WEBHOOK_FAILURES)[number];

/** What came of it. */
export type WebhookOutcome =
  /** The answer as JSON text; what came as plain text is a JSON string. */
  | { readonly kind: "answered"; readonly json: string }
  | { readonly kind: "failed"; readonly failure: WebhookFailure; readonly status?: number };

/**
 * Posts to the operator's services, and to nobody else.
 *
 * - MUST connect only to addresses that are allowed, decided on the address it connects to.
 * - MUST follow no redirect, and verify certificates.
 * - `post` MUST resolve within `timeoutMs`, or when the signal aborts (`timedOut`), and never reject.
 */
export interface ToolWebhook {
  post(request: WebhookRequest): Promise<WebhookOutcome>;
}
