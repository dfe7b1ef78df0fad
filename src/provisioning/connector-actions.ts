/** What the steps of a connector ask of the service. */
import type { VoiceConnector } from "@aws-sdk/client-chime-sdk-voice";
import { GatewayError } from "../core/errors.ts";
import { INTEGRATION_OF, NETWORK_OF } from "./chime-client.ts";
import { deleteSetting, putSetting } from "./connector-settings.ts";
import { isMissing } from "./paced-calls.ts";
import { passwordsMark, SALT_BYTES } from "./password-mark.ts";
import { tagsOf } from "./plan-connectors.ts";
import type { KnownConnector, RunState } from "./trunk-executor.ts";
import { type TrunkStep, wishOf } from "./trunk-plan.ts";
import { PASSWORDS_TAG } from "./trunk-wish.ts";
import { findConnector } from "./voice-connector-account.ts";

/** Steps that concern one connector. */
export type ConnectorStep = Extract<
  TrunkStep,
  {
    readonly kind:
      | "createConnector"
      | "updateConnector"
      | "tagConnector"
      | "putSetting"
      | "deleteSetting"
      | "putPasswords"
      | "deletePasswords"
      | "deleteConnector";
  }
>;

/** @throws GatewayError PROVISION_REFUSED, PROVISION_UNREACHABLE. */
export async function runConnectorStep(step: ConnectorStep, state: RunState): Promise<void> {
  switch (step.kind) {
    case "createConnector":
      return create(step.key, state);
    case "updateConnector":
      return update(step.key, state);
    case "tagConnector":
      return tag(knownConnector(step.key, state), step.tags, state);
    case "putSetting":
      return putSetting(
        wishOf(state.provision, step.key),
        step.setting,
        connectorTarget(step.key, state),
      );
    case "deleteSetting":
      return deleteSetting(step.setting, connectorTarget(step.key, state));
    case "putPasswords":
      return putPasswords(step.key, state);
    case "deletePasswords":
      return deletePasswords(step, state);
    case "deleteConnector":
      return remove(step.id, state);
  }
}

/** The connector of a key, made before or in this run. */
export function knownConnector(key: string, { connectors }: RunState): KnownConnector {
  const known = connectors.get(key);
  if (known === undefined) {
    throw new Error(`no connector ${key} in this run`);
  }
  return known;
}

/** Where the settings of a connector go. */
function connectorTarget(key: string, state: RunState) {
  const { id, isFresh } = knownConnector(key, state);
  return { ...state.source, id, isFresh };
}

/** Made once: where the answer is lost, it is looked for by its tags before it is made again. */
async function create(key: string, state: RunState): Promise<void> {
  const { source, provision, connectors } = state;
  const wish = wishOf(provision, key);
  const IntegrationType = INTEGRATION_OF[wish.kind];
  const Tags = Object.entries(tagsOf(wish, provision.deployment)).map(([Key, Value]) => ({
    Key,
    Value,
  }));
  const made = await source.calls.call(
    "CreateVoiceConnector",
    async (): Promise<VoiceConnector | undefined> => {
      const answer = await source.client.createVoiceConnector({
        Name: wish.name,
        RequireEncryption: wish.encryption,
        AwsRegion: wish.region as VoiceConnector["AwsRegion"],
        NetworkType: NETWORK_OF[wish.network],
        ...(IntegrationType === undefined ? {} : { IntegrationType }),
        Tags,
      });
      return answer.VoiceConnector;
    },
    { alreadyDone: () => findConnector(key, source) },
  );
  const { VoiceConnectorId: id, VoiceConnectorArn: arn } = made ?? {};
  if (id === undefined || arn === undefined) {
    const reason = "the answer names no connector";
    throw new GatewayError("PROVISION_REFUSED", { operation: "CreateVoiceConnector", reason });
  }
  connectors.set(key, { id, arn, isFresh: true });
}

async function update(key: string, state: RunState): Promise<void> {
  const { client, calls } = state.source;
  const { name, encryption } = wishOf(state.provision, key);
  const VoiceConnectorId = knownConnector(key, state).id;
  await calls.call("UpdateVoiceConnector", () =>
    client.updateVoiceConnector({ VoiceConnectorId, Name: name, RequireEncryption: encryption }),
  );
}

async function tag(
  { arn, isFresh }: KnownConnector,
  tags: Readonly<Record<string, string>>,
  { source: { client, calls } }: RunState,
): Promise<void> {
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  await calls.call("TagResource", () => client.tagResource({ ResourceARN: arn, Tags }), {
    isFresh,
  });
}

/** First the passwords, then their fingerprint: a cut in between has them put once more. */
async function putPasswords(key: string, state: RunState): Promise<void> {
  const { source, provision, random } = state;
  const known = knownConnector(key, state);
  const { credentials } = wishOf(provision, key);
  const Credentials = credentials.map(({ username, password }) => ({
    Username: username,
    Password: password,
  }));
  await source.calls.call(
    "PutVoiceConnectorTerminationCredentials",
    () =>
      source.client.putVoiceConnectorTerminationCredentials({
        VoiceConnectorId: known.id,
        Credentials,
      }),
    { isFresh: known.isFresh },
  );
  const mark = passwordsMark(credentials, random.hex(SALT_BYTES));
  await tag(known, { [PASSWORDS_TAG]: mark }, state);
}

async function deletePasswords(
  { key, usernames }: Extract<ConnectorStep, { kind: "deletePasswords" }>,
  state: RunState,
): Promise<void> {
  const { client, calls } = state.source;
  const VoiceConnectorId = knownConnector(key, state).id;
  await calls.call("DeleteVoiceConnectorTerminationCredentials", () =>
    client.deleteVoiceConnectorTerminationCredentials({
      VoiceConnectorId,
      Usernames: [...usernames],
    }),
  );
}

/** What is gone already is as it shall be. */
async function remove(id: string, { source: { client, calls } }: RunState): Promise<void> {
  try {
    await calls.call("DeleteVoiceConnector", () =>
      client.deleteVoiceConnector({ VoiceConnectorId: id }),
    );
  } catch (error) {
    if (!isMissing(error)) {
      throw error;
    }
  }
}
