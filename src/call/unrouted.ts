/** Invitations that become no call: answered, counted, logged. */
import type { GatewayError } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { Metrics } from "../core/metrics.ts";
import type { Invitation, SipHeaders } from "../ports/signaling-server.ts";
import type { AdmittedCall } from "./call-plan.ts";

/** Who counts and logs, and when to try again. */
export interface RefusalContext {
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly limits: { readonly retryAfterSeconds: number };
}

/** No route or flow takes it. */
export function refuseUnrouted(
  { invitation, trunk }: AdmittedCall,
  error: GatewayError,
  { metrics, logger, limits }: RefusalContext,
): void {
  const reason = error.code === "SIP_BODY_NOT_TAKEN" ? "badOffer" : "noRoute";
  metrics.increment("trunkline_invitations_refused_total", { reason });
  const source = invitation.source.address;
  const why = error.details["reason"];
  logger.info("invitation refused", { code: error.code, why, source, trunk: trunk?.name });
  const status = error.sipStatus;
  const headers: SipHeaders = {
    ...(status === 503 ? { "Retry-After": String(limits.retryAfterSeconds) } : {}),
    ...(status === 415 ? { Accept: "application/sdp" } : {}),
  };
  rejectInvitation(invitation, status, headers, logger);
}

/** Answers it; that it may be over by then is no fault. */
export function rejectInvitation(
  invitation: Invitation,
  status: number,
  headers: SipHeaders,
  logger: Logger,
): void {
  invitation.reject({ status, headers }).catch((failure: unknown) => {
    logger.debug("refusal came too late", { error: failure });
  });
}
