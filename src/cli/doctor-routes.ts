/** What the doctor says of the hosts that Voice Connectors call: their names, their addresses, and what SIP and SDP say instead. */
import type { Config } from "../app/config.ts";
import { BUILT_IN_NETWORKS } from "../app/voice-connector-networks.ts";
import { isIpAddress, isIpv4 } from "../core/ip-address.ts";
import { addressBytes, isInNetwork, parseNetwork } from "../core/network.ts";
import { isPublicAddress } from "../core/public-address.ts";
import type { ConnectorWish, Provision, RouteWish } from "../provisioning/trunk-wish.ts";
import type { Check } from "./doctor-checks.ts";
import type { Machine } from "./machine.ts";
import type { ResolvedHost } from "./machine-limits.ts";

type Trouble = Pick<Check, "level" | "finding" | "advice">;

/** What a route is compared with. */
interface RouteWorld {
  readonly config: Config;
  readonly machine: Machine;
  readonly file: string;
}

/** Every route of every connector that calls us; nothing is asked of AWS. */
export async function routeChecks(
  provision: Provision,
  config: Config,
  machine: Machine,
): Promise<readonly Check[]> {
  const world = { config, machine, file: config.trunks };
  const checks = await Promise.all(
    provision.connectors.map(async (connector): Promise<readonly Check[]> => {
      const { origination } = connector;
      const routes = origination?.disabled === false ? origination.routes : [];
      const found = await Promise.all(routes.map((route) => routeCheck(connector, route, world)));
      return [...found.flat(), ...(await callerCheck(connector, world))];
    }),
  );
  return checks.flat();
}

async function routeCheck(
  connector: ConnectorWish,
  route: RouteWish,
  world: RouteWorld,
): Promise<readonly Check[]> {
  const { host } = route;
  const name = `route of ${connector.key} to ${host}`;
  const resolved = isIpAddress(host) ? literal(host) : await world.machine.resolve(host);
  if (resolved === undefined) {
    const finding = "the DNS of this machine gives no answer, so where AWS calls is not known";
    const advice = "look at /etc/resolv.conf, and for a way to the DNS";
    return [{ name, level: "warn", finding, advice }];
  }
  const troubles = [
    ...hostTroubles(connector, resolved, { ...world, host }),
    ...(await addressTroubles(connector, resolved, world)),
    ...portTroubles(connector, route, world.config),
  ];
  const where = [...resolved.ipv4, ...resolved.ipv6].join(", ");
  return troubles.length > 0
    ? troubles.map((trouble) => ({ name, ...trouble }))
    : [{ name, level: "ok", finding: `${where}, port ${route.port}` }];
}

function literal(host: string): ResolvedHost {
  return isIpv4(host) ? { ipv4: [host], ipv6: [] } : { ipv4: [], ipv6: [host] };
}

/** A dual-stack connector calls by IPv6 as soon as the host has it, an IPv4 one never does. */
function hostTroubles(
  { network }: ConnectorWish,
  { ipv4, ipv6 }: ResolvedHost,
  { config, file, host }: RouteWorld & { readonly host: string },
): readonly Trouble[] {
  if (ipv4.length === 0 && ipv6.length === 0) {
    const finding = "the name is not known, so AWS has nowhere to call";
    const advice = `make an A record for ${host}, or correct host in ${file}`;
    return [{ level: "fail", finding, advice }];
  }
  const hidden = [...ipv4, ...ipv6].filter((address) => !isPublicAddress(address));
  if (hidden.length > 0) {
    const finding = `${hidden.join(", ")} cannot be reached from the internet, and AWS calls from there`;
    const advice = `give ${host} the public address of this gateway, in the DNS that the world sees`;
    return [{ level: "fail", finding, advice }];
  }
  if (network === "ipv4" && ipv4.length === 0) {
    const finding = "it has IPv6 only, and a connector with network: ipv4 never calls by IPv6";
    const advice = `make an A record for ${host}; network cannot be changed afterwards`;
    return [{ level: "fail", finding, advice }];
  }
  const isSix = network === "dualStack" && ipv6.length > 0;
  if (isSix && isIpv4(config.sip.host)) {
    const finding = `it has an AAAA record, so a dual-stack connector calls by IPv6, but SIP is bound to ${config.sip.host}`;
    const advice = `set sip.host to "::", or remove the AAAA record of ${host}`;
    return [{ level: "fail", finding, advice }];
  }
  return [];
}

/** What SIP and SDP name has to be what the name leads to: answers and audio go there. */
async function addressTroubles(
  { region, network }: ConnectorWish,
  { ipv4, ipv6 }: ResolvedHost,
  { config, machine }: RouteWorld,
): Promise<readonly Trouble[]> {
  const isSix = network === "dualStack" && ipv6.length > 0;
  // A name that leads nowhere public was told as such.
  const known = (isSix ? ipv6 : ipv4).filter(isPublicAddress);
  const peer = peerOf(region, isSix);
  if (known.length === 0 || peer === undefined) {
    return [];
  }
  const told = await machine.addressesTowards(config, peer);
  const parts = [
    { part: "SDP", field: "media.advertise", address: told.media, harm: "callers hear nothing" },
    {
      part: "SIP",
      field: "sip.advertise",
      address: told.sip,
      harm: "later requests of a call get lost",
    },
  ];
  const public_ = known.join(", ");
  return parts.flatMap(({ part, field, address, harm }): readonly Trouble[] => {
    if (known.includes(address)) {
      return [];
    }
    const isReachable = isPublicAddress(address);
    const finding = isReachable
      ? `the name leads to ${public_}, but ${part} names ${address}: with several gateways behind one name that is right, otherwise ${harm}`
      : `${part} names ${address}, which AWS cannot reach: ${harm}`;
    const advice = `set ${field === "media.advertise" ? "sip.advertise (or media.advertise)" : field} to the public address of this gateway, as a rule ${known[0]}`;
    return [{ level: isReachable ? "warn" : "fail", finding, advice }];
  });
}

/** Any address that the connectors of a region send from. */
function peerOf(region: string, isSix: boolean): string | undefined {
  const networks = BUILT_IN_NETWORKS.get(`voice-connector:${region}`) ?? [];
  return networks.find((text) => text.includes(":") === isSix)?.split("/")[0];
}

function portTroubles(
  { encryption }: ConnectorWish,
  { port }: RouteWish,
  { sip }: Config,
): readonly Trouble[] {
  const bound = encryption ? sip.tls?.port : sip.port;
  const field = encryption ? "sip.tls.port" : "sip.port";
  return bound === undefined || bound === port || sip.drachtio !== "embedded"
    ? []
    : [
        {
          level: "warn",
          finding: `AWS calls port ${port}, ${field} is ${bound}: unless something in between maps them, no call gets here`,
          advice: `set ${field} to ${port}, or port of the route to ${bound}`,
        },
      ];
}

/** Calls of ours come from an address that the connector has to allow. */
async function callerCheck(
  { key, region, termination, credentials }: ConnectorWish,
  { config, machine, file }: RouteWorld,
): Promise<readonly Check[]> {
  const peer = peerOf(region, false);
  const networks = (termination?.networks ?? []).flatMap((text) => parseNetwork(text) ?? []);
  if (peer === undefined || networks.length === 0 || termination?.disabled === true) {
    return [];
  }
  const { sip: address } = await machine.addressesTowards(config, peer);
  const bytes = addressBytes(address);
  const isPublic = isPublicAddress(address);
  if (!isPublic || bytes === undefined || networks.some((each) => isInNetwork(each, bytes))) {
    return [];
  }
  const rest = credentials.length > 0 ? ", unless the password is enough" : "";
  return [
    {
      name: `calls to ${key}`,
      level: "warn",
      finding: `they come from ${address}, which termination does not allow: AWS answers 403${rest}`,
      advice: `add ${address}/32 to termination.networks of ${key} in ${file}, then npx trunkline trunks apply`,
    },
  ];
}
