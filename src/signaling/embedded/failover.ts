/** One request tried at one address after another until one serves. RFC 3263 section 4.3, Details of RFC 2782 Process. */
import type { Timer } from "../../core/clock.ts";
import { after } from "../../core/clock.ts";
import type { ClientTransaction, ClientTransactionUser } from "./client-transaction.ts";
import type { CoreContext } from "./core-context.ts";
import { createVia } from "./core-context.ts";
import type { SipRequest, SipResponse } from "./message.ts";
import { field } from "./message.ts";
import { cancelRequest } from "./request-builder.ts";
import type { Hop } from "./transport.ts";

/** Who made the request: hears of it as of one transaction. */
export interface FailoverUser extends ClientTransactionUser {
  /** Whether nobody wants an answer any more; then no further address is tried. */
  readonly cancelled: boolean;
  /** The request goes to another address: nothing of the former counts. */
  onNextAddress(): void;
}

/** What the attempts are made of. */
export interface FailoverOptions {
  readonly context: CoreContext;
  /** With the Via for the first hop. */
  readonly request: SipRequest;
  /** At least one. */
  readonly hops: readonly [Hop, ...Hop[]];
  readonly user: FailoverUser;
}

/** An address that says nothing at all for so long is given up while there is another. */
const SILENCE_MS = 4000;

/** A CANCEL's own transaction tells nobody anything. */
const SILENT: ClientTransactionUser = {
  onResponse: () => undefined,
  onTimeout: () => undefined,
  onUnsendable: () => undefined,
  onEnded: () => undefined,
};

interface Attempt {
  readonly request: SipRequest;
  readonly hop: Hop;
  transaction: ClientTransaction | undefined;
  /** A provisional response came. */
  progressed: boolean;
  /** It is not wanted any more and the peer has been told. */
  cancelled: boolean;
}

function attemptOf(request: SipRequest, hop: Hop): Attempt {
  return { request, hop, transaction: undefined, progressed: false, cancelled: false };
}

/** Created idle; {@link start} sends. Every attempt is a transaction with a Via of its own. */
export class Failover {
  readonly #options: FailoverOptions;
  readonly #rest: Hop[];
  #current: Attempt;
  #open = 0;
  #silence: Timer | undefined;
  #settled = false;

  constructor(options: FailoverOptions) {
    const [hop, ...rest] = options.hops;
    this.#options = options;
    this.#rest = rest;
    this.#current = attemptOf(options.request, hop);
  }

  /** Where the request was sent last, and how. */
  get hop(): Hop {
    return this.#current.hop;
  }

  get request(): SipRequest {
    return this.#current.request;
  }

  start(): void {
    this.#send(this.#current);
  }

  /** Forgets the last attempt. */
  abandon(): void {
    this.#settle();
    this.#current.transaction?.abandon();
  }

  #send(attempt: Attempt): void {
    const { context, user } = this.#options;
    this.#open += 1;
    if (this.#rest.length > 0) {
      this.#silence = after(context.clock, SILENCE_MS, () => this.#tryNext());
    }
    attempt.transaction = context.layer.send(attempt.request, attempt.hop, {
      onResponse: (response, from) => this.#onResponse(attempt, response, from),
      onTimeout: () => this.#onFailure(attempt, () => user.onTimeout()),
      onUnsendable: (reason) => this.#onFailure(attempt, () => user.onUnsendable(reason)),
      onEnded: () => this.#onEnded(),
    });
  }

  #onResponse(attempt: Attempt, response: SipResponse, from: Hop): void {
    attempt.progressed ||= response.status < 200;
    if (attempt !== this.#current || this.#settled) {
      this.#onUnexpected(attempt, response, from);
      return;
    }
    this.#silence?.cancel();
    if (response.status === 503 && this.#tryNext()) {
      return;
    }
    if (response.status >= 200) {
      this.#settle();
    }
    this.#options.user.onResponse(response, from);
  }

  /** An address that was given up answers: what rings is cancelled, and what was answered is as good as any answer. */
  #onUnexpected(attempt: Attempt, response: SipResponse, from: Hop): void {
    if (attempt.request.method !== "INVITE") {
      return;
    }
    if (response.status < 200) {
      this.#cancel(attempt);
    } else if (response.status < 300) {
      this.#settle();
      this.#options.user.onResponse(response, from);
      if (attempt !== this.#current && this.#current.progressed) {
        this.#cancel(this.#current);
      }
    }
  }

  #cancel(attempt: Attempt): void {
    if (!attempt.cancelled) {
      attempt.cancelled = true;
      this.#options.context.layer.send(cancelRequest(attempt.request, []), attempt.hop, SILENT);
    }
  }

  #onFailure(attempt: Attempt, report: () => void): void {
    if (attempt === this.#current && !this.#tryNext()) {
      this.#settle();
      report();
    }
  }

  /** Whether there was another address to try. */
  #tryNext(): boolean {
    const { context, request, user } = this.#options;
    this.#silence?.cancel();
    const hop = this.#rest.shift();
    if (hop === undefined || user.cancelled || this.#settled) {
      return false;
    }
    context.locator.shun(this.#current.hop);
    context.counters.add("failovers");
    const [, ...others] = request.headers;
    const headers = [field("Via", createVia(context, hop)), ...others];
    this.#current.transaction?.stopRepeating();
    this.#current = attemptOf({ ...request, headers }, hop);
    user.onNextAddress();
    this.#send(this.#current);
    return true;
  }

  #settle(): void {
    this.#settled = true;
    this.#silence?.cancel();
  }

  #onEnded(): void {
    this.#open -= 1;
    if (this.#open === 0) {
      this.#settle();
      this.#options.user.onEnded();
    }
  }
}
