/** Name resolution that gives an HTTP client only addresses it may connect to, so that nothing can be swapped afterwards. */
import { type LookupAddress, lookup } from "node:dns";
import type { RequestOptions } from "node:http";
import type { WebhookFailure } from "../ports/tool-webhook.ts";
import type { AllowedHosts } from "./allowed-hosts.ts";

/** How a client asks for addresses. */
export type LookupFunction = NonNullable<RequestOptions["lookup"]>;

/** Every address of a name, as the system says. */
export type Resolver = (
  hostname: string,
  found: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** A name led nowhere that may be connected to. */
export class AddressRefused extends Error {
  readonly failure: WebhookFailure;

  constructor(failure: WebhookFailure) {
    super("no address of the host may be connected to");
    this.failure = failure;
  }
}

/** The resolver of the system: /etc/hosts, then DNS. */
export const systemResolver: Resolver = (hostname, found) => lookup(hostname, { all: true }, found);

/** The client connects to what this gives, and asks nobody else. */
export function guardedLookup(
  allowed: AllowedHosts,
  protocol: string,
  resolve: Resolver,
): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, (error, addresses) => {
      if (error !== null) {
        callback(error, "");
        return;
      }
      const refusals = addresses.map(({ address }) => allowed.refusalOf(address, protocol));
      const usable = addresses.filter((_address, index) => refusals[index] === undefined);
      const [first] = usable;
      if (first === undefined) {
        callback(new AddressRefused(refusals[0] ?? "unreachable"), "");
      } else if (options.all === true) {
        callback(null, usable);
      } else {
        callback(null, first.address, first.family);
      }
    });
  };
}
