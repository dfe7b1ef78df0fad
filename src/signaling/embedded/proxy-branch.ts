/** One target of a request that is passed on: its transaction, its patience, its CANCEL. RFC 3261 section 16.6, Request Forwarding. */
import type { Timer } from "../../core/clock.ts";
import { after } from "../../core/clock.ts";
import type { ClientTransaction, ClientTransactionUser } from "./client-transaction.ts";
import type { CoreContext } from "./core-context.ts";
import type { SipRequest, SipResponse } from "./message.ts";
import { cancelRequest } from "./request-builder.ts";
import { plainResponse } from "./response-builder.ts";
import { patienceMs } from "./timers.ts";
import type { Hop } from "./transport.ts";

/** What a branch tells. */
export interface BranchListener {
  /** A provisional response other than 100. */
  onProgress(response: SipResponse): void;
  /** The one final response that counts; `from` is undefined for one made here. */
  onFinal(branch: ProxyBranch, response: SipResponse, from: Hop | undefined): void;
  /** A further 2xx, of this branch or of another fork of it. */
  onFurtherSuccess(response: SipResponse): void;
}

/** How long a target may take. */
export interface BranchPatience {
  readonly provisionalMs: number | undefined;
  readonly finalMs: number | undefined;
}

/** RFC 3261 section 16.6, Request Forwarding, timer C: ringing that nobody answers. */
const RINGING_MS = 185_000;

const SILENT: ClientTransactionUser = {
  onResponse: () => undefined,
  onTimeout: () => undefined,
  onUnsendable: () => undefined,
  onEnded: () => undefined,
};

/** Created idle; {@link start} sends. */
export class ProxyBranch implements ClientTransactionUser {
  readonly #context: CoreContext;
  readonly #request: SipRequest;
  readonly #listener: BranchListener;
  readonly #patience: BranchPatience;
  #transaction: ClientTransaction | undefined;
  #provisionalTimer: Timer | undefined;
  #finalTimer: Timer | undefined;
  #progressed = false;
  #cancelled = false;
  #cancelSent = false;
  #finished = false;

  constructor(
    context: CoreContext,
    request: SipRequest,
    options: { readonly listener: BranchListener; readonly patience: BranchPatience },
  ) {
    this.#context = context;
    this.#request = request;
    this.#listener = options.listener;
    this.#patience = options.patience;
  }

  /** Whether its final response is known. */
  get finished(): boolean {
    return this.#finished;
  }

  /** Whether it has been cancelled. */
  get cancelled(): boolean {
    return this.#cancelled;
  }

  start(hop: Hop): void {
    const { provisionalMs, finalMs } = this.#patience;
    if (provisionalMs !== undefined) {
      this.#provisionalTimer = this.#after(provisionalMs, () => this.#giveUp());
    }
    if (finalMs !== undefined) {
      this.#finalTimer = this.#after(finalMs, () => this.#giveUp());
    }
    this.#transaction = this.#context.layer.send(this.#request, hop, this);
  }

  /** Fails before anything was sent. */
  fail(status: number, reason: string): void {
    const tag = this.#context.random.hex(8);
    this.#conclude(plainResponse(this.#request, status, reason, tag), undefined);
  }

  /** Cancels an INVITE, now or when its first provisional response comes. RFC 3261 section 16.10, CANCEL Processing. */
  cancel(): void {
    if (this.#cancelled || this.#finished || this.#request.method !== "INVITE") {
      return;
    }
    this.#cancelled = true;
    this.#provisionalTimer?.cancel();
    this.#finalTimer?.cancel();
    this.#finalTimer = this.#after(patienceMs(this.#context.timers), () =>
      this.fail(487, "Request Terminated"),
    );
    this.#sendCancel();
  }

  /** Stops its timers; the transaction is the layer's. */
  abandon(): void {
    this.#provisionalTimer?.cancel();
    this.#finalTimer?.cancel();
    this.#finished = true;
  }

  onResponse(response: SipResponse, from: Hop): void {
    this.#progressed = true;
    this.#provisionalTimer?.cancel();
    if (response.status >= 200) {
      this.#conclude(response, from);
      return;
    }
    this.#sendCancel();
    if (response.status > 100 && !this.#finished) {
      this.#restartRinging();
      this.#listener.onProgress(response);
    }
  }

  onTimeout(): void {
    this.#context.counters.add("requestTimeouts");
    this.fail(408, "Request Timeout");
  }

  onUnsendable(_reason: string): void {
    this.#context.counters.add("sendFailures");
    this.fail(503, "Service Unavailable");
  }

  onEnded(): void {
    this.#provisionalTimer?.cancel();
    this.#finalTimer?.cancel();
  }

  #conclude(response: SipResponse, from: Hop | undefined): void {
    if (!this.#finished) {
      this.#finished = true;
      this.onEnded();
      this.#listener.onFinal(this, response, from);
    } else if (response.status < 300) {
      this.#listener.onFurtherSuccess(response);
    }
  }

  /** The target takes too long: it counts as failed, and is cancelled whenever it shows a sign of life. */
  #giveUp(): void {
    this.#cancelled = true;
    this.#sendCancel();
    this.fail(408, "Request Timeout");
  }

  /** Timer C starts again with every provisional response, unless the application has its own limit. */
  #restartRinging(): void {
    if (this.#patience.finalMs === undefined && !this.#cancelled && !this.#finished) {
      this.#finalTimer?.cancel();
      this.#finalTimer = this.#after(RINGING_MS, () => this.#giveUp());
    }
  }

  #sendCancel(): void {
    const { layer } = this.#context;
    const hop = this.#transaction?.hop;
    const isDue = this.#cancelled && this.#progressed && !this.#cancelSent;
    if (!isDue || hop === undefined || this.#request.method !== "INVITE") {
      return;
    }
    this.#cancelSent = true;
    layer.send(cancelRequest(this.#request, []), hop, SILENT);
  }

  #after(delayMs: number, run: () => void): Timer {
    return after(this.#context.clock, delayMs, run);
  }
}
