/** The client of Amazon Chime SDK Voice, and how its words become ours. */
import {
  type CallDistributionType,
  ChimeSDKVoice,
  type NetworkType,
  type NotificationTarget,
  type Origination,
  type StreamingConfiguration,
  type Termination,
  type VoiceConnectorIntegrationType,
} from "@aws-sdk/client-chime-sdk-voice";
import { type AwsAccess, awsClientOptions } from "../core/aws-access.ts";
import type {
  ConnectorKind,
  ConnectorNetwork,
  GroupDistribution,
  OriginationWish,
  StreamingWish,
  TerminationWish,
} from "./trunk-wish.ts";

const CONNECTION_LIMIT_MS = 5000;
const REQUEST_LIMIT_MS = 20_000;

/** A client that repeats nothing by itself: that is decided where it is known what a repetition means. */
export function chimeClient(access: AwsAccess): ChimeSDKVoice {
  return new ChimeSDKVoice({
    ...awsClientOptions(access),
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: CONNECTION_LIMIT_MS,
      requestTimeout: REQUEST_LIMIT_MS,
      throwOnRequestTimeout: true,
    },
  });
}

/** Absent: the public network. */
export const INTEGRATION_OF: Readonly<
  Record<ConnectorKind, VoiceConnectorIntegrationType | undefined>
> = {
  phone: undefined,
  callTransfer: "CONNECT_CALL_TRANSFER_CONNECTOR",
  analytics: "CONNECT_ANALYTICS_CONNECTOR",
};

/** Ours → the service's. */
export const NETWORK_OF: Readonly<Record<ConnectorNetwork, NetworkType>> = {
  ipv4: "IPV4_ONLY",
  dualStack: "DUAL_STACK",
};

/** Ours → the service's. */
export const DISTRIBUTION_OF: Readonly<Record<GroupDistribution, CallDistributionType>> = {
  priority: "PriorityWeightedDistribution",
  balanced: "LoadBalancedDistribution",
};

const TARGET_OF: Readonly<Record<StreamingWish["notify"][number], NotificationTarget>> = {
  eventBridge: "EventBridge",
  sns: "SNS",
  sqs: "SQS",
};

/** The key of a value; the first one where the service has a value that we do not know. */
export function keyOf<K extends string, V>(
  table: Readonly<Record<K, V>>,
  value: V | undefined,
  otherwise: K,
): K {
  const keys = Object.keys(table) as K[];
  return keys.find((key) => table[key] === value) ?? otherwise;
}

/** Ours → the service's. */
export function originationOf({ disabled, routes }: OriginationWish): Origination {
  return {
    Disabled: disabled,
    Routes: routes.map(({ host, port, transport, priority, weight }) => ({
      Host: host,
      Port: port,
      Protocol: transport === "tcp" ? "TCP" : "UDP",
      Priority: priority,
      Weight: weight,
    })),
  };
}

/** The service's → ours; what it leaves out has its documented default. */
export function originationFrom({ Disabled, Routes }: Origination): OriginationWish {
  return {
    disabled: Disabled ?? false,
    routes: (Routes ?? []).map(({ Host, Port, Protocol, Priority, Weight }) => ({
      host: Host ?? "",
      port: Port ?? 5060,
      transport: Protocol === "UDP" ? "udp" : "tcp",
      priority: Priority ?? 1,
      weight: Weight ?? 1,
    })),
  };
}

/** Ours → the service's. */
export function terminationOf(wish: TerminationWish): Termination {
  const { disabled, networks, callsPerSecond, countries, defaultNumber } = wish;
  return {
    Disabled: disabled,
    CpsLimit: callsPerSecond,
    CallingRegions: [...countries],
    CidrAllowedList: networks.map((text) => (text.includes("/") ? text : `${text}/32`)),
    ...(defaultNumber === undefined ? {} : { DefaultPhoneNumber: defaultNumber }),
  };
}

/** The service's → ours. */
export function terminationFrom(termination: Termination): TerminationWish {
  const { Disabled, CpsLimit, CallingRegions, CidrAllowedList, DefaultPhoneNumber } = termination;
  return {
    disabled: Disabled ?? false,
    networks: CidrAllowedList ?? [],
    callsPerSecond: CpsLimit ?? 1,
    countries: CallingRegions ?? [],
    defaultNumber: DefaultPhoneNumber === "" ? undefined : DefaultPhoneNumber,
  };
}

/** Ours → the service's. */
export function streamingOf(wish: StreamingWish): StreamingConfiguration {
  const { disabled, retentionHours, notify, analytics } = wish;
  return {
    Disabled: disabled,
    DataRetentionInHours: retentionHours,
    ...(notify.length === 0
      ? {}
      : {
          StreamingNotificationTargets: notify.map((target) => ({
            NotificationTarget: TARGET_OF[target],
          })),
        }),
    ...(analytics === undefined
      ? {}
      : {
          MediaInsightsConfiguration: {
            Disabled: analytics.disabled,
            ConfigurationArn: analytics.configuration,
          },
        }),
  };
}

/** The service's → ours. */
export function streamingFrom(configuration: StreamingConfiguration): StreamingWish {
  const insights = configuration.MediaInsightsConfiguration;
  const arn = insights?.ConfigurationArn;
  return {
    disabled: configuration.Disabled ?? false,
    retentionHours: configuration.DataRetentionInHours ?? 0,
    notify: (configuration.StreamingNotificationTargets ?? []).map(
      ({ NotificationTarget: target }) => keyOf(TARGET_OF, target, "eventBridge"),
    ),
    analytics:
      arn === undefined ? undefined : { disabled: insights?.Disabled ?? false, configuration: arn },
  };
}
