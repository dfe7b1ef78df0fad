/** A role that a page corrects: only of a call that it may see and follows, and that is in progress on this node. */
import { codeOf } from "../../core/errors.ts";
import type { CallDirectory, RoleCorrection } from "../../ports/call-directory.ts";
import type { AssistLog, AssistSubject } from "./assist-log.ts";
import type { MessageRefusal } from "./assist-messages.ts";
import { type AssistScope, mayAskFor } from "./assist-scope.ts";
import type { CallEvents } from "./call-events.ts";

/** Who asks, and what for. */
export interface RoleRequest {
  readonly callId?: string | undefined;
  readonly correction: RoleCorrection;
  readonly scope: AssistScope;
  readonly mayCorrect: boolean;
  readonly subjects: readonly AssistSubject[];
  readonly log: AssistLog;
  readonly directory: Pick<CallDirectory, "correctRole">;
}

/** `undefined`: done; the call tells of it by its next `state`. */
export function setRole(request: RoleRequest): MessageRefusal | undefined {
  const { callId, correction, scope, mayCorrect, subjects, log, directory } = request;
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
  try {
    const participants = directory.correctRole(call.callId, correction);
    return participants === undefined ? "noSuchCall" : undefined;
  } catch (error) {
    return codeOf(error) === "CALL_PARTICIPANT_UNKNOWN" ? "noSuchParticipant" : "notRecorded";
  }
}

/** A contact's token opens a call only while it is that contact's. */
function isOpen(scope: AssistScope, call: CallEvents): boolean {
  return (
    mayAskFor(scope, { kind: "call", id: call.callId }, [call]) &&
    (scope.kind !== "contact" || call.contactId === scope.id)
  );
}
