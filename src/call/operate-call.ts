/** What an operator has a call do: only while it talks, counted and logged, without a word of what was said. */
import { codeOf, type ErrorCode, GatewayError } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { OPERATOR_OUTCOMES } from "../core/metric-labels.ts";
import type { Metrics } from "../core/metrics.ts";
import type { OperatorCommand, RecordAction } from "../ports/call-directory.ts";
import type { CallRecordBuilder } from "./call-record.ts";
import type { CallRecorder } from "./call-recorder.ts";
import type { CallLine } from "./call-service.ts";
import type { CallState } from "./call-state.ts";

/** The call, as an operator reaches it. */
export interface OperatedCall extends Pick<CallLine, "execute"> {
  readonly state: CallState;
  readonly record: Pick<CallRecordBuilder, "origin">;
  /** `undefined`: its flow does not record. */
  readonly recorder: CallRecorder | undefined;
}

/** Who counts and logs. */
export interface OperationContext {
  readonly metrics: Metrics;
  readonly logger: Logger;
}

type Outcome = (typeof OPERATOR_OUTCOMES)[number];

const OUTCOMES: Partial<Record<ErrorCode, Outcome>> = {
  CALL_NOT_TALKING: "notTalking",
  MODEL_CANNOT_SAY: "modelCannotSay",
  VOICE_CANNOT_SAY: "voiceCannotSay",
  MEDIA_CLIPS_FULL: "clipsFull",
  MEDIA_NO_DIGITS: "noDigits",
  RECORDING_NOT_ACTIVE: "notRecorded",
};

/** Rejects as `CallDirectory.operate` does. */
export async function operateCall(
  call: OperatedCall,
  command: OperatorCommand,
  { metrics, logger }: OperationContext,
): Promise<void> {
  const { callId } = call.record.origin;
  let outcome: Outcome = "done";
  try {
    await carryOut(call, command);
  } catch (error) {
    const code = codeOf(error);
    outcome = (code === undefined ? undefined : OUTCOMES[code]) ?? "failed";
    throw error;
  } finally {
    metrics.increment("trunkline_operator_commands_total", { command: command.kind, outcome });
    logger.info("operator command", { callId, command: command.kind, outcome });
  }
}

async function carryOut(call: OperatedCall, command: OperatorCommand): Promise<void> {
  if (call.state !== "talking") {
    throw new GatewayError("CALL_NOT_TALKING", { reason: `its state is ${call.state}` });
  }
  if (command.kind === "record") {
    record(call.recorder, command.action);
    return;
  }
  try {
    await call.execute(command);
  } catch (error) {
    // The call ended while the command was on its way.
    throw codeOf(error) === "MEDIA_LEG_UNKNOWN" ? new GatewayError("CALL_NOT_TALKING") : error;
  }
}

function record(recorder: CallRecorder | undefined, action: RecordAction): void {
  if (recorder === undefined) {
    throw new GatewayError("RECORDING_NOT_ACTIVE", { reason: "its flow does not record" });
  }
  recorder.operate(action);
}
