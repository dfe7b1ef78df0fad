/** A role corrected by hand: only in recording sessions, and logged without a word of who it is. */
import { GatewayError } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { RoleCorrection } from "../ports/call-directory.ts";
import type { CallRecord } from "../ports/call-store.ts";
import type { LiveCall } from "./live-call.ts";

/** The participants then; throws CALL_NOT_RECORDED or CALL_PARTICIPANT_UNKNOWN. */
export function correctRole(
  call: LiveCall,
  correction: RoleCorrection,
  logger: Logger,
): NonNullable<CallRecord["participants"]> {
  const { callId } = call.record.origin;
  const participants = call.correctRole?.(correction);
  if (participants === undefined) {
    throw new GatewayError("CALL_NOT_RECORDED", { reason: "only recording sessions have roles" });
  }
  logger.info("role corrected by hand", { callId, role: correction.role });
  return participants;
}
