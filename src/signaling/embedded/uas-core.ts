/** Requests from the network: which go to the application, and what the server answers itself. RFC 3261 section 8.2, UAS Behavior. */
import type { AppClient } from "./app-client.ts";
import type { Arrival } from "./arrival.ts";
import type { CoreContext } from "./core-context.ts";
import type { Dialog } from "./dialog.ts";
import { field, longNames, serialise } from "./message.ts";
import type { PendingRequests } from "./pending-requests.ts";
import type { ProxyCore } from "./proxy-core.ts";
import { plainResponse } from "./response-builder.ts";
import type { ServerTransaction } from "./server-transaction.ts";
import type { TransactionUser } from "./transaction-layer.ts";
import { refuse, UasAdmission } from "./uas-admission.ts";

/** Methods that make no sense outside a dialog. */
const DIALOG_METHODS = new Set(["BYE", "UPDATE", "PRACK"]);

/** Methods whose absence from every application means that the application is missing, not the method. */
const ESSENTIAL_METHODS = new Set(["INVITE", "OPTIONS"]);

/** The transaction layer's user. */
export class UasCore implements TransactionUser {
  readonly #context: CoreContext;
  readonly #pending: PendingRequests;
  readonly #admission: UasAdmission;
  readonly #proxy: ProxyCore;

  constructor(context: CoreContext, pending: PendingRequests, proxy: ProxyCore) {
    this.#context = context;
    this.#pending = pending;
    this.#admission = new UasAdmission(context, pending);
    this.#proxy = proxy;
  }

  onRequest(arrival: Arrival, transaction: ServerTransaction): void {
    this.#context.counters.add("requestsIn");
    if (arrival.request.method === "CANCEL") {
      this.#onCancel(arrival, transaction);
    } else if (arrival.essentials.toTag === undefined) {
      this.#onOutside(arrival, transaction);
    } else {
      this.#onInDialog(arrival, transaction);
    }
  }

  /** The ACK of a 2xx; the first one goes to the application. */
  onAck(arrival: Arrival): void {
    const { dialogs, counters } = this.#context;
    const dialog = dialogs.findByRequest(arrival.essentials);
    const answer = dialog?.unacknowledged;
    if (dialog === undefined && this.#proxy.isPassing(arrival)) {
      this.#proxy.passAck(arrival);
      return;
    }
    if (dialog === undefined || answer?.sequence !== arrival.essentials.sequence) {
      counters.add("droppedStrayAck");
      return;
    }
    dialog.unacknowledged = undefined;
    this.#deliver(arrival, dialog.owner, answer.ackTransactionId, dialog.id);
    answer.acknowledge();
  }

  onServerTransactionEnded(transaction: ServerTransaction): void {
    this.#pending.forget(transaction);
    this.#proxy.forget(transaction);
  }

  #onOutside(arrival: Arrival, transaction: ServerTransaction): void {
    const { router, counters, local } = this.#context;
    const { request, from } = arrival;
    const owner = router.pick(request.method);
    if (DIALOG_METHODS.has(request.method)) {
      counters.add("refusedStray");
      refuse(this.#context, { arrival, transaction }, 481, "Call/Transaction Does Not Exist");
    } else if (owner === undefined) {
      this.#refuseUnrouted(arrival, transaction);
    } else if (transaction.invite && this.#pending.isMerged(arrival)) {
      counters.add("refusedMerged");
      refuse(this.#context, { arrival, transaction }, 482, "Loop Detected");
    } else if (this.#admission.admitInterval({ arrival, transaction })) {
      const pending = this.#pending.track(arrival, transaction, { owner, dialog: undefined });
      this.#trying(arrival, transaction);
      const receivedOn = { host: local.hostFor(from.host), port: from.transport.port };
      const dialogId = "";
      const meta = { source: "network", hop: from, transactionId: pending.id, dialogId } as const;
      const bytes = serialise(longNames(request));
      owner.deliver({ ...meta, receivedOn }, bytes);
      if (transaction.invite) {
        this.#context.records.attempt("network", bytes);
      }
    }
  }

  #refuseUnrouted(arrival: Arrival, transaction: ServerTransaction): void {
    const { router, counters } = this.#context;
    if (ESSENTIAL_METHODS.has(arrival.request.method)) {
      counters.add("refusedNoApplication");
      refuse(this.#context, { arrival, transaction }, 503, "Service Unavailable");
      return;
    }
    counters.add("refusedMethod");
    const allowed = new Set([...router.methods, "ACK", "BYE", "CANCEL"]);
    const allow = field("Allow", [...allowed].join(", "));
    refuse(this.#context, { arrival, transaction }, 405, "Method Not Allowed", [allow]);
  }

  #onInDialog(arrival: Arrival, transaction: ServerTransaction): void {
    const { dialogs, counters } = this.#context;
    const dialog = dialogs.findByRequest(arrival.essentials);
    if (dialog === undefined && this.#proxy.isPassing(arrival)) {
      this.#proxy.pass(arrival, transaction);
    } else if (dialog === undefined || !dialog.owner.connected) {
      counters.add("refusedStray");
      refuse(this.#context, { arrival, transaction }, 481, "Call/Transaction Does Not Exist");
    } else if (!dialog.acceptSequence(arrival.essentials.sequence)) {
      counters.add("refusedOutOfOrder");
      refuse(this.#context, { arrival, transaction }, 500, "Server Internal Error");
    } else if (this.#admission.admitInDialog({ arrival, transaction }, dialog)) {
      this.#forward(arrival, transaction, dialog);
    }
  }

  #forward(arrival: Arrival, transaction: ServerTransaction, dialog: Dialog): void {
    const pending = this.#pending.track(arrival, transaction, { owner: dialog.owner, dialog });
    if (arrival.from.transport.reliable) {
      dialog.peer = arrival.from;
    }
    if (transaction.invite) {
      dialog.pendingInvite = pending.id;
      this.#trying(arrival, transaction);
    }
    if (arrival.request.method === "PRACK") {
      const progress = this.#pending.progressOf(dialog);
      pending.onAnswered = () => progress?.release();
    }
    if (arrival.request.method === "BYE") {
      this.#endDialog(dialog);
      if (!dialog.confirmed) {
        this.#pending.refuse(pending, 200, "OK");
        return;
      }
    }
    this.#deliver(arrival, dialog.owner, pending.id, dialog.id);
    if (arrival.request.method === "BYE") {
      this.#context.records.stop("network", "normal-release", serialise(arrival.request));
    }
  }

  /** A BYE ends the dialog and every open INVITE in it. RFC 3261 section 15.1.2, UAS Behavior. */
  #endDialog(dialog: Dialog): void {
    this.#context.dialogs.remove(dialog);
    dialog.unacknowledged?.acknowledge();
    const open = dialog.pendingInvite;
    const invitation = open === undefined ? undefined : this.#pending.get(open);
    if (invitation === undefined) {
      return;
    }
    this.#pending.refuse(invitation, 487, "Request Terminated");
    if (!dialog.confirmed) {
      this.#pending.deliverCancel(invitation);
    }
  }

  #onCancel(arrival: Arrival, transaction: ServerTransaction): void {
    const { layer, counters } = this.#context;
    const invite = layer.inviteOf(arrival.essentials);
    if (invite === undefined || invite.state === "accepted" || invite.state === "terminated") {
      counters.add("refusedStray");
      refuse(this.#context, { arrival, transaction }, 481, "Call/Transaction Does Not Exist");
      return;
    }
    const pending = this.#pending.of(invite);
    refuse(this.#context, { arrival, transaction, localTag: pending?.localTag }, 200, "OK");
    if (this.#proxy.cancel(invite)) {
      return;
    }
    if (pending !== undefined && pending.answer === undefined) {
      this.#pending.refuse(pending, 487, "Request Terminated");
      this.#pending.deliverCancel(pending, arrival);
    }
  }

  #deliver(arrival: Arrival, owner: AppClient, transactionId: string, dialogId: string): void {
    const meta = { source: "network", hop: arrival.from, transactionId, dialogId } as const;
    owner.deliver(meta, serialise(longNames(arrival.request)));
  }

  /** RFC 3261 section 17.2.1, INVITE Server Transaction: 100 stops the peer's retransmissions. */
  #trying(arrival: Arrival, transaction: ServerTransaction): void {
    if (transaction.invite) {
      const response = plainResponse(arrival.request, 100, "Trying", undefined);
      transaction.respond(100, serialise(response));
    }
  }
}
