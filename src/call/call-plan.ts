/** A call between being let in and being taken: who it is from, and what will answer it. */
import type { CallId } from "../core/ids.ts";
import type { SrtpPolicy } from "../core/srtp-suites.ts";
import type { CallRecord } from "../ports/call-store.ts";
import type { Invitation } from "../ports/signaling-server.ts";
import { contactIdOf } from "../siprec/correlation.ts";
import { CallRecordBuilder } from "./call-record.ts";
import type { CallService } from "./call-service.ts";
import type { InboundParties } from "./inbound-parties.ts";
import type { RecordingService } from "./recording/recording-service.ts";
import type { RecordingPolicy } from "./recording-policy.ts";
import type { Trunk } from "./trunk.ts";

/** What an invitation is answered with. */
export interface CallPlan {
  readonly flow: string;
  readonly service: PlannedService;
  readonly maxCallMs: number;
  /** Absent: it is not recorded. */
  readonly recording?: RecordingPolicy | undefined;
}

/** A conversation with the caller, or a recording session of somebody else's. */
export type PlannedService = CallService | RecordingService;

/** Whether it only listens. */
export function isRecording(service: PlannedService): service is RecordingService {
  return "request" in service;
}

/** An invitation that was let in, or one of ours that may go out. */
export interface AdmittedCall {
  readonly callId: CallId;
  readonly direction: "inbound" | "outbound";
  readonly invitation: Invitation;
  readonly trunk: Trunk | undefined;
  readonly parties: InboundParties;
  /** Whether audio is encrypted; absent: as the trunk or the gateway has it. */
  readonly srtp?: SrtpPolicy;
  /** Kinesis Video stream that the call is heard by. */
  readonly streamArn?: string | undefined;
  /** Told once, when everything is released, before the record is saved. */
  readonly onReleased?: (record: CallRecord) => void;
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
    contactId: contactOf(plan, invitation),
    streamArn: call.streamArn,
    startedAtMs,
  });
}

function contactOf({ service }: CallPlan, invitation: Invitation): string | undefined {
  return isRecording(service)
    ? contactIdOf(service.request.correlation)
    : invitation.header("X-Amzn-ConnectContactId");
}
