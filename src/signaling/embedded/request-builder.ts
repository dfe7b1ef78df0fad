/** Builds requests: the application's wish, completed from a dialog or from nothing. */
import type { Dialog } from "./dialog.ts";
import { parseCommandSequence, parseNameAddress } from "./header-values.ts";
import type { HeaderField, SipRequest } from "./message.ts";
import { field, headerOf, NO_BODY } from "./message.ts";
import { applicationHeaders, has, isSdp, resolveLocalhost, withTag } from "./response-builder.ts";

/** What the server contributes to every request. */
export interface RequestContext {
  /** The complete Via value, with its branch. */
  readonly via: string;
  readonly contact: string;
  /** Our `host:port`, put in for `@localhost`. */
  readonly hostPort: string;
}

/** What a request outside a dialog needs beside. */
export interface FreshContext extends RequestContext {
  /** Used for what the application did not choose. */
  readonly fromTag: string;
  readonly callId: string;
  readonly sequence: number;
}

function needsContact(method: string, inDialog: boolean): boolean {
  const always = method === "INVITE" || method === "SUBSCRIBE";
  return always || (inDialog && ["REFER", "UPDATE", "NOTIFY"].includes(method));
}

/** What ends up at the end of both kinds of request. */
function tail(app: SipRequest, context: RequestContext, inDialog: boolean): HeaderField[] {
  const own = applicationHeaders(app.headers, context).filter((h) => h.key !== "max-forwards");
  if (needsContact(app.method, inDialog) && !has(own, "contact")) {
    own.unshift(field("Contact", context.contact));
  }
  if (isSdp(app.body) && !has(own, "content-type")) {
    own.push(field("Content-Type", "application/sdp"));
  }
  return own;
}

function maxForwards(app: SipRequest): HeaderField {
  return field("Max-Forwards", headerOf(app, "max-forwards") ?? "70");
}

/** Why a request of the application cannot be sent, in the words the application gets; undefined if it can. */
export function requestObjection(app: SipRequest): string | undefined {
  if (app.body.length > 0 && headerOf(app, "content-type") === undefined && !isSdp(app.body)) {
    return "missing content-type";
  }
  for (const key of ["from", "to"]) {
    const value = headerOf(app, key);
    if (value !== undefined && parseNameAddress(value) === undefined) {
      return `invalid ${key} header`;
    }
  }
  return undefined;
}

/** A request outside a dialog. RFC 3261 section 8.1.1, Generating the Request. */
export function freshRequest(app: SipRequest, context: FreshContext): SipRequest {
  const address = (key: string): string | undefined => {
    const header = app.headers.find((candidate) => candidate.key === key);
    return header === undefined ? undefined : resolveLocalhost(header, context);
  };
  const chosen = parseCommandSequence(headerOf(app, "cseq") ?? "")?.number;
  const headers = [
    field("Via", context.via),
    maxForwards(app),
    field("From", withTag(address("from") ?? context.contact, context.fromTag)),
    field("To", address("to") ?? `<${app.uri}>`),
    field("Call-ID", headerOf(app, "call-id") ?? context.callId),
    field("CSeq", `${chosen ?? context.sequence} ${app.method}`),
    ...tail(app, context, false),
  ];
  return { ...app, headers };
}

/** A request within a dialog. RFC 3261 section 12.2.1.1, Generating the Request. */
export function dialogRequest(
  dialog: Dialog,
  app: SipRequest,
  sequence: number,
  context: RequestContext,
): SipRequest {
  const headers = [
    field("Via", context.via),
    maxForwards(app),
    ...dialog.routeSet.map((route) => field("Route", route)),
    field("From", dialog.localParty),
    field("To", dialog.remoteParty),
    field("Call-ID", dialog.callId),
    field("CSeq", `${sequence} ${app.method}`),
    ...tail(app, context, true),
  ];
  return { ...app, uri: dialog.remoteTarget, headers };
}

/** A bodiless request of the server's own. */
export function ownRequest(method: string, headers: readonly HeaderField[]): SipRequest {
  return { kind: "request", method, uri: "sip:placeholder", headers, body: NO_BODY };
}

/** The CANCEL of an INVITE. RFC 3261 section 9.1, Client Behavior. */
export function cancelRequest(invite: SipRequest, extra: readonly HeaderField[]): SipRequest {
  const kept = new Set(["via", "from", "to", "call-id", "max-forwards", "route"]);
  const headers = invite.headers.filter((header) => kept.has(header.key));
  const sequence = headerOf(invite, "cseq") ?? "";
  return {
    kind: "request",
    method: "CANCEL",
    uri: invite.uri,
    headers: [
      ...headers,
      field("CSeq", sequence.replace("INVITE", "CANCEL")),
      ...extra.filter((header) => header.key === "reason" || header.key.startsWith("x-")),
    ],
    body: NO_BODY,
  };
}
