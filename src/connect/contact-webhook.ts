/** A service of the operator's that knows contacts by the caller's number or by a code of keys. */
import { z } from "zod";
import type { ContactAnswer, ContactClue } from "../ports/contact-directory.ts";
import type { ToolWebhook } from "../ports/tool-webhook.ts";

/** Where it is. */
export interface ContactWebhookOptions {
  readonly webhook: ToolWebhook;
  readonly url: string;
  /** Key of the signature; `undefined`: requests are not signed. */
  readonly secret: string | undefined;
  readonly timeoutMs: number;
}

const MAX_BYTES = 65_536;
const ID = z.string().regex(/^[0-9A-Za-z-]{1,256}$/);

const ANSWER = z.object({
  contactId: ID.nullish(),
  initialContactId: ID.nullish(),
  attributes: z.record(z.string().min(1).max(256), z.string().max(32_768)).default({}),
});

/** Asks by `{"number": …}` or `{"code": …}`; an empty object is nobody. Never rejects. */
export class ContactWebhook {
  readonly #options: ContactWebhookOptions;

  constructor(options: ContactWebhookOptions) {
    this.#options = options;
  }

  async find(
    clue: Exclude<ContactClue, { by: "headers" }>,
    signal: AbortSignal,
  ): Promise<ContactAnswer> {
    const { webhook, url, secret, timeoutMs } = this.#options;
    const body = JSON.stringify(clue.by === "code" ? { code: clue.code } : { number: clue.number });
    const request = { url, body, secret, timeoutMs, maxBytes: MAX_BYTES, signal };
    const outcome = await webhook.post(request);
    if (outcome.kind === "failed") {
      const { failure, status } = outcome;
      const isUnknown = status === 404;
      return { outcome: isUnknown ? "unknown" : failure === "timedOut" ? "timedOut" : "failed" };
    }
    return readAnswer(outcome.json);
  }
}

function readAnswer(json: string): ContactAnswer {
  const read = ANSWER.safeParse(JSON.parse(json));
  if (!read.success) {
    return { outcome: "failed" };
  }
  const { contactId, initialContactId, attributes } = read.data;
  if (typeof contactId !== "string" && Object.keys(attributes).length === 0) {
    return { outcome: "unknown" };
  }
  const identity =
    typeof contactId === "string"
      ? {
          contactId,
          initialContactId: initialContactId ?? undefined,
          instanceId: undefined,
          accountId: undefined,
        }
      : undefined;
  return { outcome: "found", contact: { identity, attributes } };
}
