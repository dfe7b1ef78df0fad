/**
 * Where Amazon Chime SDK Voice Connectors send signalling and media from, by AWS region.
 *
 * Source: Amazon Chime SDK Administrator Guide, "Network configuration and bandwidth requirements", section
 * "Amazon Chime SDK Voice Connectors" (https://docs.aws.amazon.com/chime-sdk/latest/ag/network-config.html), autumn 2026.
 */

const REGIONS = {
  "us-east-1": ["3.80.16.0/23", "2600:f0f0:c040::/48"],
  "us-west-2": ["99.77.253.0/24", "2600:f0f0:c041::/48"],
  "ca-central-1": ["99.77.233.0/24", "2600:f0f0:c042::/48"],
  "eu-west-1": ["99.77.250.0/24", "2600:f0f0:c043::/48"],
  "eu-central-1": ["99.77.247.0/24", "2600:f0f0:c044::/48"],
  "eu-west-2": ["99.77.249.0/24", "2600:f0f0:c045::/48"],
  "ap-northeast-2": ["99.77.242.0/24", "2600:f0f0:c046::/48"],
  "ap-northeast-1": ["99.77.244.0/24", "2600:f0f0:c047::/48"],
  "ap-southeast-1": ["99.77.240.0/24", "2600:f0f0:c048::/48"],
  "ap-southeast-2": ["99.77.239.0/24", "2600:f0f0:c049::/48"],
} as const;

/** Name in `networks` of a trunk → the networks it stands for. */
export const BUILT_IN_NETWORKS: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries(REGIONS).map(([region, networks]) => [`voice-connector:${region}`, networks]),
);
