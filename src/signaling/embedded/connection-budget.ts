/** How many stream connections may be open: in all, and from one address. */
import { SIP_LIMITS } from "./limits.ts";
import type { TransportDrop } from "./transport.ts";

/** Counts of connections. */
export interface ConnectionLimits {
  /** Both directions together. */
  readonly total: number;
  /** Accepted from one address. */
  readonly perSource: number;
}

/** What the server allows unless told otherwise. */
export const DEFAULT_CONNECTION_LIMITS: ConnectionLimits = {
  total: SIP_LIMITS.connections,
  perSource: SIP_LIMITS.connectionsPerSource,
};

/** Shared by all stream transports of a server; whoever is admitted must be released once. */
export class ConnectionBudget {
  readonly #limits: ConnectionLimits;
  readonly #bySource = new Map<string, number>();
  #open = 0;

  constructor(limits: ConnectionLimits = DEFAULT_CONNECTION_LIMITS) {
    this.#limits = limits;
  }

  /** Takes one connection, or says why not. @param source the peer's address; undefined for a connection of ours. */
  admit(source: string | undefined): TransportDrop | undefined {
    if (this.#open >= this.#limits.total) {
      return "tooManyConnections";
    }
    if (source !== undefined) {
      const count = this.#bySource.get(source) ?? 0;
      if (count >= this.#limits.perSource) {
        return "tooManyFromSource";
      }
      this.#bySource.set(source, count + 1);
    }
    this.#open += 1;
    return undefined;
  }

  release(source: string | undefined): void {
    this.#open -= 1;
    if (source === undefined) {
      return;
    }
    const count = (this.#bySource.get(source) ?? 1) - 1;
    if (count === 0) {
      this.#bySource.delete(source);
    } else {
      this.#bySource.set(source, count);
    }
  }
}
