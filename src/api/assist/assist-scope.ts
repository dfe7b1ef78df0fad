/** What a connection may see, and whether one event is part of it. */
import type { AssistSubject } from "./assist-log.ts";
import type { CallEvents, KeptEvent } from "./call-events.ts";

/** `all`: whoever has a role; otherwise one contact or one call, which a token names. */
export type AssistScope = { readonly kind: "all" } | AssistSubject;

/** `unknown`: the call has no contact yet, so nobody can say whose the event is. */
export type Belongs = "yes" | "no" | "unknown";

/** Whether the event may be seen by whoever may see `scope`. */
export function belongsTo(scope: AssistScope, call: CallEvents, event: KeptEvent): Belongs {
  switch (scope.kind) {
    case "all":
      return "yes";
    case "call":
      return call.callId === scope.id ? "yes" : "no";
    case "contact": {
      const contactId = call.contactOf(event);
      if (contactId === undefined) {
        return "unknown";
      }
      return contactId === scope.id ? "yes" : "no";
    }
  }
}

/** Whether a subject may be asked for at all; `calls` are those that are known of it. */
export function mayAskFor(
  scope: AssistScope,
  subject: AssistSubject,
  calls: readonly CallEvents[],
): boolean {
  if (scope.kind === "all") {
    return true;
  }
  if (scope.kind === subject.kind) {
    return scope.id === subject.id;
  }
  return scope.kind === "contact" && calls.some(({ contacts }) => contacts.has(scope.id));
}

/** An event is seen when the scope and one of the subscriptions have it. */
export function isSeen(
  scope: AssistScope,
  subjects: Iterable<AssistSubject>,
  [call, event]: readonly [CallEvents, KeptEvent],
): Belongs {
  const allowed = belongsTo(scope, call, event);
  let wanted: Belongs = "no";
  for (const subject of subjects) {
    const belongs = belongsTo(subject, call, event);
    if (belongs === "yes") {
      wanted = "yes";
      break;
    }
    wanted = belongs === "unknown" ? "unknown" : wanted;
  }
  if (allowed === "no" || wanted === "no") {
    return "no";
  }
  return allowed === "yes" && wanted === "yes" ? "yes" : "unknown";
}
