/** Reads what an account has: connectors by our tags, groups and numbers by our names, and how many are of others. */
import type { ChimeSDKVoice, VoiceConnector } from "@aws-sdk/client-chime-sdk-voice";
import { listNumbers } from "./account-numbers.ts";
import {
  DISTRIBUTION_OF,
  INTEGRATION_OF,
  keyOf,
  NETWORK_OF,
  originationFrom,
  streamingFrom,
  terminationFrom,
} from "./chime-client.ts";
import type { PacedCalls } from "./paced-calls.ts";
import { allPages, orMissing } from "./paced-lists.ts";
import type { Account, AccountConnector, AccountGroup } from "./trunk-account.ts";
import { DEPLOYMENT_TAG, KEY_TAG, ownName, PASSWORDS_TAG } from "./trunk-wish.ts";

/** Who is asked. */
export interface AccountSource {
  readonly client: ChimeSDKVoice;
  readonly calls: PacedCalls;
  readonly deployment: string;
}

/** A connector as the service lists it, and its tags. */
interface Tagged {
  readonly connector: VoiceConnector;
  readonly tags: Readonly<Record<string, string>>;
}

/** @throws GatewayError PROVISION_REFUSED, PROVISION_UNREACHABLE. */
export async function readAccount(source: AccountSource): Promise<Account> {
  const tagged = await listTagged(source);
  // Both tags: what only looks like ours is left alone.
  const isOurs = ({ tags }: Tagged): boolean =>
    tags[DEPLOYMENT_TAG] === source.deployment && (tags[KEY_TAG] ?? "") !== "";
  const otherConnectors: Record<string, number> = {};
  for (const { connector } of tagged.filter((each) => !isOurs(each))) {
    const region = connector.AwsRegion ?? "";
    otherConnectors[region] = (otherConnectors[region] ?? 0) + 1;
  }
  const connectors: AccountConnector[] = [];
  for (const each of tagged.filter(isOurs)) {
    connectors.push(await readConnector(each, source));
  }
  const { groups, otherGroups } = await listGroups(source);
  return { connectors, groups, numbers: await listNumbers(source), otherConnectors, otherGroups };
}

/** The connector of ours with a key, if it is there: what a creation whose answer was lost has made. */
export async function findConnector(
  key: string,
  source: AccountSource,
): Promise<VoiceConnector | undefined> {
  const tagged = await listTagged(source);
  return tagged.find(
    ({ tags }) => tags[DEPLOYMENT_TAG] === source.deployment && tags[KEY_TAG] === key,
  )?.connector;
}

/** The groups of this deployment, and how many others there are. */
export async function listGroups({
  client,
  calls,
  deployment,
}: AccountSource): Promise<{ groups: readonly AccountGroup[]; otherGroups: number }> {
  const all = await allPages((NextToken) =>
    calls.call("ListVoiceConnectorGroups", async () => {
      const page = await client.listVoiceConnectorGroups({ ...NextToken, MaxResults: 99 });
      return { items: page.VoiceConnectorGroups, next: page.NextToken };
    }),
  );
  const prefix = ownName(deployment, { kind: "group", key: "" });
  const ours = all.filter(({ Name }) => Name?.startsWith(prefix) === true);
  const groups = ours.map(
    ({ VoiceConnectorGroupId, Name, VoiceConnectorItems, CallDistributionType }) => ({
      id: VoiceConnectorGroupId ?? "",
      key: (Name ?? "").slice(prefix.length),
      connectors: (VoiceConnectorItems ?? []).map(({ VoiceConnectorId, Priority }) => ({
        connectorId: VoiceConnectorId ?? "",
        priority: Priority ?? 1,
      })),
      distribution: keyOf(DISTRIBUTION_OF, CallDistributionType, "priority"),
    }),
  );
  return { groups, otherGroups: all.length - ours.length };
}

async function listTagged({ client, calls }: AccountSource): Promise<readonly Tagged[]> {
  const connectors = await allPages((NextToken) =>
    calls.call("ListVoiceConnectors", async () => {
      const page = await client.listVoiceConnectors({ ...NextToken, MaxResults: 99 });
      return { items: page.VoiceConnectors, next: page.NextToken };
    }),
  );
  const tagged: Tagged[] = [];
  for (const connector of connectors) {
    const ResourceARN = connector.VoiceConnectorArn;
    const found = await orMissing(
      calls.call("ListTagsForResource", () => client.listTagsForResource({ ResourceARN })),
    );
    const tags = (found?.Tags ?? []).map(({ Key, Value }) => [Key ?? "", Value ?? ""] as const);
    tagged.push({ connector, tags: Object.fromEntries(tags) });
  }
  return tagged;
}

/** A setting that was never made is not found. */
async function readConnector(
  { connector, tags }: Tagged,
  { client, calls }: AccountSource,
): Promise<AccountConnector> {
  const VoiceConnectorId = connector.VoiceConnectorId ?? "";
  const id = { VoiceConnectorId };
  const get = <T>(what: string, send: () => Promise<T>): Promise<T | undefined> =>
    orMissing(calls.call(`GetVoiceConnector${what}`, send));
  const origination = await get("Origination", () => client.getVoiceConnectorOrigination(id));
  const termination = await get("Termination", () => client.getVoiceConnectorTermination(id));
  const credentials = await orMissing(
    calls.call("ListVoiceConnectorTerminationCredentials", () =>
      client.listVoiceConnectorTerminationCredentials(id),
    ),
  );
  const logging = await get("LoggingConfiguration", () =>
    client.getVoiceConnectorLoggingConfiguration(id),
  );
  const streaming = await get("StreamingConfiguration", () =>
    client.getVoiceConnectorStreamingConfiguration(id),
  );
  const systems = await get("ExternalSystemsConfiguration", () =>
    client.getVoiceConnectorExternalSystemsConfiguration(id),
  );
  const external = systems?.ExternalSystemsConfiguration;
  return {
    id: VoiceConnectorId,
    arn: connector.VoiceConnectorArn ?? "",
    key: tags[KEY_TAG] ?? "",
    name: connector.Name ?? "",
    region: connector.AwsRegion ?? "",
    kind: keyOf(INTEGRATION_OF, connector.IntegrationType, "phone"),
    network: keyOf(NETWORK_OF, connector.NetworkType, "ipv4"),
    encryption: connector.RequireEncryption ?? false,
    hostName: connector.OutboundHostName ?? "",
    origination: map(origination?.Origination, originationFrom),
    termination: map(termination?.Termination, terminationFrom),
    usernames: credentials?.Usernames ?? [],
    passwordsMark: tags[PASSWORDS_TAG],
    logging: {
      sip: logging?.LoggingConfiguration?.EnableSIPLogs ?? false,
      media: logging?.LoggingConfiguration?.EnableMediaMetricLogs ?? false,
    },
    streaming: map(streaming?.StreamingConfiguration, streamingFrom),
    externalSystems: map(external, (value) => ({
      borderControllers: value.SessionBorderControllerTypes ?? [],
      contactCenters: value.ContactCenterSystemTypes ?? [],
    })),
    tags,
  };
}

function map<A, B>(value: A | undefined, change: (value: A) => B): B | undefined {
  return value === undefined ? undefined : change(value);
}
