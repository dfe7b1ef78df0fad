/** Which requests the server answers itself because they do not fit the dialog or the session as it is. */
import type { Arrival } from "./arrival.ts";
import type { CoreContext } from "./core-context.ts";
import type { Dialog } from "./dialog.ts";
import { parseReliableAcknowledgement } from "./header-values.ts";
import type { HeaderField } from "./message.ts";
import { field, headerOf, serialise } from "./message.ts";
import type { PendingRequests } from "./pending-requests.ts";
import { plainResponse } from "./response-builder.ts";
import type { ServerTransaction } from "./server-transaction.ts";
import { asksTooShort } from "./session-expires.ts";

/** A request that nobody has answered yet. */
export interface NewRequest {
  readonly arrival: Arrival;
  readonly transaction: ServerTransaction;
  /** Our tag in the answer; a fresh one if absent. */
  readonly localTag?: string | undefined;
}

/** Answers a request in the server's own name. */
export function refuse(
  context: CoreContext,
  { arrival, transaction, localTag }: NewRequest,
  status: number,
  reason: string,
  extra: readonly HeaderField[] = [],
): void {
  const tag = localTag ?? context.random.hex(8);
  const response = plainResponse(arrival.request, status, reason, tag, extra);
  transaction.respond(status, serialise(response));
}

/** Every method says whether the request may go on; one that may not has been answered and counted. */
export class UasAdmission {
  readonly #context: CoreContext;
  readonly #pending: PendingRequests;

  constructor(context: CoreContext, pending: PendingRequests) {
    this.#context = context;
    this.#pending = pending;
  }

  admitInDialog(request: NewRequest, dialog: Dialog): boolean {
    if (request.arrival.request.method === "PRACK") {
      return this.#admitAcknowledgement(request, dialog);
    }
    const offers = request.transaction.invite || isOffer(request, dialog);
    return this.admitInterval(request) && (!offers || this.#admitOffer(request, dialog));
  }

  /** RFC 3262 section 3, UAS Behavior: a PRACK of nothing gets 481. */
  #admitAcknowledgement(request: NewRequest, dialog: Dialog): boolean {
    const rack = parseReliableAcknowledgement(headerOf(request.arrival.request, "rack") ?? "");
    if (rack !== undefined && this.#pending.progressOf(dialog)?.acknowledge(rack) === true) {
      return true;
    }
    this.#context.counters.add("refusedStray");
    refuse(this.#context, request, 481, "Call/Transaction Does Not Exist");
    return false;
  }

  /** RFC 4028 section 9, UAS Behavior: a session that would be refreshed too often gets 422. */
  admitInterval(incoming: NewRequest): boolean {
    const { minSeconds } = this.#context.sessions;
    const { request } = incoming.arrival;
    const agrees = request.method === "INVITE" || request.method === "UPDATE";
    if (!agrees || !asksTooShort(request, minSeconds)) {
      return true;
    }
    this.#context.counters.add("refusedSessionInterval");
    const minimum = field("Min-SE", String(minSeconds));
    refuse(this.#context, incoming, 422, "Session Interval Too Small", [minimum]);
    return false;
  }

  /** One offer at a time in a dialog. RFC 3261 section 14.2, UAS Behavior; RFC 3311 section 5.2, Receiving an UPDATE. */
  #admitOffer(request: NewRequest, dialog: Dialog): boolean {
    if (dialog.pendingInvite !== undefined) {
      const retryAfter = field("Retry-After", String(this.#context.random.uint32() % 11));
      refuse(this.#context, request, 500, "Server Internal Error", [retryAfter]);
    } else if (dialog.openInvite === undefined) {
      return true;
    } else {
      refuse(this.#context, request, 491, "Request Pending");
    }
    this.#context.counters.add("refusedGlare");
    return false;
  }
}

/** An UPDATE with a body in an answered call; before that, the application knows what is on offer. */
function isOffer({ arrival }: NewRequest, dialog: Dialog): boolean {
  const { method, body } = arrival.request;
  return method === "UPDATE" && body.length > 0 && dialog.confirmed;
}
