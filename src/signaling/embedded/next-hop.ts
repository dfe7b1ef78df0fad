/** Where a request goes: URI to transport, address and port; names are looked up. RFC 3261 section 18.1.1, Sending Requests. */
import { isIP } from "node:net";
import type { Dialog } from "./dialog.ts";
import { parseNameAddress } from "./header-values.ts";
import type { Locator } from "./locator.ts";
import { defaultPortOf, isSecure, transportOf } from "./message-check.ts";
import type { Hop, SipProtocol, SipTransport } from "./transport.ts";
import { parseUri } from "./uri.ts";

/** A next hop whose host may still be a name. */
export interface Target {
  readonly transport: SipTransport;
  readonly host: string;
  readonly port: number;
  /** The host as the URI names it; undefined when that is an address. */
  readonly serverName: string | undefined;
  /** Whether the URI names the port, and the transport: what it leaves open is looked up. */
  readonly hasPort: boolean;
  readonly namesTransport: boolean;
}

/** Or why there is none, in the words the application gets. */
export type TargetOutcome = Target | "invalidUri" | "noTransport";

/** The transports of the server, by protocol. */
export class NextHop {
  readonly #transports: ReadonlyMap<SipProtocol, SipTransport>;
  readonly #locator: Pick<Locator, "peek">;

  constructor(transports: ReadonlyMap<SipProtocol, SipTransport>, locator: Pick<Locator, "peek">) {
    this.#transports = transports;
    this.#locator = locator;
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
    return {
      transport,
      host,
      port: uri.port ?? defaultPortOf(uri),
      serverName,
      hasPort: uri.port !== undefined,
      namesTransport: named !== undefined || isSecure(uri),
    };
  }

  /**
   * Where the next request of a dialog goes: its open connection, the packet source if the NAT rule says so or the
   * target's name is not known yet, else the first route or the remote target.
   */
  ofDialog(dialog: Dialog): Hop {
    const { peer } = dialog;
    if (peer.transport.isConnected(peer) || (dialog.nextHopIsPeer && !peer.transport.reliable)) {
      return peer;
    }
    return this.#known(dialog.nextHopUri, peer) ?? peer;
  }

  /** Asks for the address that a dialog's requests will need, so that it is known in time. */
  prepare(dialog: Dialog): void {
    this.#known(dialog.nextHopUri, dialog.peer);
  }

  #known(uri: string, peer: Hop): Hop | undefined {
    const target = this.targetOf(uri, peer.transport.protocol);
    if (typeof target === "string") {
      return undefined;
    }
    const { transport, host, port, serverName } = target;
    return isIP(host) === 0
      ? this.#locator.peek(target)
      : {
          transport,
          host,
          port,
          serverName: serverName ?? nameOf(peer, host),
          connection: undefined,
        };
  }
}

/** A peer that proved a name when it was dialled has to prove the same one when its Contact is only its address. */
function nameOf(peer: Hop, host: string): string | undefined {
  return peer.host === host ? peer.serverName : undefined;
}
