/** What security groups of EC2 let in. */
import { DescribeSecurityGroupsCommand, EC2Client, type IpPermission } from "@aws-sdk/client-ec2";
import type { AwsAccess } from "../core/aws-access.ts";
import { type AwsTrouble, awsTrouble } from "./aws-trouble.ts";
import { lookingClientOptions } from "./doctor-client.ts";

/** One rule for what comes in. */
export interface IngressRule {
  readonly protocol: "udp" | "tcp" | "any";
  readonly minPort: number;
  readonly maxPort: number;
  /** IPv4 and IPv6, as AWS writes them. */
  readonly networks: readonly string[];
}

/** What was found. */
export type SecurityGroupFinding =
  | { readonly kind: "known"; readonly rules: readonly IngressRule[] }
  | { readonly kind: "trouble"; readonly trouble: AwsTrouble };

/** The rules of all these groups together, as an instance that has them all is reached. Never rejects. */
export async function askSecurityGroups(
  access: AwsAccess,
  { ids, signal }: { readonly ids: readonly string[]; readonly signal: AbortSignal },
): Promise<SecurityGroupFinding> {
  const client = new EC2Client(lookingClientOptions(access));
  try {
    const command = new DescribeSecurityGroupsCommand({ GroupIds: [...ids] });
    const answer = await client.send(command, { abortSignal: signal });
    const permissions = (answer.SecurityGroups ?? []).flatMap((group) => group.IpPermissions ?? []);
    return { kind: "known", rules: permissions.flatMap(ruleOf) };
  } catch (error) {
    return { kind: "trouble", trouble: awsTrouble(error) };
  } finally {
    client.destroy();
  }
}

const PROTOCOLS: Readonly<Record<string, IngressRule["protocol"]>> = {
  "-1": "any",
  udp: "udp",
  "17": "udp",
  tcp: "tcp",
  "6": "tcp",
};

/** ICMP and the like bring no calls. Without ports all are meant. */
function ruleOf(permission: IpPermission): readonly IngressRule[] {
  const protocol = PROTOCOLS[permission.IpProtocol ?? ""];
  if (protocol === undefined) {
    return [];
  }
  const networks = [
    ...(permission.IpRanges ?? []).flatMap(({ CidrIp }) => CidrIp ?? []),
    ...(permission.Ipv6Ranges ?? []).flatMap(({ CidrIpv6 }) => CidrIpv6 ?? []),
  ];
  const isAll = protocol === "any";
  const minPort = isAll ? 0 : (permission.FromPort ?? 0);
  const maxPort = isAll ? 65_535 : (permission.ToPort ?? 65_535);
  return [{ protocol, minPort, maxPort, networks }];
}
