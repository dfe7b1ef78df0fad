/** Builds what calls know of their contacts; the client of AWS is loaded only where an instance is configured. */
import { ContactBook } from "../connect/contact-book.ts";
import { ContactDesk } from "../connect/contact-desk.ts";
import { ContactWebhook } from "../connect/contact-webhook.ts";
import type { Clock } from "../core/clock.ts";
import type { Metrics } from "../core/metrics.ts";
import type { Random } from "../core/random.ts";
import type { Scope } from "../core/scope.ts";
import type { ContactRegister } from "../ports/contact-directory.ts";
import type { ToolWebhook } from "../ports/tool-webhook.ts";
import type { ContactSettings } from "./call-briefing.ts";
import type { Config } from "./config.ts";
import { awsAccess } from "./config-aws.ts";

/** What it runs on. */
export interface ContactParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: Metrics;
  readonly scope: Scope;
  readonly webhook: ToolWebhook;
}

/** What calls ask, and what is announced to them. */
export interface ContactComposition {
  readonly contacts: ContactSettings;
  readonly register: ContactRegister;
}

/** Nothing is asked before a call comes in. */
export async function composeCallContacts(
  config: Config,
  parts: ContactParts,
): Promise<ContactComposition> {
  const { clock, random, metrics, webhook } = parts;
  const { lookup, lookupMs, resultsMs, trunks, contacts: announced } = config.connect;
  const { max, ttlSeconds, codeDigits } = announced;
  const book = new ContactBook({
    clock,
    random,
    metrics,
    maxContacts: max,
    ttlSeconds,
    codeDigits,
  });
  const directory = new ContactDesk({
    book,
    webhook:
      lookup === undefined
        ? undefined
        : new ContactWebhook({
            webhook,
            url: lookup.url,
            secret: lookup.secret,
            timeoutMs: lookupMs,
          }),
    contacts: await composeConnect(config, parts),
  });
  return { contacts: { directory, lookupMs, resultsMs, trunks }, register: book };
}

async function composeConnect(config: Config, { clock, scope }: ContactParts) {
  const { instanceId } = config.connect;
  if (instanceId === undefined) {
    return undefined;
  }
  const { ConnectContacts } = await import("../connect/connect-contacts.ts");
  const contacts = new ConnectContacts({ clock, access: awsAccess(config.aws), instanceId });
  scope.defer("connect", () => contacts.close());
  return contacts;
}
