/** The server's own re-INVITE that keeps a session alive; the application never hears of it. RFC 4028 section 7.4, Generating Subsequent Session Refresh Requests. */
import type { CoreContext } from "./core-context.ts";
import type { Dialog } from "./dialog.ts";
import type { DialogSender } from "./dialog-sender.ts";
import { ReinviteEffects } from "./invite-effects.ts";
import type { SipRequest, SipResponse } from "./message.ts";
import { field } from "./message.ts";
import type { ResponseEffects } from "./outgoing-request.ts";
import { OutgoingRequest } from "./outgoing-request.ts";
import { ownRequest } from "./request-builder.ts";
import { minimumOf, refreshHeaders } from "./session-expires.ts";
import type { Hop } from "./transport.ts";

/** How long a refresh waits for another INVITE of the dialog to be answered. */
const BUSY_RETRY_MS = 2000;

/** How long after a 422 the longer interval is asked for, so that a peer that never has enough is no burden. */
const LONGER_RETRY_MS = 1000;

/** What it shares with the other senders of requests. */
export interface SessionRefreshOptions {
  readonly context: CoreContext;
  readonly sender: DialogSender;
  readonly outgoing: Map<string, OutgoingRequest>;
}

/** Refreshes with the last session description, or with an UPDATE when none is known. */
export class SessionRefresh {
  readonly #options: SessionRefreshOptions;

  constructor(options: SessionRefreshOptions) {
    this.#options = options;
  }

  send(dialog: Dialog): void {
    const { context, sender, outgoing: all } = this.#options;
    const { session } = dialog;
    if (session === undefined || dialog.afterRefresh !== undefined) {
      return;
    }
    if (dialog.openInvite !== undefined || dialog.pendingInvite !== undefined) {
      session.retryAfter(BUSY_RETRY_MS);
      return;
    }
    const hop = context.nextHop.ofDialog(dialog);
    const request = sender.build(dialog, refreshRequest(dialog), hop);
    const { owner, id: dialogId } = dialog;
    const id = context.random.uuid();
    const onEnded = (): void => {
      all.delete(id);
    };
    const effects = this.#effects(dialog, request, onEnded);
    const outgoing = new OutgoingRequest({ context, owner, id, request, dialogId, effects });
    all.set(id, outgoing);
    dialog.afterRefresh = [];
    if (request.method === "INVITE") {
      dialog.openInvite = outgoing;
    }
    outgoing.send(hop);
  }

  #effects(dialog: Dialog, request: SipRequest, onEnded: () => void): ResponseEffects {
    const { context, sender } = this.#options;
    const { owner } = dialog;
    const isCancelled = (): boolean => false;
    const options = { context, owner, invite: request, ender: sender, isCancelled, onEnded };
    const reinvite = request.method === "INVITE" ? new ReinviteEffects(options, dialog) : undefined;
    return {
      onResponse: (response, from) => {
        const isNews = reinvite?.onResponse(response, from) ?? true;
        if (isNews && response.status >= 200) {
          this.#conclude(dialog, response, from);
        }
        return false;
      },
      onEnded,
    };
  }

  #conclude(dialog: Dialog, response: SipResponse, from: Hop | undefined): void {
    const { context, sender } = this.#options;
    const { status } = response;
    if (status < 300 && from !== undefined) {
      const acknowledged = sender.acknowledge(dialog, ownRequest("ACK", []));
      if (acknowledged === undefined) {
        dialog.refreshTarget(response, from);
        context.sessions.onAccepted(dialog, response);
      }
    } else if (!dialog.over) {
      this.#onRefused(dialog, response);
    }
    const waiting = dialog.afterRefresh ?? [];
    dialog.afterRefresh = undefined;
    for (const run of waiting.splice(0)) {
      run();
    }
  }

  #onRefused(dialog: Dialog, response: SipResponse): void {
    const { context, sender } = this.#options;
    const { status } = response;
    const seconds = dialog.session?.seconds ?? 0;
    const minimum = minimumOf(response);
    if (status === 408 || status === 481) {
      sender.end(dialog, "Session refresh failed");
    } else if (status === 422 && minimum !== undefined && minimum > seconds) {
      context.sessions.lengthen(dialog, minimum);
      dialog.session?.retryAfter(LONGER_RETRY_MS);
    } else if (status === 491) {
      dialog.session?.retryAfter(glareDelayMs(dialog, context));
    } else {
      dialog.session?.retryAfter((seconds * 1000) / 8);
    }
  }
}

/** RFC 3261 section 14.1, UAC Behavior: whoever made the Call-ID waits longer. */
function glareDelayMs(dialog: Dialog, { random }: CoreContext): number {
  const steps = random.uint32();
  return dialog.role === "uac" ? 2100 + (steps % 191) * 10 : (steps % 201) * 10;
}

function refreshRequest(dialog: Dialog): SipRequest {
  const { session, localSdp, localContact } = dialog;
  const own = ownRequest(localSdp === undefined ? "UPDATE" : "INVITE", [
    ...(localContact === undefined ? [] : [field("Contact", localContact)]),
    ...(session === undefined ? [] : refreshHeaders(session)),
  ]);
  return localSdp === undefined ? own : { ...own, body: Buffer.from(localSdp, "latin1") };
}
