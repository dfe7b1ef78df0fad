/** What a refusal tells the caller beside its status. */
import { codeOf, ERROR_CATALOGUE, type ErrorCode } from "../core/errors.ts";
import type { Invitation, SipHeaders } from "../ports/signaling-server.ts";

/** RFC 3261 §20.43 Warning: what is wrong with an offer. */
const WARN_CODES: Partial<Readonly<Record<ErrorCode, number>>> = {
  SDP_ADDRESS_FAMILY: 301,
  SDP_SRTP_OFF: 302,
  SDP_SRTP_REQUIRED: 302,
  SDP_NO_AUDIO: 304,
  SDP_NO_COMMON_CODEC: 305,
  SDP_NO_COMMON_CRYPTO: 306,
  SDP_TOO_MANY_STREAMS: 399,
  SDP_MALFORMED: 399,
};

/** Retry-After with a 503; a Warning in plain words, without details, with what an offer is refused for. */
export function refusalHeaders(
  status: number,
  error: unknown,
  retryAfterSeconds: number,
): SipHeaders {
  const code = codeOf(error);
  const warnCode = code === undefined ? undefined : WARN_CODES[code];
  return {
    ...(status === 503 ? { "Retry-After": String(retryAfterSeconds) } : {}),
    ...(code === undefined || warnCode === undefined
      ? {}
      : { Warning: `${warnCode} trunkline "${ERROR_CATALOGUE[code].meaning}"` }),
  };
}

/** Why, and with what, an invitation is refused. */
export interface InvitationFailure {
  readonly status: number;
  readonly error: unknown;
  readonly retryAfterSeconds: number;
}

/** Refuses it, unless the caller gave it up before. */
export async function refuseInvitation(
  invitation: Invitation,
  { status, error, retryAfterSeconds }: InvitationFailure,
): Promise<void> {
  if (!invitation.signal.aborted) {
    const headers = refusalHeaders(status, error, retryAfterSeconds);
    await invitation.reject({ status, headers });
  }
}
