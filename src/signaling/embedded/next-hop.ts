/** Where a request goes: URI to transport, address and port; names are looked up. RFC 3261 section 18.1.1, Sending Requests. */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { Dialog } from "./dialog.ts";
import { parseNameAddress } from "./header-values.ts";
import { defaultPortOf, isSecure, transportOf } from "./message-check.ts";
import type { Hop, SipProtocol, SipTransport } from "./transport.ts";
import { parseUri } from "./uri.ts";

/** Turns a host name into an IP address; rejects when there is none. */
export interface HostResolver {
  resolve(host: string): Promise<string>;
}

/** The operating system's resolver. */
export const systemResolver: HostResolver = {
  resolve: async (host) => (await lookup(host)).address,
};

/** A next hop whose host may still be a name. */
export interface Target {
  readonly transport: SipTransport;
  readonly host: string;
  readonly port: number;
  /** The host as the URI names it; undefined when that is an address. */
  readonly serverName: string | undefined;
}

/** Or why there is none, in the words the application gets. */
export type TargetOutcome = Target | "invalidUri" | "noTransport";

/** The transports of the server, by protocol. */
export class NextHop {
  readonly #transports: ReadonlyMap<SipProtocol, SipTransport>;

  constructor(transports: ReadonlyMap<SipProtocol, SipTransport>) {
    this.#transports = transports;
  }

  /** The target that a URI names; `preferred` is used when it names no transport. */
  targetOf(uriText: string, preferred: SipProtocol): TargetOutcome {
    const bare = uriText.startsWith("<") ? (parseNameAddress(uriText)?.uri ?? "") : uriText;
    const uri = parseUri(bare);
    if (uri === undefined) {
      return "invalidUri";
    }
    const named = transportOf(uri.parameters);
    const protocol = isSecure(uri) ? "tls" : (named ?? preferred);
    const transport = this.#transports.get(protocol as SipProtocol);
    if (transport === undefined) {
      return "noTransport";
    }
    const host = uri.host === "localhost" ? "127.0.0.1" : uri.host;
    const serverName = isIP(uri.host) === 0 ? uri.host : undefined;
    return { transport, host, port: uri.port ?? defaultPortOf(uri), serverName };
  }

  /**
   * Where the next request of a dialog goes: its open connection, the packet source if the NAT rule says so or the
   * target is no IP address, else the first route or the remote target.
   */
  ofDialog(dialog: Dialog): Hop {
    const { peer } = dialog;
    if (peer.transport.isConnected(peer)) {
      return peer;
    }
    const target = this.targetOf(dialog.nextHopUri, peer.transport.protocol);
    const usable = typeof target !== "string" && isIP(target.host) !== 0;
    if (!usable || (dialog.nextHopIsPeer && !peer.transport.reliable)) {
      return peer;
    }
    return { ...target, connection: undefined };
  }
}
