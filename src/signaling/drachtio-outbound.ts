/** Places a call through drachtio-srf, cancellable until it is answered. */
import { GatewayError } from "../core/errors.ts";
import type { OutboundInvitation } from "../ports/signaling-server.ts";
import type { DrachtioDialog, DrachtioRequest, DrachtioSrf } from "./drachtio-types.ts";
import { safeHeaders } from "./sip-values.ts";

/** Rejects with SIP_INVITATION_ENDED when aborted, SIP_REQUEST_FAILED (details.status) when refused. */
export async function placeInvite(
  srf: DrachtioSrf,
  invitation: OutboundInvitation,
): Promise<DrachtioDialog> {
  let sent: DrachtioRequest | undefined;
  const cancel = (): void => sent?.cancel();
  invitation.signal.addEventListener("abort", cancel, { once: true });
  try {
    return await srf.createUAC(
      invitation.uri,
      {
        localSdp: invitation.sdp,
        callingNumber: invitation.callingUser,
        headers: safeHeaders(invitation.headers),
      },
      {
        cbRequest: (_error, request) => {
          sent = request;
          if (invitation.signal.aborted) {
            cancel();
          }
        },
        cbProvisional: (response) => invitation.onProgress?.(response.status),
      },
    );
  } catch (error) {
    throw inviteError(error, invitation.signal);
  } finally {
    invitation.signal.removeEventListener("abort", cancel);
  }
}

function inviteError(error: unknown, signal: AbortSignal): GatewayError {
  const cause = { cause: error };
  if (signal.aborted) {
    return new GatewayError("SIP_INVITATION_ENDED", {}, cause);
  }
  const { status, reason } = error as { status?: unknown; reason?: unknown };
  const details = typeof status === "number" ? { status, reason } : { reason: String(error) };
  return new GatewayError("SIP_REQUEST_FAILED", { method: "INVITE", ...details }, cause);
}
