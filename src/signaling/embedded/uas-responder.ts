/** Responses of the application: completed, sent, and turned into dialogs. RFC 3261 section 13.3, UAS Processing. */
import { AnswerRetransmission } from "./answer-retransmission.ts";
import type { AppClient } from "./app-client.ts";
import { isToken } from "./characters.ts";
import type { CompletedResponse } from "./completed-response.ts";
import {
  acceptsReliable,
  completePending,
  isSuccess,
  noteLocal,
  refreshesSession,
} from "./completed-response.ts";
import type { CoreContext } from "./core-context.ts";
import { firstSequence } from "./core-context.ts";
import type { Dialog } from "./dialog.ts";
import { dialogIdOf } from "./dialog.ts";
import { dialogAsServer } from "./dialog-creation.ts";
import { tagOf } from "./header-values.ts";
import type { SipResponse } from "./message.ts";
import { headerOf } from "./message.ts";
import { hasOption } from "./message-check.ts";
import type { PendingRequest, PendingRequests } from "./pending-requests.ts";
import { isInvitation } from "./pending-requests.ts";
import { ReliableProgress } from "./reliable-progress.ts";

/** Ends a dialog in the server's own name. */
export type EndDialog = (dialog: Dialog, reasonText: string) => void;

const UNKNOWN = "Response not sent due to unknown transaction";

/** A response of the application on its way. */
interface Command {
  readonly client: AppClient;
  readonly messageId: string;
  readonly app: SipResponse;
  readonly isReliable: boolean;
}

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
    const isReliable = app.status > 100 && app.status < 200 && hasOption(app, "require", "100rel");
    if (pending === undefined || pending.owner !== client) {
      client.reply(messageId, { ok: false, reason: UNKNOWN });
    } else if (isReliable && !acceptsReliable(pending)) {
      client.reply(messageId, { ok: false, reason: "Remote endpoint does not support 100rel" });
    } else if (pending.answer !== undefined) {
      this.#echo(client, messageId, pending, Buffer.from(pending.answer, "latin1"));
    } else {
      this.#respondInTurn(pending, { client, messageId, app, isReliable });
    }
  }

  /** RFC 3262 section 3, UAS Behavior: one reliable response at a time, and a 2xx after the last PRACK. */
  #respondInTurn(pending: PendingRequest, command: Command): void {
    const { client, messageId, app, isReliable } = command;
    const success = app.status >= 200 && app.status < 300;
    if (pending.reliable?.busy === true && (isReliable || success)) {
      pending.reliable.hold({
        send: () => this.#respondNow(pending, command),
        drop: () => client.reply(messageId, { ok: false, reason: UNKNOWN }),
      });
    } else {
      this.#respondNow(pending, command);
    }
  }

  #respondNow(pending: PendingRequest, { client, messageId, app, isReliable }: Command): void {
    this.#chooseTag(pending, app);
    if (isReliable) {
      pending.reliable ??= this.#createProgress(pending);
    }
    const number = isReliable ? pending.reliable?.nextNumber : undefined;
    const completed = completePending(this.#context, pending, app, number);
    this.#echo(client, messageId, pending, completed.bytes);
    this.#send(pending, completed);
    if (isReliable) {
      pending.reliable?.start(() => pending.transaction.respond(app.status, completed.bytes));
    }
  }

  /** Numbers start in the lower half of their range, so that they never wrap. */
  #createProgress(pending: PendingRequest): ReliableProgress {
    const { clock, timers, random, counters } = this.#context;
    return new ReliableProgress({
      clock,
      timers,
      sequence: pending.arrival.essentials.sequence,
      firstNumber: (random.uint32() & 0x3fff_ffff) + 1,
      onExpired: () => {
        counters.add("prackTimeouts");
        this.#pending.refuse(pending, 504, "Server Time-out");
        this.#pending.deliverCancel(pending);
      },
    });
  }

  #send(pending: PendingRequest, completed: CompletedResponse): void {
    const { status } = completed.response;
    if (status < 200) {
      this.#pending.extend(pending);
    } else {
      this.#pending.settle(pending, completed.bytes);
    }
    this.#updateDialog(pending, completed);
    pending.transaction.respond(status, completed.bytes);
    if (status >= 200) {
      this.#record(pending, completed);
      pending.onAnswered?.();
    }
  }

  #record(pending: PendingRequest, { response, bytes }: CompletedResponse): void {
    const { records } = this.#context;
    if (!isInvitation(pending)) {
      return;
    }
    if (isSuccess(response)) {
      records.start("application", "uas", bytes);
    } else {
      records.stop("application", "call-rejected", bytes);
    }
  }

  /** The application may choose the tag of our side, until a response has carried one. */
  #chooseTag(pending: PendingRequest, app: SipResponse): void {
    const chosen = tagOf(headerOf(app, "to"));
    if (!pending.tagged && chosen !== undefined && isToken(chosen)) {
      pending.localTag = chosen;
    }
    pending.tagged ||= app.status > 100;
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

  #updateDialog(pending: PendingRequest, completed: CompletedResponse): void {
    const { response } = completed;
    if (!pending.transaction.invite) {
      this.#updateByPlain(pending, completed);
    } else if (response.status >= 300) {
      this.#dropEarly(pending);
    } else if (response.status > 100) {
      const dialog = this.#dialogOf(pending, response);
      noteLocal(dialog, response);
      if (isSuccess(response)) {
        this.#confirm(pending, dialog, completed);
      }
    }
  }

  #updateByPlain(pending: PendingRequest, { response, terms }: CompletedResponse): void {
    const { dialog, arrival } = pending;
    if (dialog === undefined || !isSuccess(response)) {
      return;
    }
    noteLocal(dialog, response);
    if (arrival.request.method === "UPDATE") {
      dialog.refreshTarget(arrival.request, arrival.from);
    }
    if (refreshesSession(pending)) {
      this.#context.sessions.onAnswered(dialog, terms);
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
    { response, bytes, terms }: CompletedResponse,
  ): void {
    const { clock, timers, random, counters, sessions } = this.#context;
    const { status } = response;
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
    sessions.onAnswered(dialog, terms);
  }
}
