/** A response of the application as it will be sent, with what it agrees on. */
import type { CoreContext } from "./core-context.ts";
import { addressesFor } from "./core-context.ts";
import type { Dialog } from "./dialog.ts";
import type { SipResponse } from "./message.ts";
import { headerOf, serialise } from "./message.ts";
import { hasOption } from "./message-check.ts";
import type { PendingRequest } from "./pending-requests.ts";
import { completeResponse, has, isSdp } from "./response-builder.ts";
import type { SessionTerms } from "./session-expires.ts";
import { termsHeaders, termsOfAnswer } from "./session-expires.ts";

/** The response, its bytes, and the session timer of a 2xx that refreshes a session. */
export interface CompletedResponse {
  readonly response: SipResponse;
  readonly bytes: Buffer;
  readonly terms: SessionTerms | undefined;
}

/** Completes a response to a pending request. `reliableNumber` is its RSeq, undefined when it needs no PRACK. */
export function completePending(
  context: CoreContext,
  pending: PendingRequest,
  app: SipResponse,
  reliableNumber: number | undefined,
): CompletedResponse {
  const { request } = pending.arrival;
  const addresses = addressesFor(context, pending.transaction.source, request.uri);
  const localTag = app.status === 100 ? undefined : pending.localTag;
  const own = completeResponse(request, app, { ...addresses, localTag, reliableNumber });
  const { minSeconds } = context.sessions;
  const terms =
    isSuccess(own) && refreshesSession(pending)
      ? termsOfAnswer(request, own, pending.dialog?.session, minSeconds)
      : undefined;
  const response = terms === undefined ? own : withTerms(own, terms);
  return { response, bytes: serialise(response), terms };
}

/** 2xx. */
export function isSuccess(response: SipResponse): boolean {
  return response.status >= 200 && response.status < 300;
}

/** RFC 4028 section 1, Introduction: INVITE and, in a confirmed dialog, UPDATE. */
export function refreshesSession({ arrival, dialog, transaction }: PendingRequest): boolean {
  return transaction.invite || (arrival.request.method === "UPDATE" && dialog?.confirmed === true);
}

function withTerms(response: SipResponse, terms: SessionTerms): SipResponse {
  const others = response.headers.filter((header) => header.key !== "session-expires");
  const own = termsHeaders(terms).filter((h) => h.key !== "require" || !has(others, "require"));
  return { ...response, headers: [...others, ...own] };
}

/** Whether the peer would acknowledge progress. RFC 3262 section 3, UAS Behavior. */
export function acceptsReliable({ arrival, transaction }: PendingRequest): boolean {
  const { request } = arrival;
  const named = (key: string): boolean => hasOption(request, key, "100rel");
  return transaction.invite && (named("supported") || named("require"));
}

/** What a refresh of ours will repeat. */
export function noteLocal(dialog: Dialog, response: SipResponse): void {
  dialog.localContact = headerOf(response, "contact") ?? dialog.localContact;
  if (isSdp(response.body)) {
    dialog.localSdp = response.body.toString("latin1");
  }
}
