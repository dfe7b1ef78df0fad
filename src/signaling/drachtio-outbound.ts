/** Places a call through drachtio-srf, cancellable until it is answered. */
import { GatewayError } from "../core/errors.ts";
import type { OutboundInvitation } from "../ports/signaling-server.ts";
import type { DrachtioLink } from "./drachtio-link.ts";
import type { DrachtioDialog, DrachtioRequest } from "./drachtio-types.ts";
import { safeHeaders } from "./sip-values.ts";

const BYE_WAIT_MS = 4000;

/** Rejects with SIP_INVITATION_ENDED when aborted, SIP_REQUEST_FAILED (details.status) when refused, SIP_SERVER_LOST. */
export async function placeInvite(
  link: DrachtioLink,
  invitation: OutboundInvitation,
): Promise<DrachtioDialog> {
  const { signal } = invitation;
  if (signal.aborted) {
    throw new GatewayError("SIP_INVITATION_ENDED");
  }
  let sent: DrachtioRequest | undefined;
  const cancel = (): void => sendCancel(sent);
  signal.addEventListener("abort", cancel, { once: true });
  let dialog: DrachtioDialog;
  try {
    dialog = await link.bounded(
      link.srf.createUAC(
        invitation.uri,
        {
          localSdp: invitation.sdp,
          callingNumber: invitation.callingUser,
          headers: safeHeaders(invitation.headers),
        },
        {
          cbRequest: (_error, request) => {
            sent = request;
            if (signal.aborted) {
              cancel();
            }
          },
          cbProvisional: (response) => invitation.onProgress?.(response.status),
        },
      ),
    );
  } catch (error) {
    throw inviteError(error, signal);
  } finally {
    signal.removeEventListener("abort", cancel);
  }
  if (signal.aborted) {
    await hangUp(link, dialog);
    throw new GatewayError("SIP_INVITATION_ENDED", { reason: "answered when it was cancelled" });
  }
  return dialog;
}

/** The 200 crossed our CANCEL (RFC 3261 "Client Behavior" of CANCEL): what was answered is ended. */
async function hangUp(link: DrachtioLink, dialog: DrachtioDialog): Promise<void> {
  try {
    await link.bounded(dialog.destroy({ headers: {} }), BYE_WAIT_MS);
  } catch {
    // The peer or the server ended it first.
  }
}

function sendCancel(sent: DrachtioRequest | undefined): void {
  try {
    sent?.cancel();
  } catch {
    // drachtio-srf throws when its socket is gone; the lost link ends the invitation.
  }
}

function inviteError(error: unknown, signal: AbortSignal): GatewayError {
  const cause = { cause: error };
  if (signal.aborted) {
    return new GatewayError("SIP_INVITATION_ENDED", {}, cause);
  }
  if (error instanceof GatewayError) {
    return error;
  }
  const { status, reason } = error as { status?: unknown; reason?: unknown };
  const details = typeof status === "number" ? { status, reason } : { reason: String(error) };
  return new GatewayError("SIP_REQUEST_FAILED", { method: "INVITE", ...details }, cause);
}
