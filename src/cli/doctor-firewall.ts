/** What the doctor says of security groups: whether Voice Connectors get in, and who else does. */
import type { Config } from "../app/config.ts";
import { BUILT_IN_NETWORKS } from "../app/voice-connector-networks.ts";
import { isInNetwork, type Network, parseNetwork } from "../core/network.ts";
import type { IngressRule, SecurityGroupFinding } from "../provisioning/security-groups.ts";
import type { Provision } from "../provisioning/trunk-wish.ts";
import { type TroublePlace, troubleCheck } from "./doctor-aws-words.ts";
import type { Check } from "./doctor-checks.ts";

/** What has to come in, from one network. */
interface Need {
  readonly what: "SIP" | "media";
  readonly protocol: "udp" | "tcp";
  readonly minPort: number;
  readonly maxPort: number;
  readonly network: string;
}

/** What the rules are compared with. */
export interface FirewallWorld {
  readonly config: Config;
  readonly provision: Provision | undefined;
  readonly groups: readonly string[];
  readonly place: TroublePlace;
}

const NAME = "security groups";
const EVERYBODY: readonly string[] = ["0.0.0.0/0", "::/0"];

/** One finding for each thing that does not get in, with the command that lets it in. */
export function firewallChecks(
  finding: SecurityGroupFinding,
  world: FirewallWorld,
): readonly Check[] {
  const { groups, place } = world;
  if (finding.kind === "trouble") {
    const why = `the rules of ${groups.join(", ")} are not known (ec2:DescribeSecurityGroups)`;
    return [troubleCheck({ name: NAME, level: "warn", why }, finding.trouble, place)];
  }
  const { rules } = finding;
  const needs = needsOf(world);
  const shut = needs.filter((need) => !isLetIn(need, rules));
  const open = openCheck(rules, world);
  if (shut.length === 0 && open === undefined) {
    const text = `${groups.join(", ")} let Voice Connectors in`;
    return [
      { name: NAME, level: "ok", finding: needs.length === 0 ? "nothing has to come in" : text },
    ];
  }
  return [...shut.map((need) => shutCheck(need, groups)), ...(open === undefined ? [] : [open])];
}

/** The ports are those that the gateway binds: a security group stands before it, whatever routes say. */
function needsOf({ config, provision }: FirewallWorld): readonly Need[] {
  const { sip, media } = config;
  const called = (provision?.connectors ?? []).filter(
    ({ origination }) => origination?.disabled === false,
  );
  const needs = called.flatMap(({ region, network, encryption, origination }) => {
    const networks = (BUILT_IN_NETWORKS.get(`voice-connector:${region}`) ?? []).filter(
      (text) => network === "dualStack" || !text.includes(":"),
    );
    const port = encryption ? (sip.tls?.port ?? 5061) : sip.port;
    const transports = [...new Set(origination?.routes.map(({ transport }) => transport))];
    return networks.flatMap((text): readonly Need[] => [
      ...transports.map((protocol): Need => {
        return { what: "SIP", protocol, minPort: port, maxPort: port, network: text };
      }),
      {
        what: "media",
        protocol: "udp",
        minPort: media.ports.min,
        maxPort: media.ports.max,
        network: text,
      },
    ]);
  });
  return [...new Map(needs.map((need) => [JSON.stringify(need), need])).values()];
}

/** Several rules may let in a part of the ports each. */
function isLetIn({ protocol, minPort, maxPort, network }: Need, rules: readonly IngressRule[]) {
  const wanted = parseNetwork(network);
  const ranges = rules
    .filter((rule) => rule.protocol === protocol || rule.protocol === "any")
    .filter(({ networks }) => networks.some((text) => isWithin(wanted, parseNetwork(text))))
    .sort((one, other) => one.minPort - other.minPort);
  let next = minPort;
  for (const range of ranges) {
    if (range.minPort <= next) {
      next = Math.max(next, range.maxPort + 1);
    }
  }
  return next > maxPort;
}

function isWithin(inner: Network | undefined, outer: Network | undefined): boolean {
  return (
    inner !== undefined &&
    outer !== undefined &&
    inner.prefixBits >= outer.prefixBits &&
    isInNetwork(outer, inner.bytes)
  );
}

function shutCheck(need: Need, groups: readonly string[]): Check {
  const { what, protocol, minPort, maxPort, network } = need;
  const ports = minPort === maxPort ? `${minPort}` : `${minPort}-${maxPort}`;
  const harm = what === "SIP" ? "its calls do not get here" : "its callers are not heard";
  const range = network.includes(":")
    ? `--ip-permissions IpProtocol=${protocol},FromPort=${minPort},ToPort=${maxPort},Ipv6Ranges=[{CidrIpv6=${network}}]`
    : `--protocol ${protocol} --port ${ports} --cidr ${network}`;
  return {
    name: NAME,
    level: "fail",
    finding: `${what} on ${protocol.toUpperCase()} ${ports} is not let in from ${network}, a Voice Connector network: ${harm}`,
    advice: `aws ec2 authorize-security-group-ingress --group-id ${groups[0]} ${range}`,
  };
}

/** SIP that everybody reaches is tried out by everybody, even where the gateway refuses them. */
function openCheck(rules: readonly IngressRule[], { config }: FirewallWorld): Check | undefined {
  const { sip } = config;
  const ports = [sip.port, ...(sip.tls === undefined ? [] : [sip.tls.port])];
  const open = ports.filter((port) =>
    rules.some(
      ({ minPort, maxPort, networks }) =>
        minPort <= port && port <= maxPort && networks.some((text) => EVERYBODY.includes(text)),
    ),
  );
  return open.length === 0
    ? undefined
    : {
        name: NAME,
        level: "warn",
        finding: `SIP on ${open.join(", ")} is open to the whole internet: strangers try it day and night`,
        advice:
          "let in the networks of your trunks only; docs/connect-voice-connector.md lists them",
      };
}
