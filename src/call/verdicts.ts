/** How calls end, in one place: who ended it, how, and why in plain words. */
import { codeOf, ERROR_CATALOGUE, type ErrorCode } from "../core/errors.ts";
import type { Outcome, Verdict } from "../ports/call-store.ts";
import type { DialogEnd } from "../ports/signaling-server.ts";

/** The caller hung up. */
export const CALLER_HUNG_UP: Verdict = {
  endedBy: "caller",
  outcome: "completed",
  reason: "the caller hung up",
};

/** The caller gave up before the answer. */
export const CANCELLED: Verdict = {
  endedBy: "caller",
  outcome: "cancelled",
  reason: "the caller gave up before the answer",
};

/** The model asked to hang up. */
export const MODEL_HUNG_UP: Verdict = {
  endedBy: "model",
  outcome: "completed",
  reason: "the model hung up",
};

/** Somebody ended the call through the API. */
export const OPERATOR_HUNG_UP: Verdict = {
  endedBy: "operator",
  outcome: "completed",
  reason: "ended by the operator",
};

/** The gateway shuts down and waited long enough. */
export const DRAINED: Verdict = {
  endedBy: "gateway",
  outcome: "drained",
  reason: "the gateway was shut down",
};

/** The flow's limit is reached. */
export const TIME_LIMIT: Verdict = {
  endedBy: "gateway",
  outcome: "timeLimit",
  reason: "the flow's maximum call time was reached",
};

/** A dialog that ended without us. */
export function dialogEnded(cause: DialogEnd): Verdict {
  if (cause.by === "peer") {
    return CALLER_HUNG_UP;
  }
  const reason = cause.reason ?? "the SIP server gave the dialog up";
  return { endedBy: "gateway", outcome: "serverLost", reason };
}

/** An invitation that ended before its answer: the caller gave up, or the SIP server is gone. */
export function invitationEnded(signal: AbortSignal): Verdict {
  return codeOf(signal.reason) === "SIP_SERVER_LOST"
    ? dialogEnded({ by: "server", reason: "the SIP server was lost" })
    : CANCELLED;
}

/** No RTP for too long. */
export function mediaTimedOut(silentMs: number): Verdict {
  const reason = `no audio from the caller for ${Math.round(silentMs / 1000)} s`;
  return { endedBy: "gateway", outcome: "mediaTimeout", reason };
}

/** The model was lost in the middle of the call. */
export function modelFailed(code: ErrorCode, reason: string): Verdict {
  return { endedBy: "gateway", outcome: "modelFailed", reason: `${code}: ${reason}` };
}

/** An error that ended the call or refused it. */
export function failedWith(error: unknown): Verdict {
  const code = codeOf(error);
  if (code === "SIP_INVITATION_ENDED") {
    return CANCELLED;
  }
  const reason =
    error instanceof Error && code !== undefined
      ? `${code}: ${error.message}`
      : "an unexpected error";
  return { endedBy: "gateway", outcome: outcomeOf(code), reason };
}

function outcomeOf(code: ErrorCode | undefined): Outcome {
  if (code === undefined) {
    return "failed";
  }
  if (code.startsWith("MODEL_")) {
    return "modelFailed";
  }
  return ERROR_CATALOGUE[code].blame === "caller" ? "refused" : "failed";
}
