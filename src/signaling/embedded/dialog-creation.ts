/** How the INVITE and its response make a dialog. RFC 3261 section 12.1, Creation of a Dialog. */
import type { AppClient } from "./app-client.ts";
import type { Arrival } from "./arrival.ts";
import { Dialog, dialogIdOf } from "./dialog.ts";
import { listOf, tagOf } from "./header-values.ts";
import type { SipRequest, SipResponse } from "./message.ts";
import { headerOf } from "./message.ts";
import { contactUriOf } from "./message-check.ts";
import type { Hop } from "./transport.ts";

/** What both roles need beside the messages. */
export interface DialogParties {
  readonly owner: AppClient;
  readonly localSequence: number;
  readonly natRule: boolean;
}

/** The dialog that a tagged response to our INVITE makes. RFC 3261 section 12.1.2, UAC Behavior. */
export function dialogAsClient(
  invite: SipRequest,
  response: SipResponse,
  peer: Hop,
  parties: DialogParties,
): Dialog {
  const localTag = tagOf(headerOf(invite, "from")) ?? "";
  const callId = headerOf(invite, "call-id") ?? "";
  const contact = contactUriOf(response);
  const routeSet = listOf(response, "record-route").reverse();
  const dialog = new Dialog({
    ...parties,
    id: dialogIdOf(callId, localTag),
    role: "uac",
    callId,
    localTag,
    remoteTag: tagOf(headerOf(response, "to")) ?? "",
    localParty: headerOf(invite, "from") ?? "",
    remoteParty: headerOf(response, "to") ?? "",
    routeSet,
    remoteTarget: contact ?? invite.uri,
    remoteSequence: undefined,
    peer,
  });
  if (contact === undefined && routeSet.length === 0) {
    dialog.sendToPeer();
  }
  return dialog;
}

/** The dialog that our tagged response to `invite` makes. RFC 3261 section 12.1.1, UAS Behavior. */
export function dialogAsServer(
  invite: Arrival,
  response: SipResponse,
  localTag: string,
  parties: DialogParties,
): Dialog {
  const { request, essentials, from } = invite;
  const remoteTag = essentials.fromTag ?? "";
  return new Dialog({
    ...parties,
    id: dialogIdOf(essentials.callId, remoteTag),
    role: "uas",
    callId: essentials.callId,
    localTag,
    remoteTag,
    localParty: headerOf(response, "to") ?? "",
    remoteParty: headerOf(request, "from") ?? "",
    routeSet: listOf(request, "record-route"),
    remoteTarget: contactUriOf(request) ?? request.uri,
    remoteSequence: essentials.sequence,
    peer: from,
  });
}
