/** Responses of the application: completed, sent, and turned into dialogs. RFC 3261 section 13.3, UAS Processing. */
import { AnswerRetransmission } from "./answer-retransmission.ts";
import type { AppClient } from "./app-client.ts";
import { isToken } from "./characters.ts";
import type { CoreContext } from "./core-context.ts";
import { addressesFor, firstSequence } from "./core-context.ts";
import type { Dialog } from "./dialog.ts";
import { dialogAsServer, dialogIdOf } from "./dialog.ts";
import { tagOf } from "./header-values.ts";
import type { SipResponse } from "./message.ts";
import { headerOf, serialise } from "./message.ts";
import { hasOption } from "./message-check.ts";
import type { PendingRequest, PendingRequests } from "./pending-requests.ts";
import { completeResponse } from "./response-builder.ts";

/** Ends a dialog in the server's own name. */
export type EndDialog = (dialog: Dialog, reasonText: string) => void;

/** The command `sip` with a response. */
export class UasResponder {
  readonly #context: CoreContext;
  readonly #pending: PendingRequests;
  readonly #endDialog: EndDialog;

  constructor(context: CoreContext, pending: PendingRequests, endDialog: EndDialog) {
    this.#context = context;
    this.#pending = pending;
    this.#endDialog = endDialog;
  }

  respond(client: AppClient, messageId: string, transactionId: string, app: SipResponse): void {
    const pending = this.#pending.get(transactionId);
    if (pending === undefined || pending.owner !== client) {
      const reason = "Response not sent due to unknown transaction";
      client.reply(messageId, { ok: false, reason });
      return;
    }
    if (app.status > 100 && app.status < 200 && hasOption(app, "require", "100rel")) {
      client.reply(messageId, { ok: false, reason: "Remote endpoint does not support 100rel" });
      return;
    }
    if (pending.answer !== undefined) {
      this.#echo(client, messageId, pending, Buffer.from(pending.answer, "latin1"));
      return;
    }
    this.#chooseTag(pending, app);
    const response = this.#complete(pending, app);
    const bytes = serialise(response);
    this.#echo(client, messageId, pending, bytes);
    this.#send(pending, response, bytes);
  }

  #send(pending: PendingRequest, response: SipResponse, bytes: Buffer): void {
    const { status } = response;
    if (status < 200) {
      this.#pending.extend(pending);
    } else {
      this.#pending.settle(pending, bytes);
    }
    this.#updateDialog(pending, response, bytes);
    pending.transaction.respond(status, bytes);
  }

  /** The application may choose the tag of our side, until a response has carried one. */
  #chooseTag(pending: PendingRequest, app: SipResponse): void {
    const chosen = tagOf(headerOf(app, "to"));
    if (!pending.tagged && chosen !== undefined && isToken(chosen)) {
      pending.localTag = chosen;
    }
    pending.tagged ||= app.status > 100;
  }

  #complete(pending: PendingRequest, app: SipResponse): SipResponse {
    const { request } = pending.arrival;
    const { source } = pending.transaction;
    const addresses = addressesFor(this.#context, source, request.uri);
    const localTag = app.status === 100 ? undefined : pending.localTag;
    return completeResponse(request, app, { ...addresses, localTag });
  }

  #echo(client: AppClient, messageId: string, pending: PendingRequest, bytes: Buffer): void {
    const { callId, fromTag } = pending.arrival.essentials;
    const called = pending.dialog?.id ?? dialogIdOf(callId, fromTag ?? "");
    client.reply(messageId, {
      ok: true,
      kind: "response",
      bytes,
      hop: pending.transaction.source,
      transactionId: pending.id,
      dialogId: pending.transaction.invite ? called : "",
    });
  }

  #updateDialog(pending: PendingRequest, response: SipResponse, bytes: Buffer): void {
    const { request, from } = pending.arrival;
    const success = response.status >= 200 && response.status < 300;
    if (!pending.transaction.invite) {
      if (success && request.method === "UPDATE") {
        pending.dialog?.refreshTarget(request, from);
      }
      return;
    }
    if (response.status >= 300) {
      this.#dropEarly(pending);
    } else if (response.status > 100) {
      const dialog = this.#dialogOf(pending, response);
      if (success) {
        this.#confirm(pending, dialog, { status: response.status, bytes });
      }
    }
  }

  #dropEarly(pending: PendingRequest): void {
    if (pending.dialog !== undefined && !pending.dialog.confirmed) {
      this.#context.dialogs.remove(pending.dialog);
    }
  }

  /** The dialog of the INVITE, made by the first tagged response. */
  #dialogOf(pending: PendingRequest, response: SipResponse): Dialog {
    if (pending.dialog !== undefined) {
      return pending.dialog;
    }
    const { dialogs, natRule, nextHop } = this.#context;
    const dialog = dialogAsServer(pending.arrival, response, pending.localTag, {
      owner: pending.owner,
      localSequence: firstSequence(this.#context),
      natRule,
    });
    pending.dialog = dialog;
    if (response.status < 200) {
      dialog.pendingInvite = pending.id;
    }
    dialogs.add(dialog);
    nextHop.prepare(dialog);
    return dialog;
  }

  #confirm(
    pending: PendingRequest,
    dialog: Dialog,
    { status, bytes }: { readonly status: number; readonly bytes: Buffer },
  ): void {
    const { clock, timers, random, counters } = this.#context;
    const initial = !dialog.confirmed;
    if (!initial) {
      dialog.refreshTarget(pending.arrival.request, pending.arrival.from);
    }
    dialog.confirmed = true;
    const answer = new AnswerRetransmission({
      clock,
      timers,
      sequence: pending.arrival.essentials.sequence,
      ackTransactionId: initial ? pending.id : random.uuid(),
      resend: () => pending.transaction.respond(status, bytes),
      onExpired: () => {
        counters.add("ackTimeouts");
        this.#endDialog(dialog, "ACK timeout");
      },
    });
    dialog.unacknowledged?.abandon();
    dialog.unacknowledged = answer;
    answer.start();
  }
}
