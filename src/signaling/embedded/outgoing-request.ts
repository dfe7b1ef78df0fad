/** One request of the application on its way: its responses, its CANCEL, and what is made up when no response comes. */
import type { Timer } from "../../core/clock.ts";
import { after } from "../../core/clock.ts";
import type { AppClient } from "./app-client.ts";
import type { ClientTransactionUser } from "./client-transaction.ts";
import type { CoreContext } from "./core-context.ts";
import type { FailoverUser } from "./failover.ts";
import { Failover } from "./failover.ts";
import type { HeaderField, SipRequest, SipResponse } from "./message.ts";
import { serialise } from "./message.ts";
import { cancelRequest } from "./request-builder.ts";
import { plainResponse } from "./response-builder.ts";
import { patienceMs } from "./timers.ts";
import type { Hop } from "./transport.ts";

/** What responses do beside reaching the application. */
export interface ResponseEffects {
  /** Whether the response is news to the application. `from` is undefined for a fabricated one. */
  onResponse(response: SipResponse, from: Hop | undefined): boolean;
  /** The application has been told of the response. */
  onDelivered?(response: SipResponse, bytes: Buffer): void;
  /** The transaction has ended. */
  onEnded(): void;
}

/** What an outgoing request is made of. */
export interface OutgoingRequestOptions {
  readonly context: CoreContext;
  readonly owner: AppClient;
  /** The application's transaction id. */
  readonly id: string;
  readonly request: SipRequest;
  /** What responses are delivered with; empty for requests that neither are in nor make a dialog. */
  readonly dialogId: string;
  readonly effects: ResponseEffects;
}

/** A CANCEL's own transaction tells nobody anything. RFC 3261 section 9.1, Client Behavior. */
const SILENT: ClientTransactionUser = {
  onResponse: () => undefined,
  onTimeout: () => undefined,
  onUnsendable: () => undefined,
  onEnded: () => undefined,
};

/** The reason phrase for a peer that could not prove its name. */
const UNTRUSTED = "Peer Certificate Refused";

/** Whether a send failed because of what the peer showed: the codes of Node's certificate verification. */
function isCertificateFault(reason: string): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(reason);
}

/** Created idle; {@link send} starts its transaction. */
export class OutgoingRequest implements FailoverUser {
  readonly id: string;
  readonly owner: AppClient;
  readonly request: SipRequest;
  readonly dialogId: string;
  readonly #options: OutgoingRequestOptions;
  #transaction: Failover | undefined;
  #cancel: SipRequest | undefined;
  #cancelSent = false;
  #cancelTimer: Timer | undefined;
  #progressed = false;
  #finished = false;

  constructor(options: OutgoingRequestOptions) {
    this.id = options.id;
    this.owner = options.owner;
    this.request = options.request;
    this.dialogId = options.dialogId;
    this.#options = options;
  }

  /** Whether the application has asked to cancel it. */
  get cancelled(): boolean {
    return this.#cancel !== undefined;
  }

  get finished(): boolean {
    return this.#finished;
  }

  /** @param others further addresses, tried one after the other when one does not serve. */
  send(hop: Hop, others: readonly Hop[] = []): void {
    const { context } = this.#options;
    const { request } = this;
    this.#transaction = new Failover({ context, request, hops: [hop, ...others], user: this });
    this.#transaction.start();
  }

  onNextAddress(): void {
    this.#progressed = false;
  }

  /** Answers in the peer's place, before anything was sent. */
  refuse(status: number, reason: string): void {
    this.#fabricate(status, reason);
    this.onEnded();
  }

  /** Gives up before anything was sent. */
  fail(reason: string): void {
    this.refuse(503, reason);
  }

  /**
   * Cancels an INVITE, now or when the first provisional response comes; returns the CANCEL, or undefined when it is too
   * late or the request is no INVITE.
   */
  cancel(extra: readonly HeaderField[] = []): SipRequest | undefined {
    if (this.#finished || this.request.method !== "INVITE") {
      return undefined;
    }
    this.#cancel ??= cancelRequest(this.#transaction?.request ?? this.request, extra);
    if (this.#progressed) {
      this.#sendCancel();
    }
    return this.#cancel;
  }

  onResponse(response: SipResponse, from: Hop): void {
    this.#progressed = true;
    if (response.status < 200) {
      this.#sendCancel();
    }
    this.#conclude(response, from);
  }

  onTimeout(): void {
    this.#options.context.counters.add("requestTimeouts");
    this.#fabricate(408, "Request Timeout");
  }

  onUnsendable(reason: string): void {
    this.#options.context.counters.add("sendFailures");
    this.#fabricate(503, isCertificateFault(reason) ? UNTRUSTED : "Service Unavailable");
  }

  onEnded(): void {
    this.#cancelTimer?.cancel();
    this.#options.effects.onEnded();
  }

  #conclude(response: SipResponse, from: Hop | undefined): void {
    if (response.status >= 200) {
      this.#finished = true;
      this.#cancelTimer?.cancel();
    }
    const news = this.#options.effects.onResponse(response, from);
    if (!news || response.status === 100) {
      return;
    }
    const { id: transactionId, dialogId } = this;
    const meta = { source: "network", hop: from, transactionId, dialogId } as const;
    const bytes = serialise(response);
    this.owner.deliver(meta, bytes);
    this.#options.effects.onDelivered?.(response, bytes);
  }

  #fabricate(status: number, reason: string): void {
    this.#conclude(plainResponse(this.request, status, reason, undefined), undefined);
  }

  #sendCancel(): void {
    const { context } = this.#options;
    const hop = this.#transaction?.hop;
    if (this.#cancel === undefined || this.#cancelSent || hop === undefined) {
      return;
    }
    this.#cancelSent = true;
    context.layer.send(this.#cancel, hop, SILENT);
    this.#cancelTimer = after(context.clock, patienceMs(context.timers), () => {
      this.#fabricate(487, "Request Terminated");
      this.#transaction?.abandon();
    });
  }
}
