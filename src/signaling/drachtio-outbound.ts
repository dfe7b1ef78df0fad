/** Places a call through drachtio-srf, cancellable until it is answered. */
import { GatewayError } from "../core/errors.ts";
import type { OutboundInvitation } from "../ports/signaling-server.ts";
import type { DigestSession, ProofHeader } from "./digest-session.ts";
import type { DrachtioLink } from "./drachtio-link.ts";
import { MAX_ATTEMPTS, retryHeaders, retryHop } from "./drachtio-retry.ts";
import type {
  DrachtioDialog,
  DrachtioRequest,
  DrachtioResponse,
  DrachtioUacOptions,
} from "./drachtio-types.ts";
import { safeHeaders } from "./sip-values.ts";

const BYE_WAIT_MS = 4000;

/** Rejects with SIP_INVITATION_ENDED when aborted, SIP_REQUEST_FAILED (details.status) when refused, SIP_SERVER_LOST. */
export async function placeInvite(
  link: DrachtioLink,
  invitation: OutboundInvitation,
  session: DigestSession,
): Promise<DrachtioDialog> {
  const { signal } = invitation;
  if (signal.aborted) {
    throw new GatewayError("SIP_INVITATION_ENDED");
  }
  let sent: DrachtioRequest | undefined;
  const cancel = (): void => sendCancel(sent);
  const onSent = (request: DrachtioRequest | undefined): void => {
    sent = request;
    if (signal.aborted) {
      cancel();
    }
  };
  signal.addEventListener("abort", cancel, { once: true });
  let dialog: DrachtioDialog;
  try {
    dialog = await link.bounded(untilAnswered(link, invitation, session, onSent));
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

/** Invites, and again with a proof when it is asked for; not by drachtio-srf's `auth`, which knows MD5 only (5.0.29). */
async function untilAnswered(
  link: DrachtioLink,
  invitation: OutboundInvitation,
  session: DigestSession,
  onSent: (request: DrachtioRequest | undefined) => void,
): Promise<DrachtioDialog> {
  const { uri, credentials, signal } = invitation;
  let again: Partial<DrachtioUacOptions> = {};
  let proof: ProofHeader = {};
  for (let attempt = 1; ; attempt += 1) {
    try {
      const headers = { ...safeHeaders(invitation.headers), ...again.headers, ...proof };
      return await createDialog(link, invitation, { ...again, headers }, onSent);
    } catch (error) {
      const response = (error as { res?: DrachtioResponse }).res;
      const header = (name: string): string | undefined => response?.get(name);
      if (
        response === undefined ||
        credentials === undefined ||
        signal.aborted ||
        attempt === MAX_ATTEMPTS ||
        !session.challenged(response.status, header, proof)
      ) {
        throw error;
      }
      const proxy = retryHop(uri, response);
      again = {
        headers: retryHeaders(response.req),
        ...(proxy === undefined ? {} : { proxy }),
      };
      proof = session.proofs({ method: "INVITE", uri, credentials });
    }
  }
}

function createDialog(
  link: DrachtioLink,
  { uri, sdp, callingUser, onProgress }: OutboundInvitation,
  differing: Pick<DrachtioUacOptions, "headers" | "proxy">,
  onSent: (request: DrachtioRequest | undefined) => void,
): Promise<DrachtioDialog> {
  return link.srf.createUAC(
    uri,
    { localSdp: sdp, callingNumber: callingUser, ...differing },
    {
      cbRequest: (_error, request) => onSent(request),
      cbProvisional: ({ status, body }) => onProgress?.(status, body === "" ? undefined : body),
    },
  );
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
