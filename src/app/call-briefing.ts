/** Decides what a call is briefed with: its contact, if its headers are believed, and what a directory may be asked. */

import { Briefing } from "../call/briefing/briefing.ts";
import { contactIdentityOf, userToUserVariables } from "../call/briefing/contact-identity.ts";
import type { AdmittedCall } from "../call/call-plan.ts";
import type { Flow } from "../call/flow.ts";
import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { Metrics } from "../core/metrics.ts";
import type { ContactDirectory } from "../ports/contact-directory.ts";

/** The directory of contacts, and how long calls wait for it. */
export interface ContactSettings {
  readonly directory: ContactDirectory;
  readonly lookupMs: number;
  readonly resultsMs: number;
  /** Trunks whose headers name contacts; empty: all. */
  readonly trunks: readonly string[];
}

/** What a briefing is made of. */
export interface BriefingParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** `undefined`: none is configured. */
  readonly contacts?: ContactSettings | undefined;
}

/** What is known of a call before anybody is asked. */
export interface BriefingQuestion {
  readonly flow: Flow;
  /** `undefined`: a call of ours. */
  readonly call: AdmittedCall | undefined;
  /** What a call of ours was ordered with. Private. */
  readonly attributes: Readonly<Record<string, string>>;
  /** What was said before the call; nothing: "". Private. */
  readonly before: string;
}

/** `undefined`: the texts of the flow are complete as they are, and nobody is told anything. */
export function briefingOf(
  parts: BriefingParts,
  { flow, call, attributes, before }: BriefingQuestion,
): Briefing | undefined {
  const { contacts, clock, logger, metrics } = parts;
  const identity = call === undefined ? undefined : believedIdentity(call, contacts);
  const header = (name: string): string | undefined => call?.invitation.header(name);
  const isPlain = !`${flow.instructions}${flow.greeting ?? ""}`.includes("{{");
  const isTold = Object.keys(attributes).length > 0 || flow.contact.tell.length > 0;
  if (contacts === undefined && identity === undefined && isPlain && !isTold) {
    return undefined;
  }
  const { code, ...plan } = flow.contact;
  return new Briefing({
    clock,
    logger,
    metrics,
    directory: call === undefined ? undefined : contacts?.directory,
    plan: { ...plan, code },
    identity,
    carried: { ...call?.parties.attributes, ...userToUserVariables(header) },
    told: attributes,
    before,
    lookupMs: contacts?.lookupMs ?? 0,
    resultsMs: contacts?.resultsMs ?? 0,
  });
}

function believedIdentity({ invitation, trunk }: AdmittedCall, contacts?: ContactSettings) {
  const believed = contacts?.trunks ?? [];
  const isBelieved = believed.length === 0 || believed.includes(trunk?.name ?? "");
  return isBelieved ? contactIdentityOf((name) => invitation.header(name)) : undefined;
}
