/** Which of our addresses peers are told, when the configuration leaves it open. */
import { localAddressTowards } from "../anchors/udp-network.ts";
import type { Config } from "./config.ts";

/** What is written into SIP and SDP; `undefined`: the bound address. */
export interface AdvertisedAddresses {
  readonly sip: string | undefined;
  readonly media: string | undefined;
}

/** A documentation address (RFC 5737): asking the way to it sends nothing. */
const SOMEWHERE = "192.0.2.1";
const LOOPBACK = "127.0.0.1";

/** A gateway bound to all addresses names the one of its default route; one without any way out names loopback. */
export async function advertisedAddresses(config: Config): Promise<AdvertisedAddresses> {
  const { sip, media } = config;
  const isOpen = sip.host === "0.0.0.0" || sip.host === "::";
  const own = isOpen ? await localAddressTowards(SOMEWHERE).catch(() => LOOPBACK) : undefined;
  const forSip = sip.advertise === "auto" ? own : sip.advertise;
  return { sip: forSip, media: media.advertise === "auto" ? forSip : media.advertise };
}
