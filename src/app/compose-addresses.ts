/** Which of our addresses peers are told, as the configuration says it or as the machine's networks suggest. */
import { localAddressTowards } from "../anchors/udp-network.ts";
import type { Clock } from "../core/clock.ts";
import { parseNetwork } from "../core/network.ts";
import { type Advertise, isUnspecified, OwnAddresses } from "../core/own-addresses.ts";
import type { Config } from "./config.ts";

/** What is written into SIP and SDP. */
export interface AdvertisedAddresses {
  /** `undefined`: the bound address. */
  readonly sip: Advertise | undefined;
  /** For SDP, by the address of the peer. */
  readonly media: (peer: string | undefined) => string;
}

/** Documentation addresses (RFC 5737, RFC 3849): asking the way to them sends nothing. */
const SOMEWHERE = { four: "192.0.2.1", six: "2001:db8::1" } as const;

/** A gateway bound to all addresses names the one of its default route to peers beyond its own networks. */
export async function advertisedAddresses(
  { sip, media }: Config,
  clock: Clock,
): Promise<AdvertisedAddresses> {
  const beyond = sip.host === "::" ? SOMEWHERE.six : SOMEWHERE.four;
  const otherwise = isUnspecified(sip.host)
    ? await localAddressTowards(beyond).catch(() => undefined)
    : undefined;
  const forSip = advertiseOf(sip.advertise, otherwise);
  const forMedia = media.advertise === "auto" ? forSip : advertiseOf(media.advertise, otherwise);
  const own = new OwnAddresses(clock, sip.host, forMedia);
  return {
    sip: forSip,
    media: (peer) => (peer === undefined ? own.primary : own.towards(peer)),
  };
}

function advertiseOf(
  setting: Config["sip"]["advertise"],
  otherwise: string | undefined,
): Advertise | undefined {
  if (setting === "auto") {
    return otherwise === undefined ? undefined : { rules: [], otherwise };
  }
  if (typeof setting === "string") {
    return setting;
  }
  const rules = setting.flatMap(({ to, address }) => {
    const network = parseNetwork(to);
    return network === undefined ? [] : [{ to: network, address }];
  });
  return { rules, otherwise };
}
