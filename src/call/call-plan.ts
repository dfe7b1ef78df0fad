/** A call between being let in and being taken: who it is from, and what will answer it. */
import type { CallId } from "../core/ids.ts";
import type { Invitation } from "../ports/signaling-server.ts";
import { CallRecordBuilder } from "./call-record.ts";
import type { CallService } from "./call-service.ts";
import type { InboundParties } from "./inbound-parties.ts";
import type { Trunk } from "./trunk.ts";

/** What an invitation is answered with. */
export interface CallPlan {
  readonly flow: string;
  readonly service: CallService;
  readonly maxCallMs: number;
}

/** An invitation that was let in, or one of ours that may go out. */
export interface AdmittedCall {
  readonly callId: CallId;
  readonly direction: "inbound" | "outbound";
  readonly invitation: Invitation;
  readonly trunk: Trunk | undefined;
  readonly parties: InboundParties;
}

/** The record that such a call begins with. */
export function recordOf(
  call: AdmittedCall,
  plan: CallPlan,
  startedAtMs: number,
): CallRecordBuilder {
  const { callId, direction, invitation, trunk, parties } = call;
  return new CallRecordBuilder({
    callId,
    sipCallId: invitation.sipCallId,
    direction,
    flow: plan.flow,
    mode: plan.service.mode,
    model: plan.service.model,
    ...parties,
    trunk: trunk?.name,
    contactId: invitation.header("X-Amzn-ConnectContactId"),
    startedAtMs,
  });
}
