/** A role that a page corrects: only of a call that it may see and follows, and that is in progress. */
import type { RoleCorrection } from "../../ports/call-directory.ts";
import type { AssistLog, AssistSubject } from "./assist-log.ts";
import type { MessageRefusal } from "./assist-messages.ts";
import { type AssistScope, mayAskFor } from "./assist-scope.ts";
import type { CallEvents } from "./call-events.ts";
import type { RoleDesk } from "./role-desk.ts";

/** Who asks, and what for. */
export interface RoleRequest {
  readonly callId?: string | undefined;
  readonly correction: RoleCorrection;
  readonly scope: AssistScope;
  readonly mayCorrect: boolean;
  readonly subjects: readonly AssistSubject[];
  readonly log: AssistLog;
  readonly roles: RoleDesk;
}

/** `undefined`: done; the call tells of it by its next `state`. */
export function setRole(request: RoleRequest): MessageRefusal | undefined {
  const { callId, correction, scope, mayCorrect, subjects, log, roles } = request;
  if (!mayCorrect) {
    return "lookingOnly";
  }
  const followed = subjects.flatMap((subject) => log.find(subject));
  const call = followed.findLast(
    (one) => !one.ended && (callId === undefined || one.callId === callId),
  );
  if (call === undefined || !isOpen(scope, call)) {
    return "noSuchCall";
  }
  return roles.correct(call.callId, correction);
}

/** A contact's token opens a call only while it is that contact's. */
function isOpen(scope: AssistScope, call: CallEvents): boolean {
  return (
    mayAskFor(scope, { kind: "call", id: call.callId }, [call]) &&
    (scope.kind !== "contact" || call.contactId === scope.id)
  );
}
