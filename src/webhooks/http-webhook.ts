/** Posts to the operator's services over HTTP: only to hosts of the list, only to addresses that are allowed. */
import type { Clock } from "../core/clock.ts";
import type { ToolWebhook, WebhookOutcome, WebhookRequest } from "../ports/tool-webhook.ts";
import { AllowedHosts, numericHost } from "./allowed-hosts.ts";
import { guardedLookup, type Resolver, systemResolver } from "./guarded-lookup.ts";
import { HttpExchange } from "./http-exchange.ts";
import { signatureHeaders } from "./signature.ts";

/** What webhooks work with. */
export interface HttpWebhookOptions {
  readonly clock: Clock;
  /** `tools.allowedHosts`. */
  readonly allowedHosts: readonly string[];
  /** Ours, for User-Agent. */
  readonly version: string;
  /** Absent: the system's. */
  readonly resolver?: Resolver;
}

/** See the port. */
export class HttpWebhook implements ToolWebhook {
  readonly #options: HttpWebhookOptions;
  readonly #allowed: AllowedHosts;

  constructor(options: HttpWebhookOptions) {
    this.#options = options;
    this.#allowed = new AllowedHosts(options.allowedHosts);
  }

  async post(request: WebhookRequest): Promise<WebhookOutcome> {
    const { clock, version, resolver = systemResolver } = this.#options;
    const url = new URL(request.url);
    if (!this.#allowed.allows(url)) {
      return { kind: "failed", failure: "hostRefused" };
    }
    // A client asks for no addresses of a host that is one.
    const address = numericHost(url.hostname);
    const failure =
      address === undefined ? undefined : this.#allowed.refusalOf(address, url.protocol);
    if (failure !== undefined) {
      return { kind: "failed", failure };
    }
    const exchange = new HttpExchange({
      clock,
      request,
      headers: {
        "User-Agent": `trunkline/${version}`,
        ...signatureHeaders(request.secret, request.body, clock.wallMs()),
      },
      lookup: guardedLookup(this.#allowed, url.protocol, resolver),
    });
    return await exchange.run();
  }
}
