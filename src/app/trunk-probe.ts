/** Asks a trunk what the gateway would ask it, from a user agent of its own: nothing changes at the peer. */
import type { Trunk } from "../call/trunk.ts";
import { registrationAddresses, trunkUri } from "../call/trunks/trunk-address.ts";
import type { Clock } from "../core/clock.ts";
import { codeOf, GatewayError } from "../core/errors.ts";
import { isIpAddress } from "../core/ip-address.ts";
import { silentLogger } from "../core/logger.ts";
import type { Random } from "../core/random.ts";
import type { OutboundRequest } from "../ports/signaling-server.ts";
import { systemDns } from "../signaling/embedded/dns-resolver.ts";
import { startUserAgent, type UserAgentTls } from "./user-agent.ts";

export type { Trunk };

/** A final status, or why there is none. */
export type ProbeAnswer = number | "silence" | "notSent";

/** What was found out about a trunk; `undefined`: it was not asked, because its settings do not want it. */
export interface TrunkFindings {
  readonly host: string;
  /** Addresses of the host; empty when the name is not known. */
  readonly addresses: readonly string[];
  readonly options: ProbeAnswer | undefined;
  /** To a REGISTER that only asks, with our credentials. */
  readonly registration: ProbeAnswer | undefined;
}

/** What the probe runs on. */
export interface TrunkProbeParts {
  readonly clock: Clock;
  readonly random: Random;
  /** Whom we believe, if the trunk speaks TLS. */
  readonly tls: UserAgentTls;
}

/** RFC 3263 "Client Usage". */
const SERVICES = { udp: "_sip._udp", tcp: "_sip._tcp", tls: "_sips._tcp" } as const;
const ANSWER_MS = 3000;

/** `undefined` for a trunk that is never asked anything; never rejects. */
export async function probeTrunk(
  trunk: Trunk,
  parts: TrunkProbeParts,
): Promise<TrunkFindings | undefined> {
  const host = trunk.host ?? trunk.register?.registrar;
  if (host === undefined) {
    return undefined;
  }
  const addresses = await placesOf(host, trunk).catch(() => []);
  const [peerHost] = addresses;
  if (peerHost === undefined) {
    return { host, addresses, options: undefined, registration: undefined };
  }
  const peer = await startUserAgent({ ...parts, logger: silentLogger, peerHost }).catch(
    () => undefined,
  );
  if (peer === undefined) {
    return { host, addresses, options: "notSent", registration: undefined };
  }
  try {
    const ask = async (request: OutboundRequest | undefined) =>
      request === undefined ? undefined : await statusOf(() => peer.signaling.request(request));
    const [options, registration] = await Promise.all([
      ask(optionsFor(trunk)),
      ask(queryFor(trunk, parts.random)),
    ]);
    return { host, addresses, options, registration };
  } finally {
    await peer.close();
  }
}

/** A name without a port is a service first (RFC 3263 "Selecting a Transport Protocol" and "Determining Port and IP Address"). */
async function placesOf(
  host: string,
  { port, transport }: Pick<Trunk, "port" | "transport">,
): Promise<readonly string[]> {
  if (isIpAddress(host)) {
    return [host];
  }
  const services =
    port === undefined ? await systemDns.services(`${SERVICES[transport]}.${host}`) : [];
  const names = services.length === 0 ? [host] : services.map(({ name }) => name);
  const found = await Promise.all(names.map((name) => systemDns.addresses(name)));
  return found.flat().map(({ address }) => address);
}

async function statusOf(ask: () => Promise<{ readonly status: number }>): Promise<ProbeAnswer> {
  try {
    return (await ask()).status;
  } catch (error) {
    const isTimeout = error instanceof GatewayError && error.details["timeoutMs"] !== undefined;
    return codeOf(error) === "SIP_REQUEST_FAILED" && isTimeout ? "silence" : "notSent";
  }
}

function optionsFor(trunk: Trunk): OutboundRequest | undefined {
  const uri = trunkUri(trunk);
  return uri === undefined ? undefined : { method: "OPTIONS", uri, timeoutMs: ANSWER_MS };
}

/** Without a Contact it asks for the bindings there are (RFC 3261 "Fetching Bindings"). */
function queryFor(trunk: Trunk, random: Random): OutboundRequest | undefined {
  const addresses = registrationAddresses(trunk);
  if (addresses === undefined) {
    return undefined;
  }
  const { registrarUri, addressOfRecord } = addresses;
  return {
    method: "REGISTER",
    uri: registrarUri,
    headers: { From: `<${addressOfRecord}>`, To: `<${addressOfRecord}>` },
    callId: random.uuid(),
    sequence: 1,
    credentials: trunk.digest.outbound,
    timeoutMs: ANSWER_MS,
  };
}
