/** Tries every call that only reads and that provisioning needs, each once, so that all missing permissions are told together. */
import {
  ChimeSDKVoiceClient,
  GetVoiceConnectorCommand,
  ListPhoneNumberOrdersCommand,
  ListPhoneNumbersCommand,
  ListVoiceConnectorGroupsCommand,
  ListVoiceConnectorsCommand,
} from "@aws-sdk/client-chime-sdk-voice";
import {
  ConnectClient,
  GetContactAttributesCommand,
  ListApprovedOriginsCommand,
  ListContactFlowsCommand,
  ListFlowAssociationsCommand,
  ListInstanceStorageConfigsCommand,
  ListIntegrationAssociationsCommand,
  ListLambdaFunctionsCommand,
  ListPhoneNumbersV2Command,
  ListQueuesCommand,
} from "@aws-sdk/client-connect";
import type { AwsAccess } from "../core/aws-access.ts";
import { type AwsTrouble, awsTrouble } from "./aws-trouble.ts";
import { lookingClientOptions } from "./doctor-client.ts";

/** A call that does not work; `action` as policies write it: `chime:ListVoiceConnectors`. */
export interface RefusedCall {
  readonly action: string;
  readonly trouble: AwsTrouble;
}

type Attempt = readonly [operation: string, send: () => Promise<unknown>];

/** What a plan of trunks reads. Never rejects. */
export async function tryChimeReads(
  access: AwsAccess,
  signal: AbortSignal,
): Promise<readonly RefusedCall[]> {
  const client = new ChimeSDKVoiceClient(lookingClientOptions(access));
  const one = { MaxResults: 1 };
  const how = { abortSignal: signal };
  try {
    return await refusedOf("chime", [
      ["ListVoiceConnectors", () => client.send(new ListVoiceConnectorsCommand(one), how)],
      [
        "ListVoiceConnectorGroups",
        () => client.send(new ListVoiceConnectorGroupsCommand(one), how),
      ],
      ["ListPhoneNumbers", () => client.send(new ListPhoneNumbersCommand(one), how)],
      ["ListPhoneNumberOrders", () => client.send(new ListPhoneNumberOrdersCommand(one), how)],
    ]);
  } finally {
    client.destroy();
  }
}

/** Nobody has this contact: whoever may ask for it is told so. */
const NO_CONTACT = "00000000-0000-4000-8000-000000000000";

/** What the gateway asks of a contact, as far as that can be tried without one. Never rejects. */
export async function tryContactReads(
  access: AwsAccess,
  { instanceId, signal }: { readonly instanceId: string; readonly signal: AbortSignal },
): Promise<readonly RefusedCall[]> {
  const client = new ConnectClient(lookingClientOptions(access));
  const input = { InstanceId: instanceId, InitialContactId: NO_CONTACT };
  const how = { abortSignal: signal };
  try {
    const refused = await refusedOf("connect", [
      ["GetContactAttributes", () => client.send(new GetContactAttributesCommand(input), how)],
    ]);
    return refused.filter(({ trouble }) => trouble !== "missing" && trouble !== "failed");
  } finally {
    client.destroy();
  }
}

/** What a plan of contact flows reads. Never rejects. */
export async function tryConnectReads(
  access: AwsAccess,
  { instanceId, signal }: { readonly instanceId: string; readonly signal: AbortSignal },
): Promise<readonly RefusedCall[]> {
  const client = new ConnectClient(lookingClientOptions(access));
  const one = { InstanceId: instanceId, MaxResults: 1 };
  const how = { abortSignal: signal };
  const attached = { InstanceId: instanceId, ResourceType: "VOICE_PHONE_NUMBER" as const };
  const stored = { InstanceId: instanceId, ResourceType: "MEDIA_STREAMS" as const };
  try {
    return await refusedOf("connect", [
      ["ListContactFlows", () => client.send(new ListContactFlowsCommand(one), how)],
      ["ListQueues", () => client.send(new ListQueuesCommand(one), how)],
      ["ListPhoneNumbersV2", () => client.send(new ListPhoneNumbersV2Command(one), how)],
      ["ListFlowAssociations", () => client.send(new ListFlowAssociationsCommand(attached), how)],
      ["ListApprovedOrigins", () => client.send(new ListApprovedOriginsCommand(one), how)],
      [
        "ListIntegrationAssociations",
        () => client.send(new ListIntegrationAssociationsCommand(one), how),
      ],
      [
        "ListInstanceStorageConfigs",
        () => client.send(new ListInstanceStorageConfigsCommand(stored), how),
      ],
      ["ListLambdaFunctions", () => client.send(new ListLambdaFunctionsCommand(one), how)],
    ]);
  } finally {
    client.destroy();
  }
}

/** Those of some Voice Connectors, by id, that the account does not have. Never rejects. */
export async function missingConnectors(
  access: AwsAccess,
  { ids, signal }: { readonly ids: readonly string[]; readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const client = new ChimeSDKVoiceClient(lookingClientOptions(access));
  const how = { abortSignal: signal };
  try {
    const attempts = ids.map(
      (VoiceConnectorId): Attempt => [
        VoiceConnectorId,
        () => client.send(new GetVoiceConnectorCommand({ VoiceConnectorId }), how),
      ],
    );
    const refused = await refusedOf("vc", attempts);
    return refused
      .filter(({ trouble }) => trouble === "missing")
      .map(({ action }) => action.replace("vc:", ""));
  } finally {
    client.destroy();
  }
}

async function refusedOf(
  service: string,
  attempts: readonly Attempt[],
): Promise<readonly RefusedCall[]> {
  const refused: RefusedCall[] = [];
  // One after the other: Amazon Connect takes two of a kind in a second, and its burst is everybody's.
  for (const [operation, send] of attempts) {
    try {
      await send();
    } catch (error) {
      refused.push({ action: `${service}:${operation}`, trouble: awsTrouble(error) });
    }
  }
  return refused;
}
