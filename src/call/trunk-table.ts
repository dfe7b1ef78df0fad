/** Finds the trunk of a request: by the network that it came from, or by the user name that it claims. */
import { BoundedMap } from "../core/bounded-map.ts";
import { addressBytes, isInNetwork, type Network, parseNetwork } from "../core/network.ts";
import type { InboundCredentials, Trunk } from "./trunk.ts";

interface Membership {
  readonly network: Network;
  readonly trunk: Trunk;
}

/** `undefined` inside: the address is of no trunk. */
interface Remembered {
  readonly trunk: Trunk | undefined;
}

/** Addresses whose trunk is remembered, so that a flood from one address is looked up once. */
const REMEMBERED_ADDRESSES = 4096;

/** All trunks; the networks of each are numeric. */
export class TrunkTable {
  readonly trunks: readonly Trunk[];
  /** The longest prefix first: the first that fits is the trunk. */
  readonly #memberships: readonly Membership[];
  readonly #byCredentials = new Map<string, Trunk>();
  readonly #byAddress = new BoundedMap<string, Remembered>(REMEMBERED_ADDRESSES);

  constructor(trunks: readonly Trunk[]) {
    this.trunks = trunks;
    this.#memberships = trunks.flatMap(membershipsOf).sort(byPrefix);
    for (const trunk of trunks) {
      const { inbound } = trunk.digest;
      if (inbound !== undefined && trunk.networks.length === 0) {
        this.#byCredentials.set(credentialsKey(inbound.realm, inbound.username), trunk);
      }
    }
  }

  /** What the trunks that no network identifies must prove. */
  get roaming(): readonly InboundCredentials[] {
    return [...this.#byCredentials.values()].flatMap(({ digest }) => digest.inbound ?? []);
  }

  byName(name: string): Trunk | undefined {
    return this.trunks.find((trunk) => trunk.name === name);
  }

  /** The trunk whose smallest network holds the address. */
  bySource(address: string): Trunk | undefined {
    const remembered = this.#byAddress.get(address);
    if (remembered !== undefined) {
      return remembered.trunk;
    }
    const bytes = addressBytes(address);
    const membership =
      bytes === undefined
        ? undefined
        : this.#memberships.find(({ network }) => isInNetwork(network, bytes));
    this.#byAddress.set(address, { trunk: membership?.trunk });
    return membership?.trunk;
  }

  /** The trunk without networks that has this user name. */
  byCredentials(realm: string, username: string): Trunk | undefined {
    return this.#byCredentials.get(credentialsKey(realm, username));
  }
}

/** One text for both; neither holds a line break. */
export function credentialsKey(realm: string, username: string): string {
  return `${realm}\n${username}`;
}

function membershipsOf(trunk: Trunk): readonly Membership[] {
  return trunk.networks.flatMap((text) => {
    const network = parseNetwork(text);
    return network === undefined ? [] : [{ network, trunk }];
  });
}

function byPrefix({ network: one }: Membership, { network: other }: Membership): number {
  return other.prefixBits - one.prefixBits;
}
