/** How calls end, in one place: who ended it, how, and why in plain words. */
import { codeOf, ERROR_CATALOGUE, type ErrorCode, GatewayError } from "../core/errors.ts";
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

/** The peer said that somebody else has taken the call. `name` is one of the flow's transfers. */
export function transferred(name: string, by: "model" | "gateway"): Verdict {
  return { endedBy: by, outcome: "completed", reason: `transferred to "${name}"` };
}

/** The peer left while it was to call somebody else, and did not say what became of that. */
const LEFT_FOR_TRANSFER = "the peer ended the call while it was being transferred";

/** Who was called hung up. */
export const CALLEE_HUNG_UP: Verdict = {
  endedBy: "callee",
  outcome: "completed",
  reason: "the called party hung up",
};

/** A dialog that ended without us; inbound where nothing is said. */
export function dialogEnded(
  cause: DialogEnd,
  direction: "inbound" | "outbound" = "inbound",
  isBeingTransferred = false,
): Verdict {
  if (cause.by === "peer") {
    const verdict = direction === "inbound" ? CALLER_HUNG_UP : CALLEE_HUNG_UP;
    return isBeingTransferred ? { ...verdict, reason: LEFT_FOR_TRANSFER } : verdict;
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
  const refused = error instanceof GatewayError ? refusedInvitation(error) : undefined;
  if (refused !== undefined) {
    return refused;
  }
  const reason =
    error instanceof Error && code !== undefined
      ? `${code}: ${error.message}`
      : "an unexpected error";
  return { endedBy: "gateway", outcome: outcomeOf(code), reason };
}

/** A call of ours that nobody took. */
function refusedInvitation({ code, details, message }: GatewayError): Verdict | undefined {
  if (code === "CALL_NOT_ANSWERED") {
    return { endedBy: "gateway", outcome: "cancelled", reason: `${code}: ${message}` };
  }
  const { method, status } = details;
  return code === "SIP_REQUEST_FAILED" && method === "INVITE" && typeof status === "number"
    ? { endedBy: "callee", outcome: "refused", reason: `the call was refused with ${status}` }
    : undefined;
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
