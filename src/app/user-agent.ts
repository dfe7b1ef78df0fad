/** A SIP user agent with RTP, built from the gateway's own parts, for `trunkline call`. */
import type { LookupAddress } from "node:dns";
import { lookup } from "node:dns/promises";
import { DirectAnchor } from "../anchors/direct-anchor.ts";
import { localAddressTowards, UdpNetwork } from "../anchors/udp-network.ts";
import type { Clock } from "../core/clock.ts";
import { GatewayError } from "../core/errors.ts";
import { createCallId, createLegId } from "../core/ids.ts";
import { isIpAddress } from "../core/ip-address.ts";
import type { Logger } from "../core/logger.ts";
import type { Random } from "../core/random.ts";
import type { MediaAnchor } from "../ports/media-anchor.ts";
import type { SignalingServer } from "../ports/signaling-server.ts";
import { DrachtioSignaling } from "../signaling/drachtio-signaling.ts";
import { EmbeddedSipServer } from "../signaling/embedded/server.ts";
import type { SipTlsOptions } from "../signaling/embedded/server-transports.ts";
import { systemFiles } from "./files.ts";
import { readText } from "./tls-files.ts";

/** What the user agent runs on. */
export interface UserAgentOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Host of the SIP URI that will be called: decides which of our addresses is used. */
  readonly peerHost: string;
  readonly tls: UserAgentTls;
}

/** Whom the user agent believes, if it calls over TLS. */
export interface UserAgentTls {
  /** A file of authorities beside the public ones. */
  readonly caFile: string | undefined;
  /** Whether the peer must prove its name. */
  readonly verify: boolean;
}

/** Ready to call; `close` releases everything. */
export interface UserAgent {
  readonly address: string;
  readonly signaling: SignalingServer;
  readonly anchors: MediaAnchor;
  close(): Promise<void>;
}

const RTP_PORTS = { min: 40_000, max: 49_999 };
const CONNECT_TIMEOUT_MS = 5000;

/** Rejects with SIP_REQUEST_FAILED when the host has no address, SIP_BIND_FAILED when no port can be opened, SIP_TLS_INVALID. */
export async function startUserAgent(options: UserAgentOptions): Promise<UserAgent> {
  const { clock, random, logger } = options;
  const address = await localAddressTowards(await numericAddress(options.peerHost));
  const secret = random.hex(16);
  const server = new EmbeddedSipServer({
    clock,
    random,
    logger,
    sip: { host: address, port: 0, tls: dialledTls(options.tls) },
    admin: { host: "127.0.0.1", port: 0 },
    secret,
  });
  const signaling = new DrachtioSignaling({
    clock,
    random,
    logger,
    server,
    secret,
    retryAfterSeconds: 1,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    sendsReliably: true,
  });
  const anchors = new DirectAnchor({
    clock,
    random,
    logger,
    network: new UdpNetwork(),
    bindAddress: address,
    ports: RTP_PORTS,
  });
  await signaling.start({
    onInvitation: (invitation) => void invitation.reject({ status: 486 }),
    onLink: () => undefined,
  });
  return {
    address,
    signaling,
    anchors,
    close: async () => {
      await signaling.close();
      await anchors.close();
    },
  };
}

/** A leg id for a call of this user agent. */
export function userAgentLegId(random: Random) {
  return createLegId(createCallId(random), "ua");
}

/** Nobody calls a user agent, so it needs no certificate of its own. */
function dialledTls({ caFile, verify }: UserAgentTls): SipTlsOptions {
  const ca =
    caFile === undefined ? undefined : { text: readText(caFile, systemFiles), file: caFile };
  const load = () => ({ pair: undefined, ca, serverNames: [] });
  return { port: undefined, load, clientCertificates: "none", verify };
}

/** An IPv4 address of a name if it has one, for the sake of the SDP. */
async function numericAddress(uriHost: string): Promise<string> {
  const host = uriHost.replace(/^\[|\]$/g, "");
  if (isIpAddress(host)) {
    return host;
  }
  try {
    const found = await lookup(host, { all: true });
    const four = found.find(({ family }) => family === 4);
    return (four ?? (found[0] as LookupAddress)).address;
  } catch (error) {
    const details = { host, reason: "the name has no address" };
    throw new GatewayError("SIP_REQUEST_FAILED", details, { cause: error });
  }
}
