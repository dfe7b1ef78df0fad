/** One request on its way through us: its branches, and which response goes back. RFC 3261 section 16.7, Response Processing. */
import type { Arrival } from "./arrival.ts";
import type { CoreContext } from "./core-context.ts";
import { listOf, parseNameAddress } from "./header-values.ts";
import type { SipResponse } from "./message.ts";
import { serialise } from "./message.ts";
import type { BranchListener, BranchPatience } from "./proxy-branch.ts";
import { ProxyBranch } from "./proxy-branch.ts";
import { MOST_TARGETS } from "./proxy-command.ts";
import type { Passage } from "./proxy-messages.ts";
import { forwardedRequest, returnedResponse } from "./proxy-messages.ts";
import { plainResponse } from "./response-builder.ts";
import type { ServerTransaction } from "./server-transaction.ts";
import type { Hop } from "./transport.ts";
import { parseUri } from "./uri.ts";

/** Where a target is, or the status that says why it cannot be reached. */
export type Located = Hop | { readonly status: number; readonly reason: string };

/** What a fork is made of. */
export interface ProxyForkOptions {
  readonly context: CoreContext;
  readonly arrival: Arrival;
  readonly transaction: ServerTransaction;
  readonly targets: readonly string[];
  readonly parallel: boolean;
  readonly followRedirects: boolean;
  readonly patience: BranchPatience;
  readonly passage: Pick<Passage, "recordRoute" | "headers">;
  /** Finds the next hop of a target. */
  locate(uri: string): Located | Promise<Located>;
  /** A final response came; `from` is undefined for one made here. */
  onFinal(response: SipResponse, from: Hop | undefined): void;
  /** A final response went back. */
  onDone(): void;
  /** A bug; the request is stuck, everything else is not. */
  onFault(error: unknown): void;
}

/** Created idle; {@link start} sends to the first target, or to all. */
export class ProxyFork implements BranchListener {
  readonly #options: ProxyForkOptions;
  readonly #waiting: string[] = [];
  readonly #tried = new Set<string>();
  readonly #branches = new Set<ProxyBranch>();
  /** The best failure so far. */
  #best: SipResponse | undefined;
  #locating = 0;
  #cancelled = false;
  #done = false;

  constructor(options: ProxyForkOptions) {
    this.#options = options;
    this.#add(options.targets);
  }

  start(): void {
    this.#next();
  }

  /** The caller gave up. RFC 3261 section 16.10, CANCEL Processing. */
  cancel(): void {
    this.#cancelled = true;
    this.#waiting.length = 0;
    this.#cancelBranches();
    this.#next();
  }

  /** Stops every timer and sends nothing more. */
  abandon(): void {
    this.#done = true;
    for (const branch of this.#branches) {
      branch.abandon();
    }
  }

  onProgress(response: SipResponse): void {
    if (!this.#done) {
      this.#return(response);
    }
  }

  onFinal(_branch: ProxyBranch, response: SipResponse, from: Hop | undefined): void {
    const { followRedirects, onFinal } = this.#options;
    const { status } = response;
    if (!this.#done) {
      onFinal(response, from);
    }
    if (status < 300) {
      this.#succeed(response);
    } else if (status < 400 && followRedirects && this.#redirect(response)) {
      this.#next();
    } else {
      this.#best = better(this.#best, response);
      if (status >= 600) {
        this.#waiting.length = 0;
        this.#cancelBranches();
      }
      this.#next();
    }
  }

  onFurtherSuccess(response: SipResponse): void {
    this.#succeed(response);
  }

  #add(uris: readonly string[]): boolean {
    const fresh = uris.filter((uri) => !this.#tried.has(uri) && this.#tried.size < MOST_TARGETS);
    for (const uri of fresh) {
      this.#tried.add(uri);
    }
    this.#waiting.push(...fresh);
    return fresh.length > 0;
  }

  #redirect(response: SipResponse): boolean {
    const uris = listOf(response, "contact").flatMap((contact) => {
      const uri = parseNameAddress(contact)?.uri;
      return uri === undefined || parseUri(uri) === undefined ? [] : [uri];
    });
    return !this.#done && !this.#cancelled && this.#add(uris);
  }

  /** Goes on to waiting targets; when all have failed, sends the best failure back. */
  #next(): void {
    if (this.#done) {
      return;
    }
    while (this.#waiting.length > 0 && (this.#options.parallel || !this.#isBusy)) {
      this.#try(this.#waiting.shift() ?? "").catch(this.#options.onFault);
    }
    // A target that fails at once has brought us here already, and to the end.
    if (!this.#done && !this.#isBusy && this.#waiting.length === 0) {
      this.#finish(this.#best);
    }
  }

  get #isBusy(): boolean {
    return this.#locating > 0 || [...this.#branches].some((branch) => !branch.finished);
  }

  async #try(uri: string): Promise<void> {
    const { context, arrival, patience, passage, locate } = this.#options;
    this.#locating += 1;
    const located = locate(uri);
    const found = located instanceof Promise ? await located : located;
    this.#locating -= 1;
    if (this.#done || this.#cancelled) {
      this.#next();
      return;
    }
    const to = "status" in found ? arrival.from : found;
    const whole = { ...passage, from: arrival.from, to };
    const request = forwardedRequest(context, arrival.request, uri, whole);
    const branch = new ProxyBranch(context, request, { listener: this, patience });
    this.#branches.add(branch);
    if ("status" in found) {
      branch.fail(found.status, found.reason);
    } else {
      branch.start(found);
    }
  }

  /** A 2xx goes back at once, each of them; the other branches are not needed any more. */
  #succeed(response: SipResponse): void {
    const { transaction } = this.#options;
    this.#waiting.length = 0;
    this.#cancelBranches();
    const isOpen = !this.#done || (transaction.invite && transaction.state === "accepted");
    if (isOpen) {
      this.#finish(response);
    }
  }

  /** Without a response nothing was sent at all: the caller gave up first. */
  #finish(response: SipResponse | undefined): void {
    const { arrival, context, transaction } = this.#options;
    const wasDone = this.#done;
    this.#done = true;
    this.#waiting.length = 0;
    if (response === undefined) {
      const tag = context.random.hex(8);
      const ended = plainResponse(arrival.request, 487, "Request Terminated", tag);
      transaction.respond(487, serialise(ended));
    } else {
      this.#return(response);
    }
    if (!wasDone) {
      this.#options.onDone();
    }
  }

  /** Through the caller's transaction, without our Via. */
  #return(response: SipResponse): void {
    const { transaction } = this.#options;
    const returned = returnedResponse(response);
    if (returned !== undefined) {
      transaction.respond(response.status, serialise(returned));
    }
  }

  #cancelBranches(): void {
    for (const branch of this.#branches) {
      branch.cancel();
    }
  }
}

/** RFC 3261 section 16.7, Response Processing, step 6: 6xx first, then the lowest class, then what says how to do better. */
function better(left: SipResponse | undefined, right: SipResponse): SipResponse {
  return left === undefined || rankOf(right.status) < rankOf(left.status) ? right : left;
}

const HELPFUL = new Set([401, 407, 415, 420, 484]);

/** Timeouts and unreachable targets say least. */
function rankOf(status: number): number {
  if (status >= 600) {
    return 0;
  }
  const rank = Math.floor(status / 100) * 10;
  return status === 408 || status === 503 ? rank + 1 : HELPFUL.has(status) ? rank - 1 : rank;
}
