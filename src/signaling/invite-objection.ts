/** Why an INVITE does not become an invitation, whoever it is from. */
import type { DrachtioRequest } from "./drachtio-types.ts";
import { unknownOptions } from "./extensions.ts";
import { acceptsSdp, isReachableContact, isRecordingBody, isSdpOrEmpty } from "./sip-values.ts";

/** The answer to such an INVITE. */
export interface InviteObjection {
  readonly status: number;
  /** The phrase of the catalogue if empty. */
  readonly reason: string;
  readonly headers: Record<string, string>;
}

/** `ignore`: it must not be answered at all; undefined: nothing speaks against it. */
export function objectionTo(request: DrachtioRequest): InviteObjection | "ignore" | undefined {
  const contact = request.get("Contact");
  if (contact === undefined) {
    return { status: 400, reason: "Missing Contact Header", headers: {} };
  }
  if (!isReachableContact(contact)) {
    // One that is answered ends a drachtio-server 0.9.10 by a fault.
    return "ignore";
  }
  const unsupported = unknownOptions(request.get("Require"));
  if (unsupported !== "") {
    return { status: 420, reason: "", headers: { Unsupported: unsupported } };
  }
  const status = bodyObjection(request);
  return status === undefined
    ? undefined
    : { status, reason: "", headers: { Accept: "application/sdp" } };
}

/** Both ways of a session description: the one that came, and the one we would send. */
function bodyObjection(request: DrachtioRequest): 415 | 406 | undefined {
  const contentType = request.get("Content-Type");
  if (!isSdpOrEmpty(contentType, request.body) && !isRecordingBody(contentType)) {
    return 415;
  }
  return acceptsSdp(request.get("Accept")) ? undefined : 406;
}
