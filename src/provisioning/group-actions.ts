/** What the steps of a group ask of the service. */
import { GatewayError } from "../core/errors.ts";
import { DISTRIBUTION_OF } from "./chime-client.ts";
import { knownConnector } from "./connector-actions.ts";
import { isMissing } from "./paced-calls.ts";
import type { RunState } from "./trunk-executor.ts";
import type { TrunkStep } from "./trunk-plan.ts";
import { ownName } from "./trunk-wish.ts";
import { listGroups } from "./voice-connector-account.ts";

/** Steps that concern one group. */
export type GroupStep = Extract<
  TrunkStep,
  { readonly kind: "createGroup" | "updateGroup" | "deleteGroup" }
>;

/** @throws GatewayError PROVISION_REFUSED, PROVISION_UNREACHABLE. */
export async function runGroupStep(step: GroupStep, state: RunState): Promise<void> {
  switch (step.kind) {
    case "createGroup":
      return create(step.key, state);
    case "updateGroup":
      return update(step.key, state);
    case "deleteGroup":
      return remove(step.id, state);
  }
}

function shapeOf(key: string, state: RunState) {
  const wish = state.provision.groups.find((group) => group.key === key);
  if (wish === undefined) {
    throw new Error(`no group ${key} in the provision`);
  }
  return {
    Name: ownName(state.provision.deployment, { kind: "group", key }),
    CallDistributionType: DISTRIBUTION_OF[wish.distribution],
    VoiceConnectorItems: wish.connectors.map(({ connector, priority }) => ({
      VoiceConnectorId: knownConnector(connector, state).id,
      Priority: priority,
    })),
  };
}

/** Made once: where the answer is lost, it is looked for by its name before it is made again. */
async function create(key: string, state: RunState): Promise<void> {
  const { source, groups } = state;
  const shape = shapeOf(key, state);
  const id = await source.calls.call(
    "CreateVoiceConnectorGroup",
    async () => {
      const answer = await source.client.createVoiceConnectorGroup(shape);
      return answer.VoiceConnectorGroup?.VoiceConnectorGroupId;
    },
    {
      alreadyDone: async () =>
        (await listGroups(source)).groups.find((group) => group.key === key)?.id,
    },
  );
  if (id === undefined) {
    const reason = "the answer names no group";
    throw new GatewayError("PROVISION_REFUSED", { operation: "CreateVoiceConnectorGroup", reason });
  }
  groups.set(key, id);
}

async function update(key: string, state: RunState): Promise<void> {
  const { client, calls } = state.source;
  const VoiceConnectorGroupId = state.groups.get(key);
  const shape = shapeOf(key, state);
  await calls.call("UpdateVoiceConnectorGroup", () =>
    client.updateVoiceConnectorGroup({ VoiceConnectorGroupId, ...shape }),
  );
}

/** What is gone already is as it shall be. */
async function remove(id: string, { source: { client, calls } }: RunState): Promise<void> {
  try {
    await calls.call("DeleteVoiceConnectorGroup", () =>
      client.deleteVoiceConnectorGroup({ VoiceConnectorGroupId: id }),
    );
  } catch (error) {
    if (!isMissing(error)) {
      throw error;
    }
  }
}
