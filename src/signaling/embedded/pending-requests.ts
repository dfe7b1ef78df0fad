/** Requests from the network that an application has to answer. */
import type { Timer } from "../../core/clock.ts";
import { after } from "../../core/clock.ts";
import type { AppClient } from "./app-client.ts";
import type { Arrival } from "./arrival.ts";
import type { CoreContext } from "./core-context.ts";
import type { Dialog } from "./dialog.ts";
import { dialogIdOf } from "./dialog.ts";
import { SIP_LIMITS } from "./limits.ts";
import type { HeaderField } from "./message.ts";
import { longNames, NO_BODY, serialise } from "./message.ts";
import type { ReliableProgress } from "./reliable-progress.ts";
import { plainResponse } from "./response-builder.ts";
import type { ServerTransaction } from "./server-transaction.ts";
import { patienceMs } from "./timers.ts";

/** One of them; lives as long as its server transaction. */
export interface PendingRequest {
  /** The application's transaction id. */
  readonly id: string;
  /** Without its body once it is answered. */
  arrival: Arrival;
  readonly transaction: ServerTransaction;
  readonly owner: AppClient;
  /** The dialog the request is in or has created. */
  dialog: Dialog | undefined;
  localTag: string;
  /** Whether a response carried {@link localTag} already. */
  tagged: boolean;
  /** The final response, in Latin-1; undefined while there is none. */
  answer: string | undefined;
  guard: Timer | undefined;
  /** For an INVITE whose progress the application wants acknowledged. */
  reliable: ReliableProgress | undefined;
  /** Runs once the final response is out. */
  onAnswered: (() => void) | undefined;
}

/** Where a request goes. */
export interface Assignment {
  readonly owner: AppClient;
  readonly dialog: Dialog | undefined;
}

/** Finds pending requests by id and by transaction; refuses those the application forgets. */
export class PendingRequests {
  readonly #context: CoreContext;
  readonly #byId = new Map<string, PendingRequest>();
  readonly #byTransaction = new Map<ServerTransaction, PendingRequest>();
  readonly #invitations = new Map<string, PendingRequest>();

  constructor(context: CoreContext) {
    this.#context = context;
  }

  get size(): number {
    return this.#byTransaction.size;
  }

  get(id: string): PendingRequest | undefined {
    return this.#byId.get(id);
  }

  of(transaction: ServerTransaction): PendingRequest | undefined {
    return this.#byTransaction.get(transaction);
  }

  ownedBy(owner: AppClient): PendingRequest[] {
    return [...this.#byTransaction.values()].filter((pending) => pending.owner === owner);
  }

  /** The reliable progress of the INVITE that is open in a dialog. */
  progressOf(dialog: Dialog): ReliableProgress | undefined {
    const { pendingInvite } = dialog;
    return pendingInvite === undefined ? undefined : this.get(pendingInvite)?.reliable;
  }

  /** Whether the same INVITE came by another path. RFC 3261 section 8.2.2.2, Merged Requests. */
  isMerged(arrival: Arrival): boolean {
    return this.#invitations.has(invitationKey(arrival));
  }

  track(arrival: Arrival, transaction: ServerTransaction, to: Assignment): PendingRequest {
    const { random } = this.#context;
    const pending: PendingRequest = {
      id: random.uuid(),
      arrival,
      transaction,
      owner: to.owner,
      dialog: to.dialog,
      localTag: arrival.essentials.toTag ?? random.hex(8),
      tagged: arrival.essentials.toTag !== undefined,
      answer: undefined,
      guard: undefined,
      reliable: undefined,
      onAnswered: undefined,
    };
    this.#byId.set(pending.id, pending);
    this.#byTransaction.set(transaction, pending);
    if (transaction.invite && !pending.tagged) {
      this.#invitations.set(invitationKey(arrival), pending);
    }
    this.#arm(pending, transaction.invite ? SIP_LIMITS.silentInvitationMs : this.#patienceMs());
    return pending;
  }

  /** The application let the request ring: it has longer now. */
  extend(pending: PendingRequest): void {
    if (pending.transaction.invite) {
      this.#arm(pending, SIP_LIMITS.ringingInvitationMs);
    }
  }

  /** The final response is out; the transaction id stays known until the transaction ends. */
  settle(pending: PendingRequest, answer: Buffer): void {
    const { arrival } = pending;
    pending.arrival = { ...arrival, request: { ...arrival.request, body: NO_BODY } };
    pending.answer = answer.toString("latin1");
    pending.guard?.cancel();
    pending.reliable?.end();
    if (pending.dialog?.pendingInvite === pending.id) {
      pending.dialog.pendingInvite = undefined;
    }
  }

  /** Answers in the application's place; what the application sends later is an unknown transaction. */
  refuse(
    pending: PendingRequest,
    status: number,
    reason: string,
    extra: readonly HeaderField[] = [],
  ): void {
    const { request } = pending.arrival;
    const bytes = serialise(plainResponse(request, status, reason, pending.localTag, extra));
    this.settle(pending, bytes);
    this.#byId.delete(pending.id);
    if (pending.dialog !== undefined && !pending.dialog.confirmed) {
      this.#context.dialogs.remove(pending.dialog);
    }
    pending.transaction.respond(status, bytes);
    if (isInvitation(pending)) {
      const cancelled = status === 487;
      const reason = cancelled ? "call-canceled" : "call-rejected";
      this.#context.records.stop(cancelled ? "network" : "application", reason, bytes);
    }
    pending.onAnswered?.();
  }

  /** Tells the application that its invitation is over: by the peer's CANCEL, or by one in its name. */
  deliverCancel(pending: PendingRequest, received?: Arrival): void {
    const { arrival, owner, id: transactionId } = pending;
    const { callId, fromTag } = arrival.essentials;
    const cancel = received?.request ?? { ...arrival.request, method: "CANCEL" };
    const hop = received?.from ?? arrival.from;
    const meta = { source: "network", hop, transactionId } as const;
    const dialogId = dialogIdOf(callId, fromTag ?? "");
    owner.deliver({ ...meta, dialogId }, serialise(longNames(cancel)));
  }

  /** Forgets a request that is passed on instead of answered; returns it whole. */
  handOver(pending: PendingRequest): Arrival {
    this.forget(pending.transaction);
    return pending.arrival;
  }

  /** The transaction has ended. */
  forget(transaction: ServerTransaction): void {
    const pending = this.#byTransaction.get(transaction);
    if (pending === undefined) {
      return;
    }
    pending.guard?.cancel();
    pending.reliable?.end();
    this.#byTransaction.delete(transaction);
    this.#byId.delete(pending.id);
    if (this.#invitations.get(invitationKey(pending.arrival)) === pending) {
      this.#invitations.delete(invitationKey(pending.arrival));
    }
  }

  close(): void {
    for (const transaction of [...this.#byTransaction.keys()]) {
      this.forget(transaction);
    }
  }

  #patienceMs(): number {
    return patienceMs(this.#context.timers);
  }

  #arm(pending: PendingRequest, delayMs: number): void {
    pending.guard?.cancel();
    pending.guard = after(this.#context.clock, delayMs, () => {
      this.#context.counters.add("silentApplication");
      this.refuse(pending, 500, "Server Internal Error");
    });
  }
}

/** Whether it is an INVITE that makes a dialog. */
export function isInvitation({ arrival, transaction }: PendingRequest): boolean {
  return transaction.invite && arrival.essentials.toTag === undefined;
}

function invitationKey(arrival: Arrival): string {
  const { callId, fromTag, sequence } = arrival.essentials;
  return `${callId} ${fromTag ?? ""} ${sequence}`;
}
